"""Returns after tax on paper, and what must hold of them whatever the numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.engine.returns import Figures, measure
from apps.engine.returns.after_tax import after_tax, opens_with_nothing
from apps.engine.tests.returns_support import day, laid, prices
from apps.engine.tests.support import row


def held() -> Figures:
    """10 bought at 10 on 2 January; worth 10, 11, 12 and 12 on the 2nd, 3rd, 4th and 5th."""
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 11, "2024-01-04": 12}),
        end="2024-01-05",
    )
    return measure(timeline)


def test_a_tax_is_a_cost_of_its_day() -> None:
    found = held()
    after = after_tax(found, [(day("2024-01-04"), 11.0)])
    # 120 - 100 - 11; the day of the tax is (120 - 11) / 110, the one before 110 / 100.
    assert (after.tax, after.gain) == (11, pytest.approx(9))
    assert after.twr == pytest.approx(1.1 * 109 / 110 - 1)
    # -100 on the 2nd, -11 on the 4th, +120 on the 5th: lower than without it.
    assert found.irr is not None
    assert after.irr is not None
    assert after.irr < found.irr


def test_nothing_owed_changes_nothing() -> None:
    found = held()
    after = after_tax(found, [(day("2023-12-31"), 5.0), (day("2024-01-06"), 5.0)])
    assert (after.tax, after.gain) == (0, found.absolute_gain)
    assert after.twr == pytest.approx(found.twr)
    assert after.irr == pytest.approx(found.irr)


def test_a_day_that_opens_with_nothing_gives_its_tax_back() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-04", "sell", "A", 10, 12),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 11}),
        end="2024-01-31",
    )
    found = measure(timeline)
    after = after_tax(found, [(day("2024-01-31"), 3.0)])
    # Counted on the 4th: 110 / 100, then (120 - 3) / 110.
    assert after.twr == pytest.approx(117 / 100 - 1)
    late = measure(timeline, start=day("2024-01-10"))
    assert after_tax(late, [(day("2024-01-31"), 3.0)]).twr is None


def test_more_tax_than_there_was_has_no_rate() -> None:
    assert after_tax(held(), [(day("2024-01-04"), 130.0)]).twr is None


def test_periods_after_tax_chain() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 11, "2024-01-04": 12}),
        end="2024-01-05",
    )
    dues = [(date(2024, 1, 3) + timedelta(days=n), 2.0 + n) for n in range(3)]
    whole = after_tax(measure(timeline), dues).twr
    first = after_tax(measure(timeline, end=day("2024-01-03")), dues).twr
    second = after_tax(measure(timeline, start=day("2024-01-03")), dues).twr
    assert whole is not None
    assert first is not None
    assert second is not None
    assert (1 + first) * (1 + second) == pytest.approx(1 + whole)


def test_whether_the_gain_is_all_of_the_period() -> None:
    assert opens_with_nothing(held())
    timeline = laid(row("2024-01-02", "buy", "A", 10, 10), end="2024-01-05")
    assert not opens_with_nothing(measure(timeline, start=day("2024-01-03")))
