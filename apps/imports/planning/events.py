"""Lines that mean something only beside what was held: splits, snapshots, forwards, transfers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from apps.assets.models import Asset
from apps.assets.selectors import engine_asset, engine_assets
from apps.brokers.models import Account
from apps.corporate_events.expansion import SAME_EVENT_DAYS, expand
from apps.corporate_events.selectors import events_for_assets
from apps.engine import types as engine
from apps.engine.holdings import fold
from apps.imports.formats import Action
from apps.imports.planning.build import build
from apps.imports.planning.catalogue import Catalogue
from apps.imports.planning.model import Outcome, State, Task
from apps.ledger.models import Kind, Transaction
from apps.ledger.selectors import engine_rows
from apps.ledger.selectors.preview import engine_row

TRANSFER_DAYS = 10
_SMALL = 20
_ID = 36  # an asset's id as text; anything shorter is a currency
_RATIO = Decimal("0.000000000001")


class Holdings:
    """What accounts held at the end of a day, the rows of the file so far included."""

    def __init__(self, task: Task, outcomes: list[Outcome]) -> None:
        self._task = task
        self._rows: list[engine.Row] = []
        self._links: dict[str, set[str]] = defaultdict(set)
        self._assets: dict[str, engine.Asset] = {}
        self._accounts: dict[str, engine.Account] = {}
        self._seq = 10**12
        for row in engine_rows(workspace_id=task.access.workspace.pk):
            self._take(row)
        named = [uuid.UUID(code) for code in self._links if len(code) == _ID]
        self._assets |= engine_assets(asset_ids=named)
        for outcome in outcomes:
            if outcome.state == State.NEW:
                self.add(outcome)

    def _take(self, row: engine.Row) -> None:
        self._rows.append(row)
        if row.asset is not None:
            self._links[row.asset].add(row.asset)
            if row.to_asset is not None:
                self._links[row.asset].add(row.to_asset)
                self._links[row.to_asset].add(row.asset)

    def add(self, outcome: Outcome) -> None:
        """A row the file will add counts from its day on."""
        if outcome.data is None:
            return
        self._seq += 1
        for asset in (outcome.data.asset, outcome.data.to_asset):
            if asset is not None:
                self._assets.setdefault(str(asset.pk), engine_asset(asset))
        self._take(engine_row(outcome.data, ref=f"line:{outcome.line.number}", seq=self._seq))

    def held(self, account: Account, asset: Asset | None, event: dt.date) -> Decimal:
        """Quantity of an asset in an account at the end of the day before ``event``.

        Events the market is known to have had count, save those so near that the line may be
        the very same one.
        """
        if asset is None:
            return Decimal(0)
        on = event - dt.timedelta(days=1)
        related = self._related(str(asset.pk))
        rows = [row for row in self._rows if row.asset in related and row.date <= on]
        for row in rows:
            self._accounts.setdefault(row.account, engine.Account(code=row.account))
        near = dt.timedelta(days=SAME_EVENT_DAYS)
        events = [
            known
            for known in events_for_assets(
                workspace_id=self._task.access.workspace.pk,
                asset_ids={uuid.UUID(code) for code in related if len(code) == _ID},
                until=on,
            )
            if known.asset_id != asset.pk or event - known.ex_date > near
        ]
        rows += expand(rows, self._assets, self._accounts, events)
        found = fold(rows, self._assets, self._accounts, by="account", on=on).holdings
        return sum(
            (
                holding.quantity
                for (_holder, code, key), holding in found.items()
                if code == str(account.pk) and key == str(asset.pk)
            ),
            Decimal(0),
        )

    def _related(self, code: str) -> set[str]:
        found, todo = {code}, [code]
        while todo:
            for other in self._links.get(todo.pop(), ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found


def resolve_context(task: Task, outcomes: list[Outcome], catalogue: Catalogue) -> None:
    """Give every line that needs the ledger its verdict, oldest first."""
    waiting = [
        o
        for o in outcomes
        if o.is_open and o.data is None and (o.line.action is Action.CONTEXT or o.line.needs)
    ]
    waiting = [o for o in waiting if o.line.action is not Action.RECONCILE]
    if not waiting:
        return
    holdings = Holdings(task, outcomes)
    for outcome in sorted(waiting, key=lambda o: (o.line.trade_date or dt.date.max, o.line.number)):
        for need in outcome.line.needs:
            handle = _HANDLERS.get(need)
            if handle is not None:
                handle(task, outcome, catalogue, holdings)
                break
        else:
            # "holding" alone says which rule follows it; a line with neither waits.
            if outcome.state == State.NEW and outcome.data is None:
                outcome.to_decide(outcome.line.reason)
        holdings.add(outcome)


Handler = Callable[[Task, Outcome, Catalogue, Holdings], None]


def _before(outcome: Outcome, catalogue: Catalogue, holdings: Holdings, code: str = "") -> Decimal:
    """What was held when the event took effect, at the open of its day."""
    day = outcome.line.trade_date
    if day is None or outcome.account is None:
        return Decimal(0)
    asset = catalogue.known(code or outcome.line.ticker) or _proposed(outcome, catalogue, code)
    return holdings.held(outcome.account, asset, day)


def _proposed(outcome: Outcome, catalogue: Catalogue, code: str) -> Asset | None:
    wanted = (code or outcome.line.ticker).upper()
    return next((a for a in catalogue.all_new if a.ticker.upper() == wanted), None)


def _text(value: Decimal) -> str:
    short = value.normalize()
    return format(short, "f")


def _ratio(outcome: Outcome, catalogue: Catalogue, ratio: Decimal, task: Task) -> None:
    if outcome.line.action is Action.DECIDE:
        outcome.suggested["ratio"] = _text(ratio)
        return
    outcome.found["ratio"] = ratio
    build(outcome, Kind.SPLIT, task, catalogue)


def _plain_ratio(new: Decimal, old: Decimal) -> Decimal | None:
    """The simple ratio that gives ``new`` whole units out of ``old``; ``None`` where none does."""
    exact = Fraction(new) / Fraction(old)
    near = exact.limit_denominator(_SMALL)
    if near > 0 and int(Fraction(old) * near) == int(new):
        return (Decimal(near.numerator) / Decimal(near.denominator)).quantize(_RATIO).normalize()
    # A grouping is simple the other way round: a hundred into one.
    inverse = (1 / exact).limit_denominator(_SMALL) if exact else Fraction(0)
    if inverse > 0 and int(Fraction(old) / inverse) == int(new):
        return (Decimal(inverse.denominator) / Decimal(inverse.numerator)).quantize(_RATIO)
    return None


def _split(task: Task, outcome: Outcome, catalogue: Catalogue, holdings: Holdings) -> None:
    line, needs = outcome.line, outcome.line.needs
    held = _before(outcome, catalogue, holdings)
    quantity = line.quantity or Decimal(0)
    if outcome.state == State.DECIDE and line.action is not Action.DECIDE:
        return
    if held <= 0:
        if line.action is not Action.DECIDE:
            outcome.to_decide("holding_unknown", Kind.SPLIT, ticker=line.ticker)
        return
    outcome.suggested["held"] = _text(held)
    if "ratio_from_added" in needs:
        new = held + quantity
    elif "ratio_from_removed" in needs:
        new = held - quantity
    else:
        new = quantity
    ratio = _plain_ratio(new, held) if new > 0 else None
    grouping = "ratio_from_total" in needs and line.action is not Action.DECIDE
    if ratio is None or (grouping and new >= held):
        if new > 0:
            outcome.suggested["ratio"] = _text((new / held).quantize(_RATIO))
        if line.action is not Action.DECIDE:
            outcome.to_decide("ratio_implausible", Kind.SPLIT, held=_text(held))
        return
    words = {"held": _text(held), "ratio": _text(ratio)}
    _ratio(outcome, catalogue, ratio, task)
    if outcome.state == State.NEW:
        outcome.reason = line.reason
        outcome.params = {**words, "added": _text(quantity), "total": _text(new)}


def _snapshot(task: Task, outcome: Outcome, catalogue: Catalogue, holdings: Holdings) -> None:
    line = outcome.line
    held = _before(outcome, catalogue, holdings)
    if line.quantity is not None and line.quantity == held:
        outcome.settle(State.IGNORED, "update_equals_holding", held=_text(held))
    else:
        quantity = _text(line.quantity) if line.quantity is not None else "?"
        outcome.to_decide("update_differs", *line.choices, held=_text(held), quantity=quantity)


def _forward(task: Task, outcome: Outcome, catalogue: Catalogue, holdings: Holdings) -> None:
    line = outcome.line
    contract = f"{line.ticker}T"
    held = _before(outcome, catalogue, holdings, contract)
    quantity = line.quantity or Decimal(0)
    if held == quantity and held > 0:
        outcome.found = {
            "ticker": contract,
            "to_ticker": line.ticker,
            "ratio": Decimal(1),
            "amount": None,
        }
        build(outcome, Kind.MERGER, task, catalogue)
        if outcome.state == State.NEW:
            outcome.reason, outcome.params = "forward_converted", {"ticker": contract}
    elif held > 0:
        outcome.to_decide("forward_partial", Kind.BUY, quantity=_text(quantity), held=_text(held))
    else:
        build(outcome, Kind.BUY, task, catalogue)
        if outcome.state == State.NEW:
            outcome.reason, outcome.params = "forward_unknown", {}


def _transfer(task: Task, outcome: Outcome, catalogue: Catalogue, holdings: Holdings) -> None:
    line = outcome.line
    asset = catalogue.known(line.ticker)
    other = Kind.TRANSFER_OUT if line.kind == Kind.TRANSFER_IN else Kind.TRANSFER_IN
    pair = None
    if asset is not None and line.trade_date is not None and outcome.account is not None:
        near = dt.timedelta(days=TRANSFER_DAYS)
        pair = (
            Transaction.objects.of(task.access.workspace.pk)
            .filter(
                kind=other,
                asset=asset,
                quantity=line.quantity,
                account__holder=task.holder,
                trade_date__range=(line.trade_date - near, line.trade_date + near),
            )
            .exclude(account=outcome.account.pk)
            .first()
        )
    if pair is None:
        outcome.to_decide("transfer_lone", str(line.kind))
        return
    build(outcome, str(line.kind), task, catalogue)
    if outcome.state == State.NEW:
        outcome.reason, outcome.params = "transfer_with_ledger", {}


def _exercise(task: Task, outcome: Outcome, catalogue: Catalogue, holdings: Holdings) -> None:
    line = outcome.line
    option = catalogue.known(line.ticker)
    if option is None and line.ticker.endswith("E"):
        option = catalogue.known(line.ticker[:-1])
    if option is None or option.underlying_id is None or option.strike is None:
        outcome.to_decide("option_unknown", *line.choices)
        return
    outcome.found["ticker"] = option.ticker
    build(outcome, line.choices[0], task, catalogue)


_HANDLERS: dict[str, Handler] = {
    "ratio_from_added": _split,
    "ratio_from_removed": _split,
    "ratio_from_total": _split,
    "equals_holding": _snapshot,
    "forward": _forward,
    "transfer_pair": _transfer,
    "underlying": _exercise,
}
