"""Wrong figures found in other programs: each is a test here."""

from dataclasses import replace
from datetime import date

from apps.engine.holdings import fold
from apps.engine.tests.support import D, folded, held, ledger, row


def test_the_past_has_the_quantities_of_the_past() -> None:
    rows = [
        row("2024-01-02", "buy", "XPTO3", 100, 10),
        row("2024-02-01", "split", ratio=2),
        row("2024-03-01", "sell", "XPTO3", 150, 6),
    ]
    quantities = [
        held(folded(*rows, on=on)).quantity
        for on in (date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1))
    ]
    assert quantities == [100, 200, 200, 50]


def test_a_later_purchase_leaves_past_gains_alone() -> None:
    rows = [
        row("2024-01-02", "buy", "XPTO3", 100, 10),
        row("2024-02-01", "sell", "XPTO3", 40, 15),
    ]
    before = held(folded(*rows))
    after = held(folded(*rows, row("2024-05-01", "buy", "XPTO3", 1000, 50)))
    assert before.realised_gain == after.realised_gain == 200
    assert before.steps == after.steps[:2]


def test_a_full_sale_keeps_its_cost() -> None:
    holding = held(
        folded(
            row("2024-01-02", "buy", "XPTO3", 100, 10),
            row("2024-02-01", "sell", "XPTO3", 100, 15),
        )
    )
    assert holding.steps[-1].cost_delta == -1000
    assert holding.realised_gain == 500


def test_identical_fills_are_two_purchases() -> None:
    fill = row("2024-01-02", "buy", "XPTO3", 100, 10)
    assert held(folded(fill, fill)).quantity == 200


def test_one_fold_does_not_touch_another() -> None:
    rows = ledger(
        row("2024-01-02", "buy", "XPTO3", 100, 10),
        row("2024-02-01", "sell", "XPTO3", 40, 15),
        row("2024-02-01", "dividend", "XPTO3", amount=3),
    )
    kept = [replace(each) for each in rows]
    first = held(fold(rows, {}, {}))
    lots, steps = first.lots, first.steps
    fold(rows[:1], {}, {}, by="account")
    fold(rows, {}, {}, currency="USD")
    assert rows == kept
    assert (first.lots, first.steps) == (lots, steps)
    assert held(fold(rows, {}, {})).realised_gain == first.realised_gain == 200


def test_realised_and_unrealised_add_up_to_cash() -> None:
    # 10@100, 5 sold at 200, 5@200, 5 sold at 200; at 200 the whole is worth 1000.00 of gain
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 10, 100),
        row("2024-01-03", "sell", "XPTO3", 5, 200),
        row("2024-01-04", "buy", "XPTO3", 5, 200),
        row("2024-01-05", "sell", "XPTO3", 5, 200),
    )
    holding = held(result)
    worth = 200 * holding.quantity
    assert result.cash[("main", "BRL")] + worth == D("1000.00")
    assert holding.realised_gain + worth - holding.total_cost == D("1000.00")
    assert holding.fifo_realised + worth - holding.fifo_cost == D("1000.00")
