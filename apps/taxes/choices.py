"""A holder's choices as the engine takes them, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.engine.taxes.settings import SettingError, TaxSettings, choices

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ChoiceText:
    """A choice in words: its group, what it asks, why it is open."""

    group: str
    label: Text
    help: Text = ""


GROUPS: dict[str, Text] = {
    "b3": _("Bolsa"),
    "darf": _("DARF e calendário"),
    "abroad": _("Exterior"),
    "crypto": _("Criptoativos"),
    "income": _("Dividendos e JCP"),
    "fixed_income": _("Renda fixa"),
    "annual": _("Declaração anual"),
}

TEXTS: dict[str, ChoiceText] = {
    "estimate_irrf": ChoiceText(
        "b3",
        _("Estimar o IRRF que a nota não informa"),
        _("Sem isto, IRRF desconhecido não é compensado."),
    ),
    "daytrade_matching": ChoiceText(
        "b3",
        _("Casamento do day trade"),
        _("Pela ordem dos negócios quando as horas são conhecidas; pela média quando não são."),
    ),
    "fractional_same_asset": ChoiceText("b3", _("Lote fracionário é o mesmo ativo")),
    "daytrade_in_limit": ChoiceText(
        "b3",
        _("Vendas de day trade contam no limite de R$ 20 mil"),
        _("A leitura usual é que não contam; contar é o mais prudente."),
    ),
    "short_sales_in_limit": ChoiceText("b3", _("Vendas a descoberto contam no limite")),
    "short_gains_exempt": ChoiceText("b3", _("Ganho de venda a descoberto pode ser isento")),
    "limit_net_of_fees": ChoiceText("b3", _("Descontar a corretagem das vendas ao medir o limite")),
    "units_exempt": ChoiceText("b3", _("Units têm a isenção das ações")),
    "common_loss_offsets_daytrade": ChoiceText(
        "b3", _("Prejuízo comum compensa ganho de day trade")
    ),
    "common_withholding_offsets_daytrade": ChoiceText(
        "b3", _("IRRF das operações comuns compensa o imposto do day trade")
    ),
    "fi_infra_daytrade_exempt": ChoiceText("b3", _("Day trade de FI-Infra é isento")),
    "fraction_auctions": ChoiceText(
        "b3",
        _("Leilão de frações"),
        _("Como venda à vista, ou como rendimento isento (Outros)."),
    ),
    "fii_amortization": ChoiceText(
        "b3",
        _("Amortização de FII"),
        _("Primeiro abate o custo, ou tudo é ganho de capital."),
    ),
    "share_incorporation": ChoiceText(
        "b3",
        _("Incorporação de ações"),
        _("Alienação, como quer a Receita, ou troca que carrega o custo."),
    ),
    "futures_recognition": ChoiceText(
        "b3", _("Ajustes de futuros"), _("Reconhecidos no encerramento ou todo dia.")
    ),
    "sme_assets": ChoiceText(
        "b3",
        _("Ações de pequenas e médias empresas (códigos)"),
        _("O ganho com elas foi isento até 2023 (Lei 13.043/2014, art. 16). Separe por vírgula."),
    ),
    "sme_losses_offset": ChoiceText(
        "b3",
        _("Prejuízo com ações de PME, enquanto isentas, compensa outros ganhos"),
        _("A lei só fala do ganho; não compensar é o mais prudente."),
    ),
    "sme_sales_in_limit": ChoiceText(
        "b3", _("Vendas de ações de PME contam no limite de R$ 20 mil")
    ),
    "bank_closed_year_end": ChoiceText("darf", _("31 de dezembro não é dia útil bancário")),
    "bank_closed_carnival": ChoiceText("darf", _("Carnaval não é dia útil bancário")),
    "abroad_date": ChoiceText("abroad", _("Data do câmbio"), _("Do negócio ou da liquidação.")),
    "abroad_cost": ChoiceText("abroad", _("Custo no exterior"), _("Média em reais ou PEPS.")),
    "abroad_via_usd": ChoiceText("abroad", _("Outras moedas passam pelo dólar")),
    "abroad_pre2024_fx_taxed": ChoiceText(
        "abroad", _("Variação cambial de ativos anteriores a 2024 é tributada")
    ),
    "estimate_foreign_tax": ChoiceText(
        "abroad",
        _("Estimar o imposto retido no exterior que a linha não informa"),
        _("Pela alíquota usual do país; sem isto nada é creditado."),
    ),
    "bdr_dividends": ChoiceText(
        "abroad",
        _("Dividendos de BDR"),
        _("Carnê-leão, ou 15 % como aplicação no exterior."),
    ),
    "self_custody": ChoiceText(
        "crypto", _("Autocustódia"), _("Como no Brasil ou como no exterior.")
    ),
    "profits_2025_approved_by_injunction": ChoiceText(
        "income",
        _("Lucros de 2025 aprovados até 31/01/2026 ficam fora dos 10 %"),
        _("Por liminar do STF; o desfecho não é certo."),
    ),
    "jcp_rate_date": ChoiceText(
        "income", _("Alíquota do JCP"), _("Da data do pagamento ou do crédito.")
    ),
    "irpfm_exempts_fii": ChoiceText("income", _("Rendimentos de FII ficam fora do imposto mínimo")),
    "other_taxable_income": ChoiceText(
        "income",
        _("Outros rendimentos tributáveis do ano"),
        _("Salários, aluguéis e afins: entram só na estimativa do imposto mínimo."),
    ),
    "other_exclusive_income": ChoiceText("income", _("Outros rendimentos exclusivos do ano")),
    "other_exempt_income": ChoiceText("income", _("Outros rendimentos isentos do ano")),
    "other_tax": ChoiceText("income", _("Imposto devido na declaração sobre outros rendimentos")),
    "other_exclusive_tax": ChoiceText("income", _("Imposto retido sobre rendimentos exclusivos")),
    "cra_gain_exempt": ChoiceText(
        "fixed_income",
        _("Ganho na venda de CRA é isento"),
        _(
            "O corte de benefícios da LC 224/2025 não é aplicado a LCI, LCA, CRI, CRA e outros "
            "isentos."
        ),
    ),
    "iof_day_zero": ChoiceText(
        "fixed_income", _("IOF no resgate do mesmo dia"), _("O do primeiro dia, ou nenhum.")
    ),
    "etf_code": ChoiceText("annual", _("Código do ETF em Bens e Direitos")),
    "exempt_others_code": ChoiceText("annual", _("Código de Outros rendimentos isentos")),
}

VALUES: dict[str, Text] = {
    "auto": _("automático"),
    "fifo": _("primeiro a entrar, primeiro a sair"),
    "average": _("média"),
    "sale": _("venda à vista"),
    "exempt_other": _("rendimento isento"),
    "cost_first": _("abate o custo"),
    "capital_gain": _("ganho de capital"),
    "disposal": _("alienação"),
    "carry": _("carrega o custo"),
    "close": _("no encerramento"),
    "daily": _("todo dia"),
    "trade": _("data do negócio"),
    "settlement": _("data da liquidação"),
    "carne_leao": _("carnê-leão"),
    "abroad": _("exterior"),
    "domestic": _("Brasil"),
    "payment": _("pagamento"),
    "credit": _("crédito"),
    "first": _("do primeiro dia"),
    "none": _("nenhum"),
}


def as_text(value: object) -> str:
    """A choice as it is stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def parsed(values: Mapping[str, str]) -> TaxSettings:
    """The engine's settings from stored text; a choice of another program is left out."""
    found = TaxSettings()
    for name, text in values.items():
        try:
            found = found.having([(name, text)])
        except SettingError:
            continue
    return found


def _kind(default: object) -> str:
    if isinstance(default, bool):
        return "boolean"
    return "decimal" if isinstance(default, Decimal) else "text"


def described(found: TaxSettings) -> list[dict[str, Any]]:
    """Every choice with its words, its value, the default and the values it may take."""
    usual = TaxSettings()
    lines = []
    for field in fields(TaxSettings):
        value, default = getattr(found, field.name), getattr(usual, field.name)
        words = TEXTS.get(field.name)
        lines.append(
            {
                "name": field.name,
                "group": words.group if words else "b3",
                "label": words.label if words else field.name,
                "help": words.help if words else "",
                "kind": _kind(default),
                "value": value,
                "default": default,
                "changed": value != default,
                "options": [
                    {"value": each, "label": VALUES.get(each, each)} for each in choices(field.name)
                ],
            }
        )
    return lines
