"""Payment forms of other codes than the exchange's."""

from __future__ import annotations

from apps.engine.taxes.beside import OtherDarf, other_darfs
from apps.engine.taxes.darf import paid_for
from apps.engine.taxes.tests.ledgers import day, known, law, ptax, taxed
from apps.engine.taxes.year import tax_year, year_json
from apps.engine.tests.support import D, row
from apps.engine.types import Row

COINS = known(("BTC", "crypto"), ("BDRX34", "bdr"))
# Cost 10,000, sold for 60,000 above the limit of 35,000: 50,000 x 15 % = 7,500.00, due on the last
# business day of the month after.
TAXED = (
    row("2025-01-10", "buy", "BTC", 2, amount=20_000),
    row("2025-04-10", "sell", "BTC", 1, amount=60_000),
)


def forms(*rows: Row, until: int = 2025, **terms: object) -> dict[tuple[str, str], OtherDarf]:
    found, _issues = other_darfs(taxed(*rows, assets=COINS, until=until, **terms))
    return {(each.month, each.kind): each for each in found}


def test_coins_have_a_form_that_waits_for_its_payment() -> None:
    form = forms(*TAXED)["2025-04", "capital_gain"]
    darf = form.darf
    assert (darf.code, darf.amount, darf.due_date) == ("4600", D("7500"), day("2025-05-30"))
    assert (darf.paid, darf.outstanding) == (0, D("7500"))
    assert form.sources == {"crypto": D("7500.00")}
    paid = row("2025-05-30", "darf_payment", amount=7500, bucket="gcap", note="2025-04")
    darf = forms(*TAXED, paid)["2025-04", "capital_gain"].darf
    assert (darf.paid, darf.outstanding, darf.fine, darf.interest) == (D("7500"), 0, 0, 0)


def test_a_late_payment_holds_its_charges() -> None:
    # Due Friday 2025-05-30; paid Monday 2 June: one day of fine, 0.33 % of 7,500 = 24.75, and 1 %
    # in the month of payment = 75.00.
    paid = row("2025-06-02", "darf_payment", amount="7599.75", bucket="gcap", note="2025-04")
    darf = forms(*TAXED, paid)["2025-04", "capital_gain"].darf
    assert (darf.fine, darf.interest, darf.outstanding) == (D("24.75"), D("75.00"), 0)


def test_a_part_paid_leaves_the_rest() -> None:
    paid = row("2025-05-30", "darf_payment", amount=5000, bucket="gcap", note="2025-04")
    darf = forms(*TAXED, paid)["2025-04", "capital_gain"].darf
    assert (darf.paid, darf.outstanding) == (D("5000"), D("2500"))


def test_payments_of_one_code_pay_no_other() -> None:
    common = row("2025-05-30", "darf_payment", amount=7500, bucket="common", note="2025-04")
    ledger = taxed(*TAXED, common, assets=COINS, until=2025)
    found, _issues = other_darfs(ledger)
    assert found[0].darf.paid == 0
    april = ledger.month(2025, 4)
    assert april is not None
    assert april.darf is not None
    assert (april.darf.code, april.darf.paid) == ("6015", D("7500"))
    gains = row("2025-05-30", "darf_payment", amount=7500, bucket="gcap", note="2025-04")
    april = taxed(*TAXED, gains, assets=COINS, until=2025).month(2025, 4)
    assert april is not None
    assert april.darf is None


def test_a_note_names_the_code_where_no_bucket_does() -> None:
    when = day("2025-05-30")
    assert paid_for("", "DARF 4600 04/2025", when, law()) == ("capital_gain", 2025 * 12 + 3)
    assert paid_for(None, "0190 abril de 2025", when, law()) == ("carne_leao", 2025 * 12 + 3)
    assert paid_for("", "2025-04", when, law()) == ("exchange", 2025 * 12 + 3)
    assert paid_for("fii", "4600 2025-04", when, law()) == ("exchange", 2025 * 12 + 3)
    assert paid_for("gcap", "", when, law()) == ("capital_gain", None)


def test_small_sums_of_a_code_wait_for_the_next_month_of_it_across_years() -> None:
    # Gains of 60.00 and 40.00 above the limit: 9.00 stays, then 9.00 + 6.00 = 15.00 is paid.
    rows = [
        row("2024-01-10", "buy", "BTC", 2, amount=80_000),
        row("2024-12-10", "sell", "BTC", 1, amount="40060"),
        row("2025-02-10", "sell", "BTC", 1, amount="40040"),
    ]
    found = forms(*rows)
    december, february = (found[name, "capital_gain"].darf for name in ("2024-12", "2025-02"))
    assert (december.amount, december.carried_out) == (0, D("9.00"))
    assert (february.amount, february.carried_in) == (D("15.00"), D("9.00"))


def test_coins_and_other_gains_of_a_month_are_one_form() -> None:
    assets = known(("BTC", "crypto"), ("AAPL", "stock_abroad", {"currency": "USD"}))
    rows = [
        row("2023-01-10", "buy", "BTC", 1, amount=10_000),
        row("2023-01-10", "buy", "AAPL", 100, amount=2_000, currency="USD"),
        row("2023-04-10", "sell", "BTC", 1, amount=60_000),
        row("2023-04-10", "sell", "AAPL", 100, amount=10_000, currency="USD"),
    ]
    rates = ptax(("2023-01-10", "USD", "5", "5"), ("2023-04-10", "USD", "5", "5"))
    ledger = taxed(*rows, assets=assets, fx=rates, until=2024)
    (form,), _issues = other_darfs(ledger)
    # 50,000 x 15 % = 7,500 of coins; (10,000 - 2,000) x 5 x 15 % = 6,000 abroad.
    assert form.sources == {"crypto": D("7500.00"), "abroad": D("6000.00")}
    assert form.darf.amount == D("13500.00")
    # Told in its own year, and in no other.
    assert [each.month for each in tax_year(ledger, 2023).other_darfs] == ["2023-04"]
    assert tax_year(ledger, 2024).other_darfs == ()
    (plain,) = year_json(tax_year(ledger, 2023))["other_darfs"]
    assert (plain["month"], plain["code"], plain["amount"]) == ("2023-04", "4600", "13500.00")


def test_foreign_income_of_the_monthly_table_has_its_own_form() -> None:
    # 10,000 in June 2025: 10,000 x 27.5 % - 908.73 = 1,841.27.
    rows = [
        row("2025-01-10", "buy", "BDRX34", 100, amount=1_000),
        row("2025-06-10", "dividend", "BDRX34", amount=10_000),
        row("2025-07-31", "darf_payment", amount="1841.27", bucket="carne_leao", note="2025-06"),
    ]
    darf = forms(*rows)["2025-06", "carne_leao"].darf
    assert (darf.code, darf.amount, darf.due_date) == ("0190", D("1841.27"), day("2025-07-31"))
    assert (darf.paid, darf.outstanding) == (D("1841.27"), 0)


def test_what_nobody_owed_has_no_form_and_what_was_paid_too_much_is_told() -> None:
    exempt = (
        row("2025-01-10", "buy", "BTC", 1, amount=10_000),
        row("2025-04-10", "sell", "BTC", 1, amount=35_000),
    )
    assert forms(*exempt) == {}
    paid = row("2025-05-30", "darf_payment", amount=100, bucket="gcap", note="2025-04")
    ledger = taxed(*exempt, paid, assets=COINS, until=2026)
    (form,), issues = other_darfs(ledger)
    assert (form.darf.amount, form.darf.paid) == (0, D(100))
    assert [issue.code for issue in issues] == ["darf_overpaid"]
    assert "darf_overpaid" in {issue.code for issue in tax_year(ledger, 2025).issues}
    assert "darf_overpaid" not in {issue.code for issue in tax_year(ledger, 2026).issues}
