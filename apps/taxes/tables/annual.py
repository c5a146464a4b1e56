"""The forms of the annual return as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes import selectors
from apps.taxes.tables.base import Sheet, money, rows_of
from apps.taxes.tables.year import outside
from apps.taxes.words import BUCKETS, market_words


def annual_sheets(*, access: Access, holder: Holder, year: int) -> list[Sheet]:
    """The forms of the annual return. Raises ``NotFound``."""
    found = selectors.annual_whole(access=access, holder=holder, year=year)["annual"]
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
            [
                _("Grupo"),
                _("Código"),
                _("País"),
                "CNPJ",
                _("Discriminação"),
                before,
                after,
                _("Lucro ou prejuízo"),
                _("Imposto pago no exterior"),
            ],
            rows_of(
                found["assets"],
                (
                    ("group", "text"),
                    ("code", "text"),
                    ("country", "text"),
                    ("cnpj", "text"),
                    ("text", "text"),
                    ("value_before", "money"),
                    ("value", "money"),
                    ("result", "money"),
                    ("foreign_tax", "money"),
                ),
            ),
        ),
        Sheet(_("Rendimentos isentos"), income_columns, rows_of(found["exempt"], income)),
        Sheet(_("Rendimentos exclusivos"), income_columns, rows_of(found["exclusive"], income)),
        *_beside(found),
        _operations(found["sheets"]),
        _markets(found["sheets"]),
        Sheet(
            _("Renda variável: FII e Fiagro"),
            [_("Mês"), _("Resultado"), _("Prejuízo anterior"), _("Base"), _("Imposto"), _("Pago")],
            rows_of(
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
            rows_of(
                found["debts"],
                (("code", "text"), ("text", "text"), ("value_before", "money"), ("value", "money")),
            ),
        ),
        Sheet(
            _("Abertura do ReVar"),
            [_("Ativo"), _("Quantidade"), _("Custo unitário"), _("Custo total")],
            rows_of(
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


def _beside(found: Mapping[str, Any]) -> list[Sheet]:
    """What the return takes from abroad, from capital gains and from the monthly table."""
    year = found["abroad"] or {}
    names = (
        ("gains", _("Ganhos")),
        ("losses", _("Perdas")),
        ("income", _("Rendimentos")),
        ("loss_used", _("Perda de anos anteriores, compensada")),
        ("base", _("Base")),
        ("foreign_tax", _("Imposto pago no exterior")),
        ("credit", _("Crédito usado, até o limite")),
        ("tax_due", _("Imposto a pagar")),
    )
    income = (
        ("month", "text"),
        ("income", "money"),
        ("foreign_tax", "money"),
        ("tax_due", "money"),
    )
    return [
        Sheet(
            _("Exterior: o ano"),
            [_("Campo"), _("Valor")],
            [[label, money(year.get(name))] for name, label in names if year],
        ),
        *outside({**found, "gcap": found["capital_gains"]}),
        Sheet(
            _("Carnê-leão"),
            [_("Mês"), _("Rendimentos"), _("Imposto pago no exterior"), _("A pagar")],
            rows_of(found["monthly_income"], income),
        ),
    ]


def _markets(months: Sequence[Mapping[str, Any]]) -> Sheet:
    rows = [
        [month["month"], str(BUCKETS[column]), str(market_words(market)), money(value)]
        for month in months
        for column in ("common", "day_trade")
        for market, value in month[column]["markets"].items()
    ]
    columns = [_("Mês"), _("Grupo"), _("Mercado"), _("Resultado")]
    return Sheet(_("Renda variável: por mercado"), columns, rows)


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
                money(month[column][name])
                for column in ("common", "day_trade")
                for name in ("result", "loss_before", "base")
            ),
            money(month["tax"]),
            money(month["withheld_day_trade"]),
            money(month["withheld"]),
            money(month["paid"]),
        ]
        for month in months
    ]
    return Sheet(_("Renda variável"), columns, rows)
