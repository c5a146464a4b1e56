"""The tables of a year."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes import selectors
from apps.taxes.tables.base import Sheet, day, money, rows_of
from apps.taxes.words import BUCKETS, DARF_STATES, MONTH_STATES, part_label


def year_sheets(*, access: Access, holder: Holder, year: int) -> list[Sheet]:
    """Every table of a year. Raises ``NotFound`` for one nobody assessed."""
    who: dict[str, Any] = {"access": access, "holder": holder}
    whole = selectors.year_detail(**who, year=year)
    shown = selectors.year_overview(**who, year=year)
    months = [
        [
            line["month"],
            line["stock_sales"],
            line["exempt_gain"],
            line["result"],
            line["loss_after"],
            line["tax_due"],
            line["darf"]["amount"] if line["darf"] else Decimal(0),
            line["darf"]["due_date"] if line["darf"] else "",
            str(MONTH_STATES[line["state"]]),
        ]
        for line in shown["months"]
    ]
    columns = [
        _("Mês"),
        _("Vendas de ações"),
        _("Ganho isento"),
        _("Resultado"),
        _("Prejuízo a compensar"),
        _("Imposto"),
        _("DARF"),
        _("Vencimento"),
        _("Situação"),
    ]
    return [
        Sheet(_("Meses"), columns, months),
        _parts(who, year),
        _darfs(who, year),
        *_year_lists(whole),
    ]


def _parts(who: dict[str, Any], year: int) -> Sheet:
    columns = [
        _("Mês"),
        _("Data"),
        _("O quê"),
        _("Ativo"),
        _("Grupo"),
        _("Quantidade"),
        _("Vendas"),
        _("Custo"),
        _("Valor"),
        _("Regra"),
        _("Lei"),
    ]
    rows: list[list[Any]] = []
    for month, parts in selectors.year_parts(**who, year=year):
        for part in parts:
            params = part["params"]
            bucket = params.get("bucket", "")
            rows.append(
                [
                    month,
                    day(params.get("date")) or "",
                    str(part_label(part["label"])),
                    params.get("asset", ""),
                    str(BUCKETS.get(bucket, bucket)),
                    money(params.get("quantity")) or "",
                    money(params.get("sales")) or "",
                    money(params.get("cost")) or "",
                    money(part["amount"]),
                    part["rule"],
                    part["law"],
                ]
            )
    return Sheet(_("Memória de cálculo"), columns, rows)


def _darfs(who: dict[str, Any], year: int) -> Sheet:
    columns = [
        _("Mês"),
        _("Código"),
        _("Vencimento"),
        pgettext("DARF", "Principal"),
        _("Pago"),
        _("Em aberto"),
        _("Situação"),
    ]
    rows = [
        [
            form["month"],
            form["code"],
            form["due_date"],
            form["amount"],
            form["paid"],
            form["outstanding"],
            str(DARF_STATES[form["state"]]),
        ]
        for form in selectors.darfs_of(**who, year=year)
    ]
    return Sheet(_("DARFs"), columns, rows)


def _year_lists(whole: Mapping[str, Any]) -> list[Sheet]:
    abroad = (whole.get("abroad_lines") or {}).get("lines") or []
    return [*outside({**whole, "abroad_lines": abroad}), *_paid(whole)]


def outside(whole: Mapping[str, Any]) -> list[Sheet]:
    """Lines abroad, months of crypto, capital gains."""
    return [
        Sheet(
            _("Exterior"),
            [_("Data"), _("Ativo"), _("País"), _("Tipo"), _("Resultado"), _("Imposto pago lá")],
            rows_of(
                whole["abroad_lines"],
                (
                    ("date", "day"),
                    ("asset", "text"),
                    ("country", "text"),
                    ("kind", "text"),
                    ("result", "money"),
                    ("foreign_tax", "money"),
                ),
            ),
        ),
        Sheet(
            _("Criptoativos"),
            [_("Mês"), _("Alienações"), _("Ganho"), _("Perda"), _("Imposto"), _("Vencimento")],
            rows_of(
                whole.get("crypto") or [],
                (
                    ("month", "text"),
                    ("disposals", "money"),
                    ("gain", "money"),
                    ("loss", "money"),
                    ("tax", "money"),
                    ("due_date", "day"),
                ),
            ),
        ),
        Sheet(
            _("Ganhos de capital"),
            [_("Mês"), _("Ativo"), _("Valor"), _("Ganho"), _("Imposto"), _("Vencimento")],
            rows_of(
                whole.get("gcap") or [],
                (
                    ("month", "text"),
                    ("asset", "text"),
                    ("proceeds", "money"),
                    ("gain", "money"),
                    ("tax", "money"),
                    ("due_date", "day"),
                ),
            ),
        ),
    ]


def _paid(whole: Mapping[str, Any]) -> list[Sheet]:
    return [
        Sheet(
            _("Retido na fonte"),
            [_("Data"), _("Ativo"), _("Tipo"), _("Bruto"), _("Alíquota"), _("Devido"), _("Retido")],
            rows_of(
                whole.get("withheld_at_source") or [],
                (
                    ("date", "day"),
                    ("asset", "text"),
                    ("kind", "text"),
                    ("gross", "money"),
                    ("rate", "money"),
                    ("expected", "money"),
                    ("withheld", "money"),
                ),
            ),
        ),
        Sheet(
            _("Dividendos"),
            [_("Mês"), _("Fonte pagadora"), "CNPJ", _("Bruto"), _("Retido")],
            rows_of(
                whole.get("dividends") or [],
                (
                    ("month", "text"),
                    ("payer", "text"),
                    ("cnpj", "text"),
                    ("gross", "money"),
                    ("withheld", "money"),
                ),
            ),
        ),
    ]
