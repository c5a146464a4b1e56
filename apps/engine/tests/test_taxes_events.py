"""Corporate events in the taxes of the exchange, and what is taxed outside its monthly sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.engine.tests.tax_support import D, a, line, taxed


def _sale(found: object, month: str) -> dict[str, str]:
    parts = found.month(month)["parts"]  # type: ignore[attr-defined]
    params: dict[str, str] = next(p["params"] for p in parts if p["label"] == "sale")
    return params


def test_a_bonus_brings_its_declared_cost(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line("2025-02-03", "bonus", "A3", 10, "4.00"),
        line("2025-03-20", "sell", "A3", 110, 12),
    ]
    assert D(_sale(taxed(tmp_path, 2025, lines), "2025-03")["cost"]) == 1_040


def test_rights_sold_cost_nothing_and_are_never_exempt(tmp_path: Path) -> None:
    rights = [a("F12", "right"), a("F11", "fii")]
    lines = [
        line("2025-01-03", "buy", "F11", 100, 10),
        line("2025-03-20", "sell", "F12", 20, "1.50"),
    ]
    found = taxed(tmp_path, 2025, lines, rights)
    assert found.due("2025-03") == D("4.50")  # 30 x 15 %, even of a fund
    assert found.bucket("2025-03", "fii")["result"] == 0
    assert not found.month("2025-03")["incomplete"]


def test_bought_rights_keep_their_cost(tmp_path: Path) -> None:
    lines = [
        line("2025-03-10", "buy", "F12", 10, 1),
        line("2025-03-20", "sell", "F12", 15, 3),
    ]
    found = taxed(tmp_path, 2025, lines, [a("F12", "right")])
    assert found.bucket("2025-03")["result"] == 35  # 45 - 10; five were received


def test_subscription_takes_the_cost_of_bought_rights(tmp_path: Path) -> None:
    lines = [
        line("2025-03-10", "buy", "A1", 10, 2),
        line("2025-03-20", "subscription", "A3", 10, 8, to_asset="A1"),
        line("2025-04-20", "sell", "A3", 10, 12),
    ]
    found = taxed(tmp_path, 2025, lines, [a("A1", "right"), a("A3", "stock")])
    assert D(_sale(found, "2025-04")["cost"]) == 100


def test_amortisation_above_cost_is_taxed_at_source(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "F11", 100, 1),
        line("2025-02-03", "return_of_capital", "F11", amount=150, tax_withheld=10),
    ]
    found = taxed(tmp_path, 2025, lines, [a("F11", "fii")])
    (only,) = [e for e in found.answer["withheld_at_source"] if e["kind"] == "capital_above_cost"]
    assert (D(only["gross"]), D(only["expected"]), D(only["withheld"])) == (50, 10, 10)
    assert found.due("2025-02") == 0
    whole = taxed(tmp_path, 2025, lines, [a("F11", "fii")], fii_amortization="capital_gain")
    (only,) = [e for e in whole.answer["withheld_at_source"] if e["kind"] == "amortisation"]
    assert D(only["expected"]) == 30


def test_capital_reduction_lowers_cost_and_its_excess_is_a_gain(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 1),
        line("2025-02-03", "return_of_capital", "A3", amount=40),
        line("2025-03-03", "return_of_capital", "A3", amount=100),
    ]
    found = taxed(tmp_path, 2025, lines)
    (only,) = found.answer["gcap"]
    assert (only["month"], D(only["gain"]), D(only["tax"])) == ("2025-03", 40, 6)
    assert (only["code"], only["due_date"]) == ("4600", "2025-04-30")
    assert found.due("2025-03") == 0


def test_spin_off_splits_the_cost(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line("2025-02-03", "spin_off", "A3", 50, to_asset="B3", cost_share="0.3"),
        line("2025-03-20", "sell", "B3", 50, 10),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["exempt_gain"]) == 200  # 500 - 300


def test_merger_carries_cost_and_cash_lowers_it(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line("2025-02-03", "merger", "A3", to_asset="B3", ratio="0.5", amount=100),
        line("2025-03-20", "sell", "B3", 50, 25),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["exempt_gain"]) == 350  # 1,250 - 900
    assert found.answer["gcap"] == []


def test_share_incorporation_is_a_disposal_where_the_row_says_so(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line(
            "2025-02-03",
            "merger",
            "A3",
            to_asset="B3",
            ratio="0.5",
            unit_price=30,
            note="Incorporação de ações",
        ),
        line("2025-03-20", "sell", "B3", 50, 31),
    ]
    found = taxed(tmp_path, 2025, lines)
    (only,) = found.answer["gcap"]
    assert (only["kind"], D(only["gain"]), D(only["tax"])) == ("share_incorporation", 500, 75)
    assert D(found.month("2025-03")["exempt_gain"]) == 50  # 1,550 - 1,500
    carried = taxed(tmp_path, 2025, lines, share_incorporation="carry")
    assert carried.answer["gcap"] == []
    assert D(carried.month("2025-03")["exempt_gain"]) == 550
    lines[1]["unit_price"] = None
    missing = taxed(tmp_path, 2025, lines)
    assert missing.month("2025-02")["incomplete"]


def test_a_fraction_of_a_reverse_split_leaves_at_average(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 105, 1),
        line("2025-02-03", "split", "A3", ratio="0.1"),
        line("2025-03-03", "fraction_sale", "A3", "0.5", amount=6),
    ]
    month = taxed(tmp_path, 2025, lines).month("2025-03")
    assert (D(month["exempt_gain"]), D(month["stock_sales"])) == (1, 6)  # 6 - 0.5 x 10


def test_a_renamed_asset_keeps_its_cost_and_class(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line("2025-01-20", "sell", "A3", 10, 12),
        line("2025-02-03", "rename", "A3", to_asset="B3"),
        line("2025-03-20", "sell", "B3", 90, 12),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-01")["exempt_gain"]) == 20
    assert D(found.month("2025-03")["exempt_gain"]) == 180


def test_transfers_and_loans_are_no_sales(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10, account="x"),
        line("2025-02-03", "transfer_out", "A3", 100, account="x"),
        line("2025-02-04", "transfer_in", "A3", 100, account="y"),
        line("2025-03-20", "sell", "A3", 100, 300, account="y"),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-02")["stock_sales"]) == 0
    assert found.due("2025-03") == 4_350  # 29,000 x 15 %


@pytest.mark.parametrize(
    "days, rate", [(180, "0.225"), (181, "0.20"), (360, "0.20"), (361, "0.175"), (721, "0.15")]
)
def test_lending_by_days_of_the_loan(tmp_path: Path, days: int, rate: str) -> None:
    lines = [
        line(
            "2026-05-02", "lending_income", "A3", amount=100, tax_withheld=None, note=f"{days} dias"
        )
    ]
    (only,) = taxed(tmp_path, 2026, lines).answer["withheld_at_source"]
    assert D(only["expected"]) == 100 * D(rate)


@pytest.mark.parametrize("note", ["200 dias", "days=200", "loan_days: 200", "prazo 200", "200"])
def test_days_of_a_loan_are_read_from_the_note(tmp_path: Path, note: str) -> None:
    lines = [line("2026-05-02", "lending_income", "A3", amount=100, tax_withheld=None, note=note)]
    (only,) = taxed(tmp_path, 2026, lines).answer["withheld_at_source"]
    assert D(only["expected"]) == 20


def test_lending_of_unknown_length_pays_the_most_and_says_so(tmp_path: Path) -> None:
    lines = [line("2026-05-02", "lending_income", "A3", amount=100, tax_withheld=None)]
    found = taxed(tmp_path, 2026, lines)
    assert found.answer["withheld_at_source"][0]["expected"] == "22.50"
    assert "lending_days_unknown" in found.codes()


@pytest.mark.parametrize("term, rate", [(180, 25), (181, 20), (720, 20), (721, 15)])
def test_fixed_income_etf_by_term(tmp_path: Path, term: int, rate: int) -> None:
    lines = [line("2025-01-03", "buy", "RF11", 1, 100), line("2025-03-20", "sell", "RF11", 1, 200)]
    found = taxed(tmp_path, 2025, lines, [a("RF11", "etf_fixed_income", term_days=term)])
    assert D(found.answer["withheld_at_source"][0]["expected"]) == rate


def test_fixed_income_etf_of_unknown_term_pays_the_most_and_says_so(tmp_path: Path) -> None:
    lines = [line("2025-01-03", "buy", "RF11", 1, 100), line("2025-03-20", "sell", "RF11", 1, 200)]
    found = taxed(tmp_path, 2025, lines, [a("RF11", "etf_fixed_income")])
    assert D(found.answer["withheld_at_source"][0]["expected"]) == 25
    assert "etf_term_unknown" in found.codes()


def test_fraction_auctions_may_be_other_exempt_income(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 105, 1),
        line("2025-02-03", "split", "A3", ratio="0.1"),
        line("2025-03-03", "fraction_sale", "A3", "0.5", amount=6),
    ]
    found = taxed(tmp_path, 2025, lines, fraction_auctions="exempt_other")
    month = found.month("2025-03")
    assert (D(month["stock_sales"]), D(month["exempt_gain"])) == (0, 0)
    assert month["parts"][0]["params"]["bucket"] == "exempt"
