"""A sale that did not happen: what it would change in the taxes of its month and year.

Rows that did not happen are assessed after those that did, and both assessments compared: the
answer is exact, whatever the law does with the sale.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.model import BUCKETS, ZERO, BucketResult, MonthAssessment, Part, SourceTax
from apps.engine.taxes.money import total
from apps.engine.taxes.monthly import month_name
from apps.engine.taxes.standing import Standing, settled, settled_with
from apps.engine.taxes.year import TaxYear, tax_year
from apps.engine.types import Issue, Row

#: References of rows that did not happen begin with this.
SUPPOSED = "supposed "


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale to suppose: ``unit_price`` in ``currency``, ``fees`` of the whole."""

    asset: str
    account: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    fees: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BucketChange:
    """A bucket of the month before and after."""

    bucket: str
    before: BucketResult
    after: BucketResult

    @property
    def tax(self) -> Decimal:
        """Tax that the sales add (below zero: that they save)."""
        return self.after.tax - self.before.tax


@dataclass(frozen=True, slots=True)
class SaleEffect:
    """What sales change. Taxes are what they add, below zero what they save: ``exchange`` of the
    month, ``abroad`` of the year, ``crypto`` and ``gains`` by brackets, ``source`` withheld.

    ``darf`` sums are what is left to pay for the month. ``parts`` explain the sales, ``unknown``
    is set where the tax of one cannot be told.
    """

    day: dt.date
    buckets: tuple[BucketChange, ...]
    exchange: Decimal
    abroad: Decimal
    crypto: Decimal
    gains: Decimal
    source: Decimal
    darf_before: Decimal
    darf_after: Decimal
    exempt_before: Decimal
    exempt_after: Decimal
    abroad_loss_before: Decimal
    abroad_loss_after: Decimal
    parts: tuple[Part, ...]
    unknown: bool
    issues: tuple[Issue, ...]

    @property
    def tax(self) -> Decimal:
        """All the tax that the sales add."""
        return self.exchange + self.abroad + self.crypto + self.gains + self.source


def rows_of(sales: Iterable[Sale], day: dt.date, after: int) -> list[Row]:
    """Sales as the last rows of a day; ``after`` is the last place taken in the ledger."""
    return [
        Row(
            ref=f"{SUPPOSED}{place}",
            seq=after + place,
            date=day,
            kind=Kind.SELL,
            account=sale.account,
            currency=sale.currency,
            asset=sale.asset,
            quantity=sale.quantity,
            unit_price=sale.unit_price,
            fees=sale.fees,
            tax_withheld=ZERO,
            time=dt.time.max,
        )
        for place, sale in enumerate(sales, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Rest:
    """What a part of a ledger does not know of the whole: where the month of the sales stands, and
    the losses abroad at the end of the year where the part lacks what is abroad."""

    standing: Standing
    abroad_loss: Decimal | None


def effect(
    before: TaxLedger, after: TaxLedger, day: dt.date, rest: Rest | None = None
) -> SaleEffect:
    """Compare a Holder's taxes without and with the sales of ``day``.

    With ``rest`` both hold only the assets sold and those whose taxes are settled with them: the
    figures are those of the whole ledger all the same.
    """
    year_before, year_after = tax_year(before, day.year), tax_year(after, day.year)
    month_before, month_after = (each.month(day.year, day.month) for each in (before, after))
    issues = tuple(each for each in year_after.issues if each not in year_before.issues)
    if rest is not None:
        name = month_name(rest.standing.index)
        old, new = settled(rest.standing, before), settled_with(rest.standing, before, after)
        month_before, month_after = old.month, new.month
        # Of what the month's sums lack a part knows nothing.
        issues = tuple(each for each in issues if each.where != name)
        issues += tuple(
            each for each in new.issues if each.where == name and each not in old.issues
        )
    changes = tuple(
        BucketChange(name, _bucket(month_before, name), _bucket(month_after, name))
        for name in BUCKETS
    )
    sources = [each for each in year_after.withheld_at_source if _supposed(each.part)]
    parts = [part for part in (month_after.parts if month_after else ()) if _supposed(part)]
    parts += [each.part for each in sources]
    abroad = year_after.abroad
    parts += [line.part for line in (abroad.lines if abroad else ()) if _supposed(line.part)]
    for month in year_after.crypto:
        parts += [part for part in month.parts if _supposed(part)]
    losses = [year.abroad.loss_after if year.abroad else ZERO for year in (year_before, year_after)]
    if rest is not None and rest.abroad_loss is not None:
        losses = [rest.abroad_loss, rest.abroad_loss]
    return SaleEffect(
        day=day,
        buckets=changes,
        exchange=total(change.tax for change in changes),
        abroad=_abroad(year_after) - _abroad(year_before),
        crypto=_crypto(year_after) - _crypto(year_before),
        gains=_gains(year_after) - _gains(year_before),
        source=total(_at_source(each) for each in sources),
        darf_before=_darf(month_before),
        darf_after=_darf(month_after),
        exempt_before=_exempt(month_before),
        exempt_after=_exempt(month_after),
        abroad_loss_before=losses[0],
        abroad_loss_after=losses[1],
        parts=tuple(parts),
        unknown=any(part.amount is None for part in parts)
        or any(each.expected is None for each in sources)
        or _blocks_more(month_before, month_after),
        issues=issues,
    )


_NOTHING = BucketResult(*(ZERO,) * 10)


def _bucket(month: MonthAssessment | None, name: str) -> BucketResult:
    return month.buckets[name] if month else _NOTHING


def _blocks_more(before: MonthAssessment | None, after: MonthAssessment | None) -> bool:
    known = before.blocking if before else ()
    return any(issue not in known for issue in (after.blocking if after else ()))


def _darf(month: MonthAssessment | None) -> Decimal:
    form = month.darf if month else None
    return form.outstanding + form.carried_out if form else ZERO


def _exempt(month: MonthAssessment | None) -> Decimal:
    return month.exempt_gain + month.exempt_gain_gold if month else ZERO


def _abroad(year: TaxYear) -> Decimal:
    return year.abroad.tax_due if year.abroad else ZERO


def _crypto(year: TaxYear) -> Decimal:
    return total(month.tax for month in year.crypto)


def _gains(year: TaxYear) -> Decimal:
    return total(gain.tax for gain in year.gcap)


def _at_source(line: SourceTax) -> Decimal:
    return (line.expected or ZERO) + (line.iof or ZERO)


def _supposed(part: Part) -> bool:
    refs: Sequence[str] = part.refs
    return any(ref.startswith(SUPPOSED) for ref in refs)
