"""The monthly sheets of the return: Renda Variável, and FIIs with Fiagros."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.taxes.annual.model import FundSheetMonth, SheetColumn, SheetMonth
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.classes import COMMON, DAY_TRADE, FII
from apps.engine.taxes.model import ZERO, BucketResult, MonthAssessment
from apps.engine.taxes.money import cents
from apps.engine.taxes.monthly import Month


def _markets(month: Month | None, bucket: str) -> dict[str, Decimal]:
    """Results by market of a bucket, without the exempt ones."""
    sums: dict[str, Decimal] = {}
    for line in month.sums.lines if month else ():
        if line.bucket != bucket or line.gain is None:
            continue
        if month and line.limit and line.exemptible and line.limit in month.exempt:
            continue
        sums[line.market] = sums.get(line.market, ZERO) + line.gain
    return {market: cents(value) for market, value in sorted(sums.items()) if value}


def _column(bucket: BucketResult, markets: dict[str, Decimal]) -> SheetColumn:
    return SheetColumn(
        markets=markets,
        result=cents(bucket.result),
        loss_before=cents(bucket.loss_before),
        base=cents(bucket.base),
        loss_after=cents(bucket.loss_after),
        rate=bucket.rate,
        tax=cents(bucket.tax),
    )


def _paid(month: MonthAssessment) -> tuple[Decimal, Decimal]:
    """Principal paid for the month: of the common and day-trade sheet, and of the FII one. One
    payment serves both, so it is shared by what each had left to pay."""
    darf = month.darf
    if darf is None or not darf.paid:
        return ZERO, ZERO
    principal = min(darf.amount - darf.outstanding, darf.paid)
    left = {name: each.tax - each.withheld_used for name, each in month.buckets.items()}
    whole = sum(left.values(), ZERO)
    share = left[FII] / whole if whole else ZERO
    funds = cents(principal * share)
    return principal - funds, funds


def sheets(ledger: TaxLedger, year: int) -> tuple[list[SheetMonth], list[FundSheetMonth]]:
    """Both sheets of a year, month by month."""
    common: list[SheetMonth] = []
    funds: list[FundSheetMonth] = []
    for month in ledger.months(year):
        index = year * 12 + int(month.month[5:]) - 1
        inner = ledger.exchange.months.get(index)
        spot, day_trade, fii = (month.buckets[name] for name in (COMMON, DAY_TRADE, FII))
        paid, paid_funds = _paid(month)
        common.append(
            SheetMonth(
                month=month.month,
                common=_column(spot, _markets(inner, COMMON)),
                day_trade=_column(day_trade, _markets(inner, DAY_TRADE)),
                tax=cents(spot.tax + day_trade.tax),
                withheld_day_trade=cents(day_trade.withheld),
                withheld_day_trade_used=cents(day_trade.withheld_used),
                withheld_day_trade_after=cents(day_trade.withheld_after),
                withheld=cents(spot.withheld),
                withheld_used=cents(spot.withheld_used),
                paid=paid,
                incomplete=month.incomplete,
            )
        )
        funds.append(
            FundSheetMonth(
                month=month.month,
                result=cents(fii.result),
                loss_before=cents(fii.loss_before),
                base=cents(fii.base),
                loss_after=cents(fii.loss_after),
                rate=fii.rate,
                tax=cents(fii.tax),
                withheld=cents(fii.withheld),
                paid=paid_funds,
                incomplete=month.incomplete,
            )
        )
    return common, funds
