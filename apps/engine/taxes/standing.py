"""Where a month of a whole ledger stands, so that a change of few assets is told from their rows
alone.

A month adds up its lines and settles the sums. The lines of an asset depend on its own rows and on
those of the assets linked to it, on nothing else: of the sums, what those assets added without the
change is taken away and what they add with it put in its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.engine.kinds import AssetClass
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.blocking import withholding_unknown
from apps.engine.taxes.darf import darfs
from apps.engine.taxes.exchange import Exchange, assessment
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import BUCKETS, ZERO, MonthAssessment
from apps.engine.taxes.monthly import Month, Sums, settle_month
from apps.engine.taxes.scope import Regime, regime_of
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset, Issue

Amounts = Mapping[str, Decimal]
_SUMS = ("results", "sales", "spot", "withheld")


@dataclass(frozen=True, slots=True)
class Standing:
    """The sums of a month before any loss (``results`` and ``withheld`` by bucket, ``sales`` and
    ``spot`` by limit), its lines that do not say what was withheld (``silent``), and what it began
    with: losses (``carried``) and withholding of the year (``credit``) by bucket, the ``darf``
    below the minimum of the months before. Nothing is rounded."""

    index: int
    results: Amounts
    sales: Amounts
    spot: Amounts
    withheld: Amounts
    silent: tuple[Line, ...]
    carried: Amounts
    credit: Amounts
    darf: Decimal


def standing_of(ledger: TaxLedger, index: int) -> Standing | None:
    """Where a month of an assessed ledger stands; None where it has no such month."""
    exchange, opening = ledger.exchange, ledger.ctx.opening
    month = exchange.months.get(index)
    if month is None:
        return None
    last = exchange.months.get(index - 1)
    if last is None:
        credit = {name: opening.withheld.get(name, ZERO) for name in BUCKETS}
    elif index % 12 == 0:
        credit = dict.fromkeys(BUCKETS, ZERO)
    else:
        credit = {name: bucket.withheld_after for name, bucket in last.buckets.items()}
    before = max((known for known in exchange.darfs if known < index), default=None)
    sums = month.sums
    return Standing(
        index,
        dict(sums.results),
        dict(sums.sales),
        dict(sums.spot),
        dict(sums.withheld),
        tuple(_without_row(line, ledger) for line in sums.silent),
        {name: bucket.loss_before for name, bucket in month.buckets.items()},
        credit,
        opening.darf if before is None else exchange.darfs[before].carried_out,
    )


def _without_row(line: Line, ledger: TaxLedger) -> Line:
    place = line.institution
    if not place and line.row is not None:
        place = _institution(ledger, line.row.account)
    return line._replace(row=None, institution=place)


def _institution(ledger: TaxLedger, account: str) -> str:
    known = ledger.ctx.accounts.get(account)
    return (known.institution or account) if known else account


@dataclass(frozen=True, slots=True)
class Settled:
    """A month of the whole ledger, with the lines of the part alone and what is unsure of it."""

    month: MonthAssessment
    issues: tuple[Issue, ...]


def settled(standing: Standing, part: TaxLedger) -> Settled:
    """The month as it stands, of which ``part`` has some assets."""
    own = _own(part, standing.index)
    return _settled(standing, part, _sums(standing, own.lines, standing.silent))


def settled_with(standing: Standing, part: TaxLedger, changed: TaxLedger) -> Settled:
    """The month with ``changed`` in the place of ``part``: the same assets, rows besides. Payments
    for the month and contracts of futures are for whole ledgers."""
    old, new = _own(part, standing.index), _own(changed, standing.index)
    codes = {*part.prepared.assets, *changed.prepared.assets}
    codes |= {line.asset for line in (*old.lines, *new.lines)}
    others = (line for line in standing.silent if line.asset not in codes)
    sums = _sums(standing, new.lines, (*others, *new.silent))
    for name in _SUMS:
        amounts: dict[str, Decimal] = getattr(sums, name)
        for sign, moved in ((-1, getattr(old, name)), (1, getattr(new, name))):
            for key, amount in moved.items():
                amounts[key] = amounts.get(key, ZERO) + sign * amount
    return _settled(standing, changed, sums)


def _own(part: TaxLedger, index: int) -> Sums:
    month = part.exchange.months.get(index)
    return month.sums if month else Sums()


def _sums(standing: Standing, lines: list[Line], silent: Iterable[Line]) -> Sums:
    return Sums(
        lines=lines,
        results=dict(standing.results),
        sales=dict(standing.sales),
        spot=dict(standing.spot),
        withheld=dict(standing.withheld),
        silent=list(silent),
    )


def _settled(standing: Standing, part: TaxLedger, sums: Sums) -> Settled:
    ctx, index = part.ctx, standing.index
    month = settle_month(
        index,
        sums,
        standing.carried,
        standing.credit,
        ctx.rules,
        ctx.settings,
        lambda account: _institution(part, account),
    )
    issues: list[Issue] = []
    forms = darfs(
        {index: month.remaining},
        {},
        standing.darf,
        rules=ctx.rules,
        calendar=ctx.calendar,
        indexes=ctx.indexes,
        reckoned=None,
        issues=issues,
    )
    blocking = [*month.issues, *_about_assets(part, index)]
    found = Exchange({index: month}, forms, {index: blocking}, [])
    shown = assessment(found, index, ctx)
    silent = withholding_unknown(month, ctx.settings.estimate_irrf)
    return Settled(shown, (*blocking, *silent))


def _about_assets(part: TaxLedger, index: int) -> list[Issue]:
    """What keeps the month from being closed, but for what its own sums lack."""
    month: Month | None = part.exchange.months.get(index)
    own = month.issues if month else []
    return [issue for issue in part.exchange.blocking.get(index, ()) if issue not in own]


def standing_json(standing: Standing) -> dict[str, Any]:
    """A standing as JSON, every digit of it."""
    found: dict[str, Any] = {
        name: {key: str(amount) for key, amount in getattr(standing, name).items()}
        for name in (*_SUMS, "carried", "credit")
    }
    found["darf"] = str(standing.darf)
    found["silent"] = [
        [
            line.date.isoformat(),
            line.label,
            line.bucket,
            line.asset,
            None if line.sales is None else str(line.sales),
            None if line.gain is None else str(line.gain),
            list(line.refs),
            line.institution,
        ]
        for line in standing.silent
    ]
    return found


def standing_read(index: int, text: Mapping[str, Any]) -> Standing:
    """A standing from its JSON."""
    amounts = {
        name: {key: Decimal(amount) for key, amount in text[name].items()}
        for name in (*_SUMS, "carried", "credit")
    }
    silent = tuple(_line_read(line) for line in text["silent"])
    return Standing(index=index, silent=silent, darf=Decimal(text["darf"]), **amounts)


def _line_read(values: Iterable[Any]) -> Line:
    day, label, bucket, asset, sales, gain, refs, place = values
    return Line(
        date=dt.date.fromisoformat(day),
        label=label,
        bucket=bucket,
        limit="",
        asset=asset,
        market="",
        rule="",
        quantity=ZERO,
        sales=None if sales is None else Decimal(sales),
        cost=None,
        gain=None if gain is None else Decimal(gain),
        withheld=None,
        refs=tuple(refs),
        institution=place,
    )


def is_pooled(asset: Asset | None, settings: TaxSettings) -> bool:
    """Whether an asset is settled with others outside the exchange: abroad, coins, funds, and BDRs
    where the Holder so chose. A part has all of these or none."""
    regime = regime_of(asset, "")
    if regime is Regime.EXCHANGE:
        own = asset is not None and asset.asset_class is AssetClass.BDR
        return own and settings.bdr_dividends != TaxSettings().bdr_dividends
    return regime is not Regime.FIXED_INCOME
