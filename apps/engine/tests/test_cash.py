"""Income by asset, cash by account and currency, options at their end."""

from datetime import date

import pytest

from apps.engine.kinds import AssetClass
from apps.engine.prices import FxTable
from apps.engine.tests.support import D, codes, folded, held, row
from apps.engine.types import Account, Asset


def test_income_is_gross_and_withheld_apart() -> None:
    result = folded(
        row("2024-01-02", "dividend", amount=100),
        row("2024-01-03", "jcp", amount=100, tax_withheld=15),
        row("2024-01-04", "distribution", amount=10),
        row("2024-01-05", "lending_income", amount=3, tax_withheld="0.45"),
        row("2024-01-06", "interest", amount=-2),
    )
    holding = held(result)
    assert (holding.income, holding.income_withheld) == (211, D("15.45"))
    assert result.cash == {("main", "BRL"): D("195.55")}
    assert [part.kind for part in holding.income_parts][:2] == ["dividend", "jcp"]
    assert (holding.quantity, holding.realised_gain) == (0, 0)


def test_income_without_amount_is_unknown() -> None:
    result = folded(row("2024-01-02", "dividend"), row("2024-01-03", "dividend", amount=5))
    assert held(result).income is None
    assert codes(result) == ["amount_missing"]


def test_cash_moves_with_deposits_fees_and_taxes() -> None:
    result = folded(
        row("2024-01-01", "deposit", None, amount=1000),
        row("2024-01-02", "fee", None, amount=10),
        row("2024-01-03", "tax", None, amount=5),
        row("2024-01-04", "tax", None, amount=-2),
        row("2024-01-05", "withdrawal", None, amount=100),
        row("2024-01-06", "interest", None, amount=1),
    )
    assert result.cash == {("main", "BRL"): D(888)}
    assert sum(result.cash_by_kind.values()) == 888


def test_a_cash_row_without_amount_leaves_the_balance_incomplete() -> None:
    result = folded(row("2024-01-01", "deposit", None))
    assert codes(result) == ["amount_missing"]
    assert result.cash_incomplete == {("main", "BRL")}


def test_exchange_moves_both_balances() -> None:
    result = folded(
        row("2024-01-01", "deposit", None, amount=5500),
        row("2024-01-02", "fx", None, 1000, amount=5400, fees=20, to_asset="USD"),
    )
    assert result.cash == {("main", "BRL"): D(80), ("main", "USD"): D(1000)}


def test_an_exchange_half_known() -> None:
    assert codes(folded(row("2024-01-02", "fx", None, 1, amount=5))) == ["to_asset_missing"]
    result = folded(row("2024-01-02", "fx", None, amount=5, to_asset="USD"))
    assert codes(result) == ["quantity_missing"]
    assert result.cash_incomplete == {("main", "USD")}
    result = folded(row("2024-01-02", "fx", None, 5, to_asset="USD"))
    assert result.cash_incomplete == {("main", "BRL")}


def test_the_broker_s_rate_serves_cash_only() -> None:
    accounts = {"main": Account("main", currency="EUR")}
    rows = [
        row("2024-01-02", "buy", "AAPL", 10, 100, fees=5, currency="USD", fx_rate="0.9"),
        row("2024-01-03", "dividend", "AAPL", amount=10, currency="USD", fx_rate="0.8"),
        row("2024-01-04", "dividend", "AAPL", amount=10, currency="USD"),
    ]
    result = folded(*rows, accounts=accounts)
    # -1005 x 0.9 + 10 x 0.8 in euros; without a rate the dollars stay dollars
    assert result.cash == {("main", "EUR"): D("-896.5"), ("main", "USD"): D(10)}
    assert held(result, "AAPL").total_cost == 1005
    assert held(result, "AAPL").currency == "USD"


def test_an_undescribed_account_is_reported_once() -> None:
    accounts = {"other": Account("other")}
    result = folded(
        row("2024-01-02", "buy", "A", 1, 1), row("2024-01-02", "buy", "B", 1, 1), accounts=accounts
    )
    assert codes(result) == ["account_unknown"]


def test_an_undescribed_asset_is_reported_once() -> None:
    assets = {"A": Asset("A")}
    result = folded(row("2024-01-02", "buy", "B", 1, 1), assets=assets)
    assert codes(result) == ["asset_unknown"]


FX = FxTable({("USD", "BRL"): [(date(2024, 1, 1), D(5)), (date(2024, 6, 1), D(6))]})


def test_every_row_is_converted_at_its_own_date() -> None:
    # buy 10 x 100 + 2 = 1002 USD at 5; sell 5 x 120 - 2 = 598 USD at 6
    result = folded(
        row("2024-01-02", "buy", "AAPL", 10, 100, fees=2, currency="USD"),
        row("2024-06-03", "sell", "AAPL", 5, 120, fees=2, currency="USD"),
        row("2024-06-04", "dividend", "AAPL", amount=10, tax_withheld=3, currency="USD"),
        currency="BRL",
        fx=FX,
    )
    holding = held(result, "AAPL")
    assert holding.currency == "BRL"
    assert holding.total_cost == 2505
    assert holding.realised_gain == D(598 * 6) - 2505
    assert (holding.income, holding.income_withheld) == (60, 18)
    assert holding.fees == 22
    assert result.cash == {("main", "USD"): D(-397)}  # -1002 + 598 + 7, in dollars


def test_a_missing_rate_makes_the_figures_unknown() -> None:
    result = folded(
        row("2023-12-01", "buy", "AAPL", 10, 100, currency="USD"),
        row("2023-12-05", "dividend", "AAPL", amount=10, currency="USD"),
        row("2024-06-04", "sell", "AAPL", 5, 110, currency="USD"),
        currency="BRL",
        fx=FX,
    )
    holding = held(result, "AAPL")
    assert holding.quantity == 5
    assert (holding.total_cost, holding.realised_gain, holding.income) == (None, None, None)
    assert set(codes(result)) == {"fx_rate_missing"}


def test_an_old_rate_is_marked() -> None:
    result = folded(
        row("2024-03-02", "buy", "AAPL", 10, 100, currency="USD"),
        row("2024-03-03", "buy", "AAPL", 10, 100, currency="USD"),
        currency="BRL",
        fx=FX,
    )
    assert codes(result) == ["fx_rate_stale"]
    assert held(result, "AAPL").total_cost == 10000


def test_without_a_target_a_row_joins_the_currency_of_its_asset() -> None:
    assets = {"AAPL": Asset("AAPL", currency="USD")}
    rows = [row("2024-01-02", "buy", "AAPL", 10, 500, currency="BRL")]
    assert held(folded(*rows, assets=assets, fx=FX), "AAPL").total_cost == 1000
    unknown = folded(*rows, assets=assets)
    assert held(unknown, "AAPL").total_cost is None
    assert codes(unknown) == ["fx_rate_missing"]


def _options(kind: str, **fields: object) -> dict[str, Asset]:
    terms = {"underlying": "PETR4", "option_type": kind, "strike": D(30), **fields}
    return {
        "OPT": Asset("OPT", asset_class=AssetClass.OPTION, **terms),
        "PETR4": Asset("PETR4"),
    }


def test_a_call_exercised_buys_at_strike_plus_premium() -> None:
    result = folded(
        row("2024-01-02", "buy", "OPT", 100, 2),
        row("2024-02-02", "exercise", "OPT", 100, fees=1),
        assets=_options("call"),
    )
    assert held(result, "OPT").quantity == 0
    assert held(result, "OPT").realised_gain == 0
    assert held(result, "PETR4").total_cost == 3201
    assert result.cash == {("main", "BRL"): D(-3201)}


def test_a_put_exercised_sells_at_strike_less_premium() -> None:
    result = folded(
        row("2024-01-02", "buy", "PETR4", 100, 25),
        row("2024-01-02", "buy", "OPT", 100, 1),
        row("2024-02-02", "exercise", "OPT", 100),
        assets=_options("put"),
    )
    assert held(result, "PETR4").realised_gain == 400  # 3000 - 100 - 2500
    assert held(result, "PETR4").fifo_realised == 400


def test_a_call_written_and_assigned_sells_at_strike_plus_premium() -> None:
    result = folded(
        row("2024-01-02", "buy", "PETR4", 100, 25),
        row("2024-01-02", "short_sell", "OPT", 100, 1),
        row("2024-02-02", "assignment", "OPT", 100),
        assets=_options("call"),
    )
    assert held(result, "PETR4").realised_gain == 600  # 3000 + 100 - 2500
    assert held(result, "OPT").quantity == 0


def test_a_put_written_and_assigned_buys_at_strike_less_premium() -> None:
    result = folded(
        row("2024-01-02", "short_sell", "OPT", 100, 1),
        row("2024-02-02", "assignment", "OPT", 100),
        assets=_options("put"),
    )
    assert held(result, "PETR4").total_cost == 2900
    assert held(result, "PETR4").fifo_cost == 2900


def test_an_option_without_terms_closes_with_unknown_gain() -> None:
    result = folded(
        row("2024-01-02", "buy", "OPT", 100, 1), row("2024-02-02", "exercise", "OPT", 100)
    )
    assert codes(result) == ["option_terms_missing"]
    assert held(result, "OPT").quantity == 0
    assert held(result, "OPT").realised_gain is None


def test_exercising_what_is_not_held() -> None:
    result = folded(row("2024-02-02", "exercise", "OPT", 100), assets=_options("call"))
    assert codes(result) == ["oversold"]


@pytest.mark.parametrize("quantity", [None, 100])
def test_expiry_is_the_holder_s_loss_and_the_writer_s_gain(quantity: int | None) -> None:
    bought = row("2024-01-02", "buy", "OPT", 100, 2, fees=1)
    ended = row("2024-02-16", "expiry", "OPT", quantity)
    assert held(folded(bought, ended), "OPT").realised_gain == -201
    written = row("2024-01-02", "short_sell", "OPT", 100, 2, fees=1)
    assert held(folded(written, ended), "OPT").realised_gain == 199
    assert held(folded(written, ended), "OPT").quantity == 0


def test_expiry_of_nothing() -> None:
    assert codes(folded(row("2024-02-16", "expiry", "OPT", 1))) == ["event_without_position"]


def test_rows_for_the_tax_calculation_move_nothing() -> None:
    result = folded(
        row("2024-01-01", "opening_loss", None, amount=100, bucket="common"),
        row("2024-01-31", "darf_payment", None, amount=50, bucket="common", note="2023-12"),
    )
    assert (result.cash, result.holdings, result.issues) == ({}, {}, [])
