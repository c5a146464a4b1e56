"""The cheapest way to raise an amount, and what selling costs. Amounts in BRL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from apps.engine.taxes.funds import FundLot
from apps.engine.taxes.held import Held, candidates
from apps.engine.taxes.selling import (
    Candidate,
    Plan,
    Room,
    raise_cash,
    sell_all,
    sell_alone,
)
from apps.engine.taxes.settings import TaxSettings
from apps.engine.taxes.tests.ledgers import law

RATES = {"common": D("0.15"), "fii": D("0.20"), "abroad": D("0.15"), "crypto": D("0.15")}
LIMIT = {"stock": D(20000)}


def stock(asset: str, quantity: int, price: int, cost: int, pool: str = "stock") -> Candidate:
    size = D(quantity)
    return Candidate(asset, pool, size, size * price, size * cost)


def room(**values: object) -> Room:
    return Room(**{"limits": LIMIT, "rates": RATES, **values})  # type: ignore[arg-type]


def sold(plan: Plan | None) -> dict[str, D]:
    assert plan is not None
    return {each.candidate.asset: each.quantity for each in plan.sold}


def test_within_the_limit_nothing_is_due() -> None:
    shares = stock("A", 1000, 20, 10)
    assert sell_alone(shares, room()) == 0
    # One share more: 20,020 of sales, 10,010 of gain x 15 % = 1,501.50.
    assert sell_alone(stock("A", 1001, 20, 10), room()) == D("1501.50")


def test_what_was_sold_already_counts() -> None:
    """5,000 left of the limit and 3,000 of gain so far: selling 6,000 with 1,000 of gain taxes
    4,000 x 15 %."""
    here = room(limits={"stock": D(5000)}, spot={"stock": D(3000)})
    assert sell_alone(stock("A", 300, 20, 17), here) == D(6000 - 5100 + 3000) * D("0.15")
    assert sell_alone(stock("A", 250, 20, 17), here) == 0


def test_losses_carried_shelter_their_own_pool_only() -> None:
    here = room(losses={"common": D(4000)})
    etf, fii = stock("E", 100, 100, 50, "common"), stock("F", 100, 100, 50, "fii")
    assert sell_alone(etf, here) == D(1000) * D("0.15")
    assert sell_alone(fii, here) == 5000 * D("0.20")


def test_a_loss_saves_tax_already_due() -> None:
    """2,000 taxable so far: a loss of 1,500 saves 225."""
    here = room(results={"common": D(2000)})
    assert sell_alone(stock("E", 100, 35, 50, "common"), here) == D(-225)


def test_exempt_before_taxed() -> None:
    plan, others = raise_cash(
        D(10000), [stock("A", 1000, 20, 5), stock("F", 200, 100, 90, "fii")], room()
    )
    assert sold(plan) == {"A": D(500)}
    assert plan is not None
    assert (plan.tax, plan.net) == (0, 10000)
    assert all(other.tax >= 0 for other in others)


def test_beyond_the_limit_the_smallest_gain_goes() -> None:
    """25,000 wanted. Within the limit: 20,000 of A free; the rest from the fund, 200 of tax in each
    1,000 of gain: price 100, cost 90: 2 % of what it brings: 5,000 / 0.98 = 5,102.04 = 52 units,
    tax 52 x 10 x 20 % = 104."""
    shares, fund = stock("A", 2000, 20, 5), stock("F", 200, 100, 90, "fii")
    plan, _others = raise_cash(D(25000), [shares, fund], room())
    assert sold(plan) == {"A": D(1000), "F": D(52)}
    assert plan is not None
    assert plan.tax == 104
    assert plan.keeps == {"stock"}


def test_crossing_the_limit_when_that_is_cheaper() -> None:
    """A gains 1 in 100: crossing costs 15 % of 1 %. The fund would cost 10 %."""
    shares, fund = stock("A", 1000, 100, 99), stock("F", 1000, 100, 50, "fii")
    plan, others = raise_cash(D(50000), [shares, fund], room())
    # 500 shares bring 50,000 less 500 x 0.15 = 75 of tax: one more is needed.
    assert sold(plan) == {"A": D(501)}
    assert plan is not None
    assert plan.tax == D("75.15")
    assert others[0].tax > plan.tax


def test_losses_first_where_they_save() -> None:
    """BDR with a loss saves 15 % of it while 1,000 of the month is taxable."""
    here = room(results={"common": D(1000)})
    loser, exempt = stock("L", 100, 50, 60, "common"), stock("A", 100, 100, 10)
    plan, _others = raise_cash(D(5150), [loser, exempt], here)
    assert sold(plan) == {"L": D(100)}
    assert plan is not None
    assert (plan.tax, plan.net) == (D(-150), 5150)


def test_lots_of_a_paper_leave_in_the_order_they_came() -> None:
    old = Candidate("T", "source", D(1), D(1000), D(800), D("0.01"), D(30), dt.date(2020, 1, 1))
    new = Candidate("T", "source", D(1), D(1000), D(990), D("0.01"), D(2), dt.date(2024, 1, 1))
    plan, _others = raise_cash(D(485), [new, old], room())
    # Half of the old lot brings 500 less 15.
    assert plan is not None
    assert [(each.candidate, each.quantity) for each in plan.sold] == [(old, D("0.50"))]


def test_not_enough() -> None:
    plan, others = raise_cash(D(1000), [stock("A", 10, 20, 5)], room())
    assert plan is None
    assert others[0].net == 200


def test_crypto_by_brackets_and_limit() -> None:
    brackets = [{"up_to": "5000000", "rate": "0.15"}, {"up_to": None, "rate": "0.175"}]
    here = Room(limits={"crypto": D(35000)}, rates=RATES, brackets=brackets)
    coin = Candidate("BTC", "crypto", D(1), D(35000), D(1000), D("0.00000001"))
    assert sell_alone(coin, here) == 0
    more = Candidate("BTC", "crypto", D(1), D("35000.01"), D(1000), D("0.00000001"))
    assert sell_alone(more, here) == D("5100.00")


def test_everything_at_once() -> None:
    """30,000 of shares cross the limit: (20,000 - 5,000 of loss) x 15 %; the fund 1,000 x 20 %."""
    plan = sell_all(
        [stock("A", 1000, 30, 10), stock("F", 100, 20, 10, "fii")],
        room(losses={"common": D(5000)}),
    )
    assert (plan.tax, plan.net) == (D(2250) + 200, D(32000) - 2450)


POOLS = st.sampled_from(["stock", "common", "fii", "abroad", "exempt"])
LOTS = st.builds(
    stock,
    st.sampled_from(["A", "B", "C", "D", "E", "F"]),
    st.integers(1, 500),
    st.integers(1, 100),
    st.integers(0, 150),
    POOLS,
)


@given(
    st.lists(LOTS, min_size=1, max_size=6),
    st.integers(1, 40000),
    st.integers(0, 20000),
    st.integers(0, 9000),
)
def test_a_plan_brings_enough_and_costs_no_more_than_another(
    lots: list[Candidate], amount: int, limit: int, loss: int
) -> None:
    here = room(limits={"stock": D(limit)}, losses={"common": D(loss), "fii": D(loss)})
    plan, others = raise_cash(D(amount), lots, here)
    everything = sell_all(lots, here)
    if plan is None:
        # Nothing that brings money was left out.
        best = max([everything.net, *(other.net for other in others)])
        assert best < amount or others[0].net <= everything.net
        return
    assert plan.net >= amount
    assert all(0 < each.quantity <= each.candidate.quantity for each in plan.sold)
    assert all(plan.tax <= other.tax for other in others if other.net >= amount)
    # Selling it all would do as well; a whole unit too many of each is the most that is lost.
    units = sum(each.value / each.quantity for each in lots)
    if everything.net >= amount:
        assert plan.tax <= max(everything.tax, 0) + units * D("0.2")


def test_lots_of_unknown_cost_are_left_out_as_such() -> None:
    when = dt.date(2025, 1, 2)
    lots = (FundLot("1", when, "xp", D(10), None),)
    fund = Held("FIC", "source", D(10), D(0), fund_lots=lots, fund="long")
    found = candidates([fund], {"FIC": D(2)}, {}, dt.date(2025, 6, 2), law(), TaxSettings())
    assert found == ([], [("FIC", "cost_unknown")])
