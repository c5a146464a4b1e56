"""What is missing, month by month: the reasons a month cannot be closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from apps.engine.holdings import Fold, Holding
from apps.engine.holdings.model import replay
from apps.engine.kinds import AssetClass
from apps.engine.taxes.classes import on_exchange
from apps.engine.taxes.lines import Line, shown
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.monthly import Month, month_index, month_name
from apps.engine.taxes.scope import Regime, regime_of
from apps.engine.types import Asset, Issue

#: Oddities of a row that make the month it is in uncertain.
_OF_ITS_MONTH = frozenset(
    {
        "account_missing",
        "amount_missing",
        "amount_negative",
        "cover_without_short",
        "event_without_position",
        "fraction_origin_unknown",
        "fx_rate_missing",
        "incorporation_value_missing",
        "option_expired_open",
        "option_terms_missing",
        "oversold",
        "quantity_missing",
        "quantity_not_positive",
        "same_day_order_unknown",
        "value_missing",
    }
)
#: Those that leave a wrong cost behind, for every sale until the position is empty.
_LASTING = frozenset(
    {
        "account_missing",
        "bonus_cost_missing",
        "cost_share_missing",
        "quantity_missing",
        "quantity_not_positive",
        "ratio_missing",
        "to_asset_missing",
        "transfer_cost_differs",
        "transfer_exceeds_position",
        "value_missing",
    }
)


_asset = attrgetter("asset")


@dataclass(slots=True)
class _Taint:
    """An oddity of an asset, and the first day it no longer matters (None: it still does)."""

    issue: Issue
    since: date
    until: date | None


def _day_of(issue: Issue) -> date | None:
    found = issue.params.get("date")
    return date.fromisoformat(found) if found else None


def _emptied(holding: Holding | None, since: date) -> date | None:
    """First day after ``since`` on which nothing was held any more."""
    if holding is None:
        return None
    for step, quantity, _cost in replay(holding.raw_steps):
        if step[0].date >= since and step[4] < 0 and not quantity:
            return step[0].date
    return None


def _of_exchange(code: str, assets: Mapping[str, Asset], held: Mapping[str, Holding]) -> bool:
    known = assets.get(code)
    if not on_exchange(known.asset_class if known else None):
        return False
    holding = held.get(code)
    steps = holding.raw_steps or holding.raw_short_steps if holding else []
    return regime_of(known, steps[0][0].currency if steps else "") is Regime.EXCHANGE


def _matters(issue: Issue, holding: Holding | None, day: date) -> bool:
    """Whether the order of purchases and sales of a day at different institutions changes a cost:
    only where something was held before."""
    if issue.params.get("institution") or holding is None:
        return True
    before = ZERO
    for step, quantity, _cost in replay(holding.raw_steps):
        if step[0].date >= day:
            break
        before = quantity
    return bool(before)


def _by_asset(fold: Fold) -> dict[str, Holding]:
    return {key[2]: holding for key, holding in fold.holdings.items()}


def blocking_issues(
    months: Mapping[int, Month],
    fold: Fold,
    issues: Iterable[Issue],
    assets: Mapping[str, Asset],
) -> dict[int, list[Issue]]:
    """Issues about assets of the exchange that keep each month from being closed."""
    found: dict[int, list[Issue]] = {index: list(month.issues) for index, month in months.items()}
    taints: dict[str, list[_Taint]] = {}
    held = _by_asset(fold)
    for issue in issues:
        day, asset = _day_of(issue), issue.params.get("asset", "")
        if day is None or (asset and not _of_exchange(shown(asset), assets, held)):
            continue
        if issue.code == "same_day_order_unknown" and not _matters(issue, held.get(asset), day):
            continue
        if issue.code in _OF_ITS_MONTH and month_index(day) in found and asset:
            found[month_index(day)].append(issue)
        if issue.code in _LASTING and asset:
            until = _emptied(held.get(asset), day)
            taints.setdefault(asset, []).append(_Taint(issue, day, until))
    named = {code for code, asset in assets.items() if asset.asset_class is not None}
    for index, month in months.items():
        own = found[index]
        for line in month.sums.unknown:
            if not any(line.row is not None and issue.where == line.row.ref for issue in own):
                own.append(_unknown(line))
        nameless = set(map(_asset, month.sums.lines)) - named
        own += [Issue("asset_class_missing", code, {"asset": code}) for code in sorted(nameless)]
        if taints:
            own += _tainted(month, taints)
        if own:
            found[index] = list({(each.code, each.where): each for each in own}.values())
    return {index: own for index, own in found.items() if own}


def _unknown(line: Line) -> Issue:
    where = line.refs[0] if line.refs else line.asset
    return Issue(
        "tax_gain_unknown", where, {"asset": shown(line.asset), "date": line.date.isoformat()}
    )


def _tainted(month: Month, taints: Mapping[str, list[_Taint]]) -> list[Issue]:
    return [
        taint.issue
        for line in month.sums.lines
        for taint in taints.get(line.asset, ())
        if line.date >= taint.since and (taint.until is None or line.date <= taint.until)
    ]


def expired_open(fold: Fold, assets: Mapping[str, Asset], last: date) -> list[Issue]:
    """Options still open after they expired: the month of the expiry lacks their result."""
    found = []
    for holding in fold.holdings.values():
        asset = assets.get(holding.asset)
        if asset is None or asset.asset_class is not AssetClass.OPTION or asset.expiry is None:
            continue
        if holding.quantity != ZERO and asset.expiry <= last:
            params = {
                "asset": asset.code,
                "date": asset.expiry.isoformat(),
                "quantity": f"{holding.quantity:f}",
            }
            found.append(Issue("option_expired_open", asset.code, params))
    return found


def withholding_unknown(month: Month, estimated: bool) -> list[Issue]:
    """One issue for the sales of a month that do not say what was withheld."""
    silent = month.withheld.unknown
    if not silent or estimated:
        return []
    name = month_name(month.index)
    return [Issue("withholding_unknown", name, {"month": name, "rows": str(len(silent))})]
