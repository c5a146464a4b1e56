"""Puts a year's assessments together into the annual return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from apps.engine.taxes.annual.assets import asset_entries, money_entries, revar_lines
from apps.engine.taxes.annual.codes import CodeBook
from apps.engine.taxes.annual.incomes import EXCLUSIVE, EXEMPT, income_entries
from apps.engine.taxes.annual.model import AnnualReturn
from apps.engine.taxes.annual.sheets import sheets
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.model import BUCKETS, ZERO
from apps.engine.taxes.money import cents
from apps.engine.taxes.year import TaxYear, tax_year


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), ZERO)


def annual_return(
    ledger: TaxLedger,
    year: int,
    *,
    codes: CodeBook | None = None,
    cnpjs: Mapping[str, str] | None = None,
    found: TaxYear | None = None,
) -> AnnualReturn:
    """The return of a calendar year from a ledger assessed at least up to its end.

    ``found`` is the year where it is gathered already. ``cnpjs`` are those of the institutions, by
    name; ``codes`` those of the form (default: the ones shipped). Costs are in BRL, foreign ones at
    the sale PTAX of each purchase. Unknown figures are None with an issue; totals then hold what is
    known.
    """
    ctx = ledger.ctx
    codes = codes or CodeBook.shipped()
    cnpjs = cnpjs or {}
    found = found or tax_year(ledger, year)
    assets, asset_issues = asset_entries(ctx, year, codes, cnpjs, found.abroad)
    money, debts, money_issues = money_entries(ctx, year, codes, cnpjs)
    incomes, income_issues = income_entries(ctx, found)
    entries = sorted([*assets, *money], key=lambda each: (each.group, each.code, each.asset))
    exempt = tuple(each for each in incomes if each.section == EXEMPT)
    exclusive = tuple(each for each in incomes if each.section == EXCLUSIVE)
    months, funds = sheets(ledger, year)
    losses = dict.fromkeys(BUCKETS, ZERO)
    if found.months:
        last = found.months[-1].buckets
        losses = {name: cents(last[name].loss_after) for name in BUCKETS}
    if found.abroad is not None:
        losses["abroad"] = found.abroad.loss_after
    taxed_gains = [each for each in found.gcap if not each.exempt]
    taxed_crypto = [each for each in found.crypto if not each.exempt]
    return AnnualReturn(
        year=year,
        filing=year + 1,
        holder=ctx.holder,
        assets=tuple(entries),
        exempt=exempt,
        exclusive=exclusive,
        abroad=found.abroad,
        monthly_income=found.monthly_income,
        capital_gains=tuple(taxed_gains),
        crypto=tuple(taxed_crypto),
        sheets=tuple(months),
        fund_sheets=tuple(funds),
        debts=tuple(debts),
        losses=losses,
        withheld_left={name: cents(value) for name, value in found.withheld_left.items()},
        revar=tuple(revar_lines(ctx, year)),
        totals={
            "assets_before": _sum(each.value_before for each in entries),
            "assets": _sum(each.value for each in entries),
            "debts_before": _sum(each.value_before for each in debts),
            "debts": _sum(each.value for each in debts),
            "exempt": _sum(each.amount for each in exempt),
            "exclusive": _sum(each.amount for each in exclusive),
        },
        issues=(*found.issues, *asset_issues, *money_issues, *income_issues),
    )
