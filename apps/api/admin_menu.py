"""The admin's menu, by what people look for rather than by table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar."""
    return [
        _group(_("Geral"), [(_("Início"), "dashboard", "index")], closed=False),
        _group(
            _("Pessoas e espaços"),
            [
                (_("Pessoas"), "person", "accounts_user"),
                (_("Espaços"), "workspaces", "accounts_workspace"),
                (_("Participações"), "group", "accounts_membership"),
                (_("Titulares"), "badge", "accounts_holder"),
                (_("Contas"), "account_balance_wallet", "brokers_account"),
            ],
            closed=False,
        ),
        _group(
            _("Cadastros"),
            [
                (_("Ativos"), "finance", "assets_asset"),
                (_("Instituições"), "account_balance", "brokers_institution"),
                (_("Eventos corporativos"), "call_split", "corporate_events_corporateevent"),
                (_("Bolsas"), "store", "assets_exchange"),
                (_("Feriados"), "event_busy", "assets_holiday"),
                (_("Moedas"), "payments", "assets_currency"),
            ],
            closed=False,
        ),
        _group(
            _("Mercado"),
            [
                (_("Fontes de dados"), "cloud_download", "market_data_datasource"),
                (_("Cotações"), "show_chart", "market_data_quote"),
                (_("Preços diários"), "candlestick_chart", "market_data_price"),
                (_("Câmbio"), "currency_exchange", "market_data_fxrate"),
                (_("Índices"), "percent", "market_data_indexvalue"),
                (_("Cobertura do histórico"), "date_range", "market_data_historycoverage"),
                (_("Estado do mercado"), "update", "market_data_marketstate"),
            ],
        ),
        _group(
            _("Impostos"),
            [
                (_("Regras fiscais"), "gavel", "taxes_taxrule"),
                (_("Escolhas dos titulares"), "tune", "taxes_holdertaxsettings"),
                (_("Aberturas"), "login", "taxes_taxopening"),
                (_("Fechamentos"), "lock", "taxes_monthclosing"),
                (_("Apurações"), "request_quote", "taxes_assessment"),
                (_("Apurações: cálculos"), "calculate", "taxes_assessmentbuild"),
                (_("Endereços secretos"), "link", "taxes_taxlink"),
                (_("Avisos de vencimento"), "notifications", "taxes_duenotice"),
            ],
        ),
        _group(
            _("Lançamentos (leitura)"),
            [
                (_("Todos"), "receipt_long", "ledger_transaction"),
                (_("Negócios"), "swap_horiz", "ledger_trade"),
                (_("Proventos"), "savings", "ledger_income"),
                (_("Caixa"), "attach_money", "ledger_cashmovement"),
                (_("Notas de corretagem"), "description", "ledger_brokeragenote"),
                (_("Carteiras"), "folder_open", "portfolios_portfolio"),
                (_("Etiquetas de ativos"), "sell", "portfolios_assettag"),
                (_("Importações"), "upload_file", "imports_batch"),
                (_("Linhas importadas"), "table_rows", "imports_line"),
                (_("Mapas de colunas"), "view_column", "imports_columnmapping"),
            ],
        ),
        _group(
            _("Calculados (leitura)"),
            [
                (_("Posições"), "pie_chart", "portfolios_position"),
                (_("Saldos em conta"), "account_balance_wallet", "portfolios_cashbalance"),
                (_("Cálculos"), "calculate", "portfolios_build"),
            ],
        ),
        _group(
            _("Sistema"),
            [
                (_("Parâmetros"), "tune", "common_setting"),
                (_("Tarefas das pessoas"), "notifications", "accounts_taskrun"),
                (_("Tarefas periódicas"), "schedule", "django_celery_beat_periodictask"),
                (_("Resultados do trabalhador"), "task", "django_celery_results_taskresult"),
                (_("Histórico"), "history", "pghistory_middlewareevents"),
            ],
        ),
    ]


def _group(title: str, items: list[tuple[str, str, str]], *, closed: bool = True) -> dict[str, Any]:
    return {
        "title": title,
        "separator": True,
        "collapsible": closed,
        "items": [
            {
                "title": text,
                "icon": icon,
                "link": reverse(f"admin:{name}" if name == "index" else f"admin:{name}_changelist"),
            }
            for text, icon, name in items
        ],
    }
