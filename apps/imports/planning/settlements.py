"""Settlements of Movimentação against trades of Negociação: the same trade, two days apart."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from apps.assets.selectors import holidays_of
from apps.imports.formats import Action, Format
from apps.imports.planning.build import build
from apps.imports.planning.catalogue import Catalogue
from apps.imports.planning.model import Outcome, State, Task
from apps.imports.selectors import negociacao_periods, settlement_rows
from apps.ledger.models import Kind, Transaction

# B3 settles equities two business days after the trade, three before this day (Ofício Circular
# B3 024/2019-PRE); options the day after.
D_PLUS_2 = dt.date(2019, 5, 29)
_SIDES = (Kind.BUY, Kind.SELL)
Group = tuple[object, object, str, dt.date]


def trade_date_of(settled: dt.date, market: str, holidays: frozenset[dt.date]) -> dt.date:
    """The day of the trade that settled on ``settled``."""
    left = 1 if market == "option" else (2 if settled >= D_PLUS_2 else 3)
    day = settled
    while left:
        day -= dt.timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            left -= 1
    return day


def date_settlements(outcomes: list[Outcome]) -> None:
    """Tell the day of the trade behind every settlement: the file prints the day it settled."""
    found = [o for o in outcomes if o.line.action is Action.RECONCILE]
    if not found:
        return
    holidays = holidays_of(exchange_code="BVMF")
    for outcome in found:
        settled = outcome.line.settlement_date
        if settled is not None:
            day = trade_date_of(settled, outcome.line.market, holidays)
            outcome.found["trade_date"] = day
            outcome.suggested["trade_date"] = day.isoformat()


def resolve_settlements(task: Task, outcomes: list[Outcome], catalogue: Catalogue) -> None:
    """Settlements that a trade in the ledger covers are left out; the rest become trades where
    no Negociação covers the day, and wait for the person where one does."""
    found = [
        o
        for o in outcomes
        if o.line.action is Action.RECONCILE and o.state == State.NEW and not o.decision
    ]
    if not found:
        return
    groups: dict[Group, list[Outcome]] = defaultdict(list)
    for outcome in found:
        day = outcome.found.get("trade_date")
        asset = catalogue.known(outcome.line.ticker)
        if day is None or outcome.account is None:
            continue
        key = asset.pk if asset is not None else outcome.line.ticker
        groups[outcome.account.pk, key, str(outcome.line.kind), day].append(outcome)
    held = _traded(task, groups)
    periods = negociacao_periods(access=task.access)
    for group, members in groups.items():
        wanted = sum((o.line.quantity or Decimal(0) for o in members), Decimal(0))
        day = group[3]
        covered = any(first <= day <= last for first, last in periods.get(members[0].scope, ()))
        for outcome in members:
            if held.get(group, Decimal(0)) >= wanted:
                outcome.settle(State.IGNORED, "settlement_covered", date=day.isoformat())
            elif covered:
                outcome.to_decide("settlement_in_period", str(outcome.line.kind))
            else:
                build(outcome, str(outcome.line.kind), task, catalogue)
                if outcome.state == State.NEW:
                    outcome.reason = "settlement_as_trade"
                    outcome.params = {"date": day.isoformat()}


def _traded(task: Task, groups: dict[Group, list[Outcome]]) -> dict[Group, Decimal]:
    """Quantities traded by account, asset, side and day, without those that settlements made."""
    made = settlement_rows(access=task.access)
    days = [group[3] for group in groups]
    rows = Transaction.objects.of(task.access.workspace.pk).filter(
        kind__in=_SIDES, trade_date__gte=min(days), trade_date__lte=max(days)
    )
    held: dict[Group, Decimal] = defaultdict(Decimal)
    for pk, account, asset, kind, day, quantity in rows.values_list(
        "pk", "account_id", "asset_id", "kind", "trade_date", "quantity"
    ):
        if pk not in made:
            held[account, asset, kind, day] += quantity or Decimal(0)
    return held


def match_earlier_settlements(task: Task, outcomes: list[Outcome], catalogue: Catalogue) -> None:
    """Trades of a Negociação whose settlement was recorded first are not recorded again."""
    if task.format != Format.B3_NEGOCIACAO:
        return
    made = settlement_rows(access=task.access)
    if not made:
        return
    stored: dict[Group, list[Transaction]] = defaultdict(list)
    for row in Transaction.objects.of(task.access.workspace.pk).filter(pk__in=made):
        stored[row.account_id, row.asset_id, row.kind, row.trade_date].append(row)
    groups: dict[Group, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        line = outcome.line
        if outcome.state != State.NEW or outcome.account is None or line.trade_date is None:
            continue
        asset = catalogue.known(line.ticker)
        if asset is not None:
            group: Group = (outcome.account.pk, asset.pk, str(line.kind), line.trade_date)
            if group in stored:
                groups[group].append(outcome)
    for found, members in groups.items():
        rows = stored[found]
        settled = sum((row.quantity or Decimal(0) for row in rows), Decimal(0))
        traded = sum((o.line.quantity or Decimal(0) for o in members), Decimal(0))
        for outcome in members:
            if outcome.decision:
                continue
            if settled == traded:
                outcome.settle(State.DUPLICATE, "settlement_first", date=found[3].isoformat())
                outcome.transaction_id = rows[0].pk
            else:
                outcome.to_decide(
                    "settlement_differs",
                    str(outcome.line.kind),
                    held=format(settled.normalize(), "f"),
                    quantity=format(traded.normalize(), "f"),
                )
