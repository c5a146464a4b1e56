"""What holdings are worth, and what nobody can say."""

from datetime import date
from typing import Any

from apps.engine.kinds import AssetClass, Indexer
from apps.engine.prices import FxTable, PriceTable
from apps.engine.tests.support import D, asset, folded, row
from apps.engine.types import Asset, FixedIncomeTerms, Row
from apps.engine.valuation import Valued, totals, value

ON = date(2024, 3, 1)


def _valued(*rows: Row, prices: dict[str, Any] | None = None, **options: Any) -> list[Valued]:
    fx = options.pop("fx", FxTable())
    assets = options.get("assets", {})
    currency = options.get("currency")
    table = PriceTable({code: [(ON, D(str(p)))] for code, p in (prices or {}).items()})
    result = folded(*rows, fx=fx, **options)
    return value(result, table, fx, on=ON, currency=currency, assets=assets)


def test_market_value_and_both_gains() -> None:
    (found,) = _valued(
        row("2024-01-02", "buy", "XPTO3", 10, 10, fees=1),
        row("2024-01-03", "buy", "XPTO3", 10, 20),
        row("2024-01-04", "sell", "XPTO3", 10, 20),
        prices={"XPTO3": 30},
    )
    assert (found.price, found.price_date, found.market_value) == (30, ON, 300)
    assert found.unrealised_gain == D("149.5")  # 300 - (301 / 2)
    assert found.fifo_unrealised == 100  # 300 - 200
    assert found.issues == ()


def test_a_missing_price_is_no_value() -> None:
    (found,) = _valued(row("2024-01-02", "buy", "XPTO3", 10, 10))
    assert (found.price, found.market_value, found.unrealised_gain) == (None, None, None)
    assert [issue.code for issue in found.issues] == ["price_missing"]


def test_an_old_price_is_shown_with_a_mark() -> None:
    result = folded(row("2024-01-02", "buy", "XPTO3", 10, 10))
    prices = PriceTable({"XPTO3": [(date(2024, 1, 2), D(12))]})
    (found,) = value(result, prices, FxTable(), on=ON)
    assert (found.market_value, found.price_date) == (120, date(2024, 1, 2))
    assert [issue.code for issue in found.issues] == ["price_stale"]


def test_a_close_from_before_a_split_is_worth_less_after_it() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 10, 10), row("2024-02-28", "split", "XPTO3", ratio=4)
    )
    prices = PriceTable({"XPTO3": [(date(2024, 2, 27), D(12))]})
    (found,) = value(result, prices, FxTable(), on=ON)
    assert found.market_value == 120  # 40 shares at 12 / 4
    assert [issue.code for issue in found.issues] == ["price_before_split"]
    prices = PriceTable({"XPTO3": [(date(2024, 2, 28), D(3))]})
    (found,) = value(result, prices, FxTable(), on=ON)
    assert (found.market_value, found.issues) == (120, ())


def test_an_empty_position_needs_no_price() -> None:
    (found,) = _valued(
        row("2024-01-02", "buy", "XPTO3", 10, 10), row("2024-01-03", "sell", "XPTO3", 10, 11)
    )
    assert (found.market_value, found.unrealised_gain, found.issues) == (0, 0, ())


def test_a_short_gains_when_the_price_falls() -> None:
    (found,) = _valued(row("2024-01-02", "short_sell", "XPTO3", 10, 10), prices={"XPTO3": 8})
    assert (found.market_value, found.unrealised_gain) == (-80, 20)


def test_an_unknown_cost_leaves_the_gain_unknown_but_not_the_value() -> None:
    (found,) = _valued(row("2024-01-02", "transfer_in", "XPTO3", 10), prices={"XPTO3": 8})
    assert (found.market_value, found.unrealised_gain) == (80, None)


def test_values_are_converted_at_the_day_and_costs_when_they_happened() -> None:
    fx = FxTable({("USD", "BRL"): [(date(2024, 1, 1), D(5)), (ON, D(6))]})
    (found,) = _valued(
        row("2024-01-02", "buy", "AAPL", 10, 100, currency="USD"),
        prices={"AAPL": 110},
        currency="BRL",
        fx=fx,
        assets=asset("AAPL", currency="USD"),
    )
    assert (found.market_value, found.unrealised_gain) == (6600, 1600)  # 6600 - 5000
    assert (found.price, found.price_currency, found.currency) == (110, "USD", "BRL")


def test_without_a_rate_there_is_no_value() -> None:
    (found,) = _valued(
        row("2024-01-02", "buy", "AAPL", 10, 100, currency="USD"),
        prices={"AAPL": 110},
        currency="BRL",
    )
    assert found.market_value is None
    assert "fx_rate_missing" in [issue.code for issue in found.issues]


def test_a_value_asked_in_another_currency_than_the_costs_has_no_gain() -> None:
    fx = FxTable({("USD", "BRL"): [(date(2024, 1, 1), D(5))]})
    result = folded(row("2024-01-02", "buy", "AAPL", 10, 100, currency="USD"))
    prices = PriceTable({"AAPL": [(ON, D(110))]})
    (found,) = value(result, prices, fx, on=ON, currency="BRL")
    assert (found.market_value, found.unrealised_gain) == (5500, None)
    assert [issue.code for issue in found.issues] == ["cost_in_other_currency"]
    assert totals([found], result, fx, on=ON, currency="BRL").total_cost is None


def test_a_multiplier_scales_the_value_and_a_future_has_none() -> None:
    (found,) = _valued(
        row("2024-01-02", "buy", "OPT", 2, 1),
        prices={"OPT": 3},
        assets=asset("OPT", asset_class=AssetClass.OPTION, multiplier=D(100)),
    )
    assert (found.market_value, found.unrealised_gain) == (600, 400)
    (found,) = _valued(
        row("2024-01-02", "buy", "FUT", 2, 100000),
        prices={"FUT": 100500},
        assets=asset("FUT", asset_class=AssetClass.FUTURE),
    )
    assert (found.market_value, found.unrealised_gain) == (0, 0)


def test_fixed_income_accrues_where_the_market_is_silent() -> None:
    terms = FixedIncomeTerms(
        Indexer.PREFIXED, date(2024, 1, 2), date(2026, 1, 2), D(1000), rate=D("0.1")
    )
    assets = {"CDB1": Asset("CDB1", currency="BRL", terms=terms)}
    result = folded(row("2024-01-02", "buy", "CDB1", 5, 1000), assets=assets)
    (found,) = value(result, PriceTable(), FxTable(), on=ON, assets=assets)
    # 2 January to 1 March exclusive: 43 weekdays
    assert found.price == D(1000) * D("1.1") ** (D(43) / D(252))
    assert found.price_source == "terms"
    assert [issue.code for issue in found.issues] == ["holidays_missing"]
    prices = PriceTable({"CDB1": [(ON, D(990))]})
    (found,) = value(result, prices, FxTable(), on=ON, assets=assets)
    assert (found.price, found.price_source) == (990, "market")


def test_totals_are_unknown_where_a_part_is() -> None:
    rows = [
        row("2024-01-01", "deposit", None, amount=1000),
        row("2024-01-02", "buy", "AAAA3", 10, 10),
        row("2024-01-02", "buy", "BBBB3", 10, 10),
        row("2024-01-09", "dividend", "BBBB3", amount=7, tax_withheld=1),
    ]
    result = folded(*rows)
    fx = FxTable()
    both = PriceTable({"AAAA3": [(ON, D(11))], "BBBB3": [(ON, D(12))]})
    sums = totals(value(result, both, fx, on=ON), result, fx, on=ON, currency="BRL")
    assert (sums.market_value, sums.total_cost, sums.unrealised_gain) == (230, 200, 30)
    assert (sums.income, sums.income_withheld, sums.cash, sums.fees) == (7, 1, 806, 0)
    one = PriceTable({"AAAA3": [(ON, D(11))]})
    sums = totals(value(result, one, fx, on=ON), result, fx, on=ON, currency="BRL")
    assert (sums.market_value, sums.total_cost, sums.unrealised_gain) == (None, 200, None)
