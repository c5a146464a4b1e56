"""What must hold for any ledger at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.holdings import Fold, Holding, fold
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable
from apps.engine.tests.support import D, folded, held, ledger, row
from apps.engine.types import Account, Asset, Row

# No deadline: a busy machine is not a slow fold.
examples = settings(deadline=None, max_examples=40)

START = date(2024, 1, 1)
TINY = D("1e-15")

quantities = st.integers(1, 10_000).map(lambda n: D(n) / 10)
prices = st.integers(1, 1_000_000).map(lambda n: D(n) / 100)
small = st.integers(0, 5_000).map(lambda n: D(n) / 100)


@st.composite
def trades(draw: st.DrawFn, accounts: int = 2) -> list[Row]:
    """Purchases, sales never beyond what the account holds, splits, income; one a day."""
    names = "AB"[:accounts]
    owned = dict.fromkeys(names, D(0))
    rows = []
    for place in range(draw(st.integers(1, 25))):
        day = (START + timedelta(days=place)).isoformat()
        account = draw(st.sampled_from(names))
        choice = draw(st.integers(0, 9))
        if choice <= 4 or not owned[account]:
            size = draw(quantities)
            rows.append(
                row(day, "buy", "XPTO3", size, draw(prices), fees=draw(small), account=account)
            )
            owned[account] += size
        elif choice <= 7:
            size = min(draw(quantities), owned[account])
            rows.append(
                row(day, "sell", "XPTO3", size, draw(prices), fees=draw(small), account=account)
            )
            owned[account] -= size
        elif choice == 8:
            ratio = draw(st.sampled_from([D(2), D("0.5"), D(10), D("0.1"), D(3)]))
            rows.append(row(day, "split", "XPTO3", ratio=ratio, account=account))
            owned[account] *= ratio
        else:
            rows.append(row(day, "dividend", "XPTO3", amount=draw(prices), account=account))
    return rows


def _close(first: Decimal | None, second: Decimal | None) -> bool:
    assert first is not None
    assert second is not None
    return abs(first - second) <= TINY * max(D(1), abs(first), abs(second))


@examples
@given(trades())
def test_shares_are_conserved(rows: list[Row]) -> None:
    holding = held(folded(*rows))
    assert holding.quantity == sum((step.quantity_delta for step in holding.steps), D(0))
    assert holding.quantity == sum((lot.quantity for lot in holding.lots), D(0))
    assert holding.quantity >= 0
    apart = folded(*rows, by="account")
    assert sum((each.quantity for each in apart.holdings.values()), D(0)) == holding.quantity


@examples
@given(trades())
def test_cost_in_is_cost_out_plus_cost_held(rows: list[Row]) -> None:
    holding = held(folded(*rows))
    paid = sum(
        (each.quantity * each.unit_price + each.fees for each in rows if each.kind is Kind.BUY),
        D(0),
    )
    out = -sum((step.cost_delta for step in holding.steps if step.cost_delta < 0), D(0))
    assert _close(paid, out + holding.total_cost)
    used = sum((use.cost for use in holding.lot_uses), D(0))
    assert _close(paid, used + holding.fifo_cost)
    if not holding.quantity:
        assert (holding.total_cost, holding.fifo_cost) == (0, 0)


@examples
@given(trades())
def test_gains_add_up_from_their_parts_and_agree_with_cash(rows: list[Row]) -> None:
    result = folded(*rows)
    holding = held(result)
    assert _close(holding.realised_gain, sum((step.realised for step in holding.steps), D(0)))
    # FIFO: what each sale brought less the lots it consumed, computed the long way
    proceeds = sum(
        (each.quantity * each.unit_price - each.fees for each in rows if each.kind is Kind.SELL),
        D(0),
    )
    used = sum((use.cost for use in holding.lot_uses), D(0))
    assert _close(holding.fifo_realised, proceeds - used)
    assert holding.income == sum((part.gross for part in holding.income_parts), D(0))
    # money in hand + what the shares cost = everything gained so far
    cash = sum(result.cash.values(), D(0))
    assert _close(cash + holding.total_cost, holding.realised_gain + holding.income)
    last = holding.steps[-1]
    assert (last.quantity, last.cost) == (holding.quantity, holding.total_cost)


def _same(first: Fold, second: Fold) -> None:
    assert first.cash == second.cash
    assert first.holdings.keys() == second.holdings.keys()
    for key, one in first.holdings.items():
        two = second.holdings[key]
        for name in ("quantity", "total_cost", "realised_gain", "fifo_cost", "fifo_realised"):
            assert _close(getattr(one, name), getattr(two, name)), name


@examples
@given(trades(), st.integers(0, 1000))
def test_the_order_of_the_file_does_not_matter_across_days(rows: list[Row], seed: int) -> None:
    mixed = list(rows)
    Random(seed).shuffle(mixed)
    _same(folded(*rows), folded(*mixed))


@examples
@given(st.lists(st.tuples(quantities, prices, small), min_size=2, max_size=8), st.integers(0, 1000))
def test_independent_rows_of_a_day_may_come_in_any_order(
    bought: list[tuple[Decimal, Decimal, Decimal]], seed: int
) -> None:
    rows = [
        row("2024-01-02", "buy", f"ATV{place % 3}", size, price, fees=fees)
        for place, (size, price, fees) in enumerate(bought)
    ]
    mixed = list(rows)
    Random(seed).shuffle(mixed)
    one, two = folded(*rows), folded(*mixed)
    assert one.cash == two.cash
    for key, holding in one.holdings.items():
        assert holding.total_cost == two.holdings[key].total_cost
        assert holding.quantity == two.holdings[key].quantity


@examples
@given(trades(accounts=1), st.sampled_from([D(2), D(4), D(5), D(10), D(100)]))
def test_a_split_and_its_reverse_change_nothing(rows: list[Row], ratio: Decimal) -> None:
    before = held(folded(*rows))
    after = held(
        folded(
            *rows,
            row("2025-01-01", "split", "XPTO3", ratio=ratio, account="A"),
            row("2025-01-02", "split", "XPTO3", ratio=1 / ratio, account="A"),
        )
    )
    assert after.quantity == before.quantity
    assert after.total_cost == before.total_cost
    assert after.fifo_cost == before.fifo_cost
    assert after.fifo_realised == before.fifo_realised


@examples
@given(trades())
def test_folding_again_gives_the_same(rows: list[Row]) -> None:
    kept = ledger(*rows)
    assert fold(kept, {}, {}).issues == fold(kept, {}, {}).issues
    _same(fold(kept, {}, {}), fold(kept, {}, {}))


@examples
@given(trades(accounts=1))
def test_a_transfer_there_and_back_changes_nothing(rows: list[Row]) -> None:
    before = held(folded(*rows))
    if not before.quantity:
        return
    size = before.quantity
    moved = folded(
        *rows,
        row("2025-01-01", "transfer_out", "XPTO3", size, account="A"),
        row("2025-01-01", "transfer_in", "XPTO3", size, account="B"),
        row("2025-02-01", "transfer_out", "XPTO3", size, account="B"),
        row("2025-02-02", "transfer_in", "XPTO3", size, account="A"),
    )
    after = held(moved)
    assert moved.issues == []
    assert after.quantity == before.quantity
    assert _close(after.total_cost, before.total_cost)
    assert _close(after.fifo_cost, before.fifo_cost)
    assert _close(after.realised_gain, before.realised_gain)
    assert [lot.date for lot in after.lots] == [lot.date for lot in before.lots]


@examples
@given(trades(), st.sampled_from(["spin_off", "merger", "rename"]), st.integers(0, 100))
def test_an_exchange_conserves_the_cost(rows: list[Row], kind: str, share: int) -> None:
    before = held(folded(*rows))
    events = []
    for account in sorted({each.account for each in rows}):
        fields = {"to_asset": "NOVA3", "account": account}
        if kind == "spin_off":
            fields |= {"quantity": 7, "cost_share": D(share) / 100}
        if kind == "merger":
            fields |= {"ratio": "0.25"}
        events.append(row("2025-01-01", kind, "XPTO3", **fields))
    after = folded(*rows, *events).holdings.values()

    def total(name: str) -> Decimal | None:
        parts = [getattr(each, name) for each in after]
        return None if None in parts else sum(parts, D(0))

    cost = total("total_cost")
    if cost is not None:  # an account without shares receives them at unknown cost
        assert _close(cost, before.total_cost)
        assert _close(total("fifo_cost"), before.fifo_cost)
        assert _close(total("realised_gain"), before.realised_gain)
        assert _close(total("fifo_realised"), before.fifo_realised)


def nonsense(seed: int) -> list[Row]:
    """Rows of every kind with anything missing, negative or pointing nowhere."""
    random = Random(seed)
    names = ["AAAA3", "BBBB3", "OPT", "FUT", None]
    numbers = [None, *map(D, (-3, 0, 1, 2, 5, 10, 10, 10, 40)), D("0.5"), D("0.3333333")]

    def any_number() -> Decimal | None:
        return random.choice(numbers)

    return [
        Row(
            ref=str(place),
            seq=place,
            date=START + timedelta(days=random.randrange(30)),
            kind=random.choice(list(Kind)),
            account=random.choice(["A", "B", "C", ""]),
            currency=random.choice(["BRL", "BRL", "USD", ""]),
            asset=random.choice(names),
            time=random.choice([None, None, time(10), time(15, 30)]),
            quantity=any_number(),
            unit_price=any_number(),
            amount=any_number(),
            fees=any_number(),
            tax_withheld=any_number(),
            fx_rate=any_number(),
            ratio=any_number(),
            to_asset=random.choice(names),
            cost_share=any_number(),
        )
        for place in range(random.randrange(1, 40))
    ]


ASSETS = {
    "AAAA3": Asset("AAAA3", currency="BRL"),
    "OPT": Asset(
        "OPT",
        asset_class=AssetClass.OPTION,
        underlying="AAAA3",
        option_type="call",
        strike=D(3),
        multiplier=D(100),
    ),
    "FUT": Asset("FUT", asset_class=AssetClass.FUTURE),
}
ACCOUNTS = {
    "A": Account("A", currency="BRL"),
    "B": Account("B", currency="USD"),
    "C": Account("C", holder="other"),
}
RATES = FxTable({("USD", "BRL"): [(START + timedelta(days=9), D(5))]})


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**40), st.sampled_from(["asset", "account"]), st.sampled_from([None, "BRL"]))
def test_no_ledger_raises_and_no_long_position_goes_below_zero(
    seed: int, by: str, currency: str | None
) -> None:
    rows = nonsense(seed)
    for accounts, assets, fx in (({}, {}, None), (ACCOUNTS, ASSETS, RATES)):
        on = START + timedelta(days=seed % 40)
        result = fold(rows, assets, accounts, by=by, currency=currency, fx=fx, on=on)
        for holding in result.holdings.values():
            _check(holding)
        logged = fold(rows, assets, accounts, by=by, currency=currency, fx=fx, on=on, log_cash=True)
        assert logged.cash == result.cash
        for key, log in logged.cash_log.items():
            if log:
                assert log[max(log)] == result.cash[key]


def _check(holding: Holding) -> None:
    longs = sum((lot.quantity for lot in holding.lots), D(0))
    assert _close(longs, holding.quantity)
    steps = holding.steps
    if steps and not holding.raw_short_steps:
        assert steps[-1].quantity == holding.quantity
        assert steps[-1].cost == holding.total_cost
        assert min(step.quantity for step in steps) >= 0
    list(holding.lot_uses)
    list(holding.income_parts)
    if holding.quantity == 0 and not holding.raw_short_steps:
        assert holding.total_cost == 0


def test_the_inner_loop_agrees_with_the_row_by_row_path() -> None:
    # A broker's exchange rate of 1 in an account of another currency sends every row the long
    # way, changing nothing but the currency of the cash.
    random = Random(5)
    rows, owned = [], D(0)
    for place in range(400):
        day = (START + timedelta(days=place // 3)).isoformat()
        if not owned or random.random() < 0.5:
            size = D(random.randrange(1, 500)) / 10
            rows.append(
                row(day, "buy", "XPTO3", size, D(random.randrange(1, 9999)) / 100, fees="0.3")
            )
            owned += size
        else:
            size = min(owned, D(random.randrange(1, 500)) / 10)
            rows.append(
                row(
                    day,
                    "sell",
                    "XPTO3",
                    size,
                    D(random.randrange(1, 9999)) / 100,
                    tax_withheld="0.1",
                )
            )
            owned -= size
        if place % 7 == 0:
            rows.append(row(day, "dividend", "XPTO3", amount=3, tax_withheld="0.45"))
    fast = folded(*rows)
    slow = folded(
        *[replace(each, fx_rate=D(1)) for each in rows],
        accounts={"main": Account("main", currency="XXX")},
    )
    one, two = held(fast), held(slow)
    for name in (
        "quantity",
        "total_cost",
        "realised_gain",
        "fifo_cost",
        "fifo_realised",
        "income",
        "income_withheld",
        "fees",
        "fees_unknown",
        "issue_codes",
        "lots",
        "lot_uses",
    ):
        assert getattr(one, name) == getattr(two, name), name
    assert [step[:10] for step in one.steps] == [step[:10] for step in two.steps]
    assert list(fast.cash.values()) == list(slow.cash.values())
