"""What the taxes say as plain tables, for workbooks, PDFs and whoever copies them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes import selectors
from apps.taxes.words import BUCKETS, DARF_STATES, MONTH_STATES, part_label


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: a cell is text, a date, a decimal, or None for what is unknown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def _money(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else value


def _rows(lines: Sequence[Mapping[str, Any]], names: Sequence[tuple[str, str]]) -> list[list[Any]]:
    """Lines as rows; ``names`` are keys with what they hold: ``money``, ``day`` or ``text``."""
    read = {"money": _money, "day": _day}
    return [
        [
            read[kind](line.get(name)) if kind in read else line.get(name) or ""
            for name, kind in names
        ]
        for line in lines
    ]


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
                    _day(params.get("date")) or "",
                    str(part_label(part["label"])),
                    params.get("asset", ""),
                    str(BUCKETS.get(bucket, bucket)),
                    _money(params.get("quantity")) or "",
                    _money(params.get("sales")) or "",
                    _money(params.get("cost")) or "",
                    _money(part["amount"]),
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
    return [
        Sheet(
            _("Exterior"),
            [_("Data"), _("Ativo"), _("País"), _("Tipo"), _("Resultado"), _("Imposto pago lá")],
            _rows(
                abroad,
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
            _rows(
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
            _rows(
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
        Sheet(
            _("Retido na fonte"),
            [_("Data"), _("Ativo"), _("Tipo"), _("Bruto"), _("Alíquota"), _("Devido"), _("Retido")],
            _rows(
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
            _rows(
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


def annual_sheets(*, access: Access, holder: Holder, year: int) -> list[Sheet]:
    """The forms of the annual return. Raises ``NotFound``."""
    found = selectors.annual_return(access=access, holder=holder, year=year)["annual"]
    before, after = f"31/12/{year - 1}", f"31/12/{year}"
    income = (
        ("code", "text"),
        ("payer", "text"),
        ("cnpj", "text"),
        ("amount", "money"),
        ("tax", "money"),
    )
    income_columns = [_("Código"), _("Fonte pagadora"), "CNPJ", _("Valor"), _("Imposto retido")]
    return [
        Sheet(
            _("Bens e direitos"),
            [_("Grupo"), _("Código"), _("País"), "CNPJ", _("Discriminação"), before, after],
            _rows(
                found["assets"],
                (
                    ("group", "text"),
                    ("code", "text"),
                    ("country", "text"),
                    ("cnpj", "text"),
                    ("text", "text"),
                    ("value_before", "money"),
                    ("value", "money"),
                ),
            ),
        ),
        Sheet(_("Rendimentos isentos"), income_columns, _rows(found["exempt"], income)),
        Sheet(_("Rendimentos exclusivos"), income_columns, _rows(found["exclusive"], income)),
        _operations(found["sheets"]),
        Sheet(
            _("Renda variável: FII e Fiagro"),
            [_("Mês"), _("Resultado"), _("Prejuízo anterior"), _("Base"), _("Imposto"), _("Pago")],
            _rows(
                found["fund_sheets"],
                (
                    ("month", "text"),
                    ("result", "money"),
                    ("loss_before", "money"),
                    ("base", "money"),
                    ("tax", "money"),
                    ("paid", "money"),
                ),
            ),
        ),
        Sheet(
            _("Dívidas e ônus"),
            [_("Código"), _("Discriminação"), before, after],
            _rows(
                found["debts"],
                (("code", "text"), ("text", "text"), ("value_before", "money"), ("value", "money")),
            ),
        ),
        Sheet(
            _("Abertura do ReVar"),
            [_("Ativo"), _("Quantidade"), _("Custo unitário"), _("Custo total")],
            _rows(
                found["revar"],
                (
                    ("asset", "text"),
                    ("quantity", "money"),
                    ("unit_cost", "money"),
                    ("total_cost", "money"),
                ),
            ),
        ),
    ]


def _operations(months: Sequence[Mapping[str, Any]]) -> Sheet:
    columns = [
        _("Mês"),
        _("Comuns: resultado"),
        _("Comuns: prejuízo anterior"),
        _("Comuns: base"),
        _("Day trade: resultado"),
        _("Day trade: prejuízo anterior"),
        _("Day trade: base"),
        _("Imposto"),
        _("IRRF day trade"),
        _("IRRF Lei 11.033"),
        _("Pago"),
    ]
    rows = [
        [
            month["month"],
            *(
                _money(month[column][name])
                for column in ("common", "day_trade")
                for name in ("result", "loss_before", "base")
            ),
            _money(month["tax"]),
            _money(month["withheld_day_trade"]),
            _money(month["withheld"]),
            _money(month["paid"]),
        ]
        for month in months
    ]
    return Sheet(_("Renda variável"), columns, rows)


def darf_sheets(form: Mapping[str, Any]) -> list[Sheet]:
    """A payment form as its fields, and what was already paid."""
    charges = form["charges"]
    fields = [
        [_("Período de apuração"), form["period"]],
        [_("Código da receita"), form["code"]],
        [_("Data de vencimento"), form["due_date"]],
    ]
    if charges is not None:
        fields += [
            [_("Pagamento em"), charges.on],
            [_("Valor do principal"), charges.principal],
            [_("Multa"), charges.fine],
            [_("Juros"), charges.interest],
            [_("Valor total"), charges.total],
        ]
    else:
        fields += [[_("Valor do principal"), form["amount"]], [_("Pago"), form["paid"]]]
    note = ""
    if charges is not None and charges.missing:
        months = ", ".join(f"{month:%m/%Y}" for month in charges.missing)
        note = _("Juros incompletos: falta a Selic de %(months)s.") % {"months": months}
    sheets = [Sheet(_("Campos"), [_("Campo"), _("Valor")], fields, note)]
    if form["payments"]:
        paid = [[row.trade_date, row.amount] for row in form["payments"]]
        sheets.append(Sheet(_("Já pago"), [_("Data"), _("Valor")], paid))
    return sheets
