"""The payment form: due dates on the bank calendar, small sums, late and partial payments."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar, easter
from apps.engine.taxes.late import late_charges, monthly_selic
from apps.engine.taxes.rules import RuleBook, RuleMissing
from apps.engine.tests.tax_support import Cells, D, line, taxed

RULES = RuleBook.shipped()
BANK = BankCalendar(RULES)


def day_trade(month: str, result: Any) -> list[Cells]:
    """A day trade with that result: the tax is a fifth of it."""
    return [
        line(f"{month}-07", "buy", "A3", 100, amount=1_000),
        line(f"{month}-07", "sell", "A3", 100, amount=1_000 + D(str(result))),
    ]


def pay(day: str, amount: Any, month: str = "", **cells: Any) -> Cells:
    return line(day, "darf_payment", "", amount=amount, note=month, **cells)


@pytest.mark.parametrize(
    "year, day",
    [(2000, "2000-04-23"), (2024, "2024-03-31"), (2025, "2025-04-20"), (2038, "2038-04-25")],
)
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(day)


def test_bank_days() -> None:
    closed = ["2025-03-03", "2025-03-04", "2025-04-18", "2025-06-19", "2025-12-31", "2024-11-20"]
    assert not any(BANK.is_business_day(date.fromisoformat(day)) for day in closed)
    opened = ["2025-03-05", "2023-11-20", "2025-12-30"]
    assert all(BANK.is_business_day(date.fromisoformat(day)) for day in opened)
    assert BANK.shift(date(2025, 3, 6), -2) == date(2025, 2, 28)
    assert BANK.shift(date(2025, 2, 28), 1) == date(2025, 3, 5)
    assert BANK.business_days(date(2025, 3, 1), date(2025, 4, 1)) == 19
    open_year_end = BankCalendar(RULES, year_end=False, carnival=False)
    assert open_year_end.is_business_day(date(2025, 12, 31))
    assert open_year_end.is_business_day(date(2025, 3, 3))


@pytest.mark.parametrize(
    "month, due",
    [
        ("2022-06", "2022-07-29"),  # 30 and 31 July were a weekend
        ("2025-11", "2025-12-30"),  # banks are shut to the public on 31/12
        ("2025-12", "2026-01-30"),
        ("2024-01", "2024-02-29"),  # leap year
        ("2025-01", "2025-02-28"),
        ("2024-02", "2024-03-28"),  # 29 March 2024 was Good Friday
        ("2025-03", "2025-04-30"),
    ],
)
def test_due_date(tmp_path: Path, month: str, due: str) -> None:
    found = taxed(tmp_path, int(month[:4]), day_trade(month, 100))
    assert found.month(month)["darf"]["due_date"] == due


@pytest.mark.parametrize("result, amount, carried", [("49.95", "0", "9.99"), ("50", "10", "0")])
def test_the_minimum(tmp_path: Path, result: str, amount: str, carried: str) -> None:
    darf = taxed(tmp_path, 2025, day_trade("2025-03", result)).month("2025-03")["darf"]
    assert (D(darf["amount"]), D(darf["carried_out"])) == (D(amount), D(carried))


def test_small_sums_cross_the_year_and_idle_months(tmp_path: Path) -> None:
    lines = day_trade("2024-10", 20) + day_trade("2025-02", 20) + day_trade("2025-06", 15)
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-02")["darf"]["carried_in"]) == 4
    assert D(found.month("2025-02")["darf"]["carried_out"]) == 8
    june = found.month("2025-06")["darf"]
    assert (D(june["carried_in"]), D(june["amount"])) == (8, 11)
    assert june["due_date"] == "2025-07-31"
    assert found.month("2025-03")["darf"] is None


def test_no_form_where_withholding_pays_the_tax(tmp_path: Path) -> None:
    lines = day_trade("2025-03", 100)
    lines[1]["tax_withheld"] = 20
    found = taxed(tmp_path, 2025, lines)
    assert found.due("2025-03") == 20
    assert found.month("2025-03")["darf"] is None


SELIC = [
    {"date": f"2025-{month:02d}-01", "index": "SELIC_MONTHLY", "value": value}
    for month, value in ((4, "1.06"), (5, "1.14"), (6, "1.10"))
]


def test_paid_in_time(tmp_path: Path) -> None:
    lines = [*day_trade("2025-03", 1_000), pay("2025-04-30", 200, "2025-03")]
    darf = taxed(tmp_path, 2025, lines).month("2025-03")["darf"]
    assert (D(darf["paid"]), D(darf["fine"]), D(darf["interest"])) == (200, 0, 0)
    assert D(darf["outstanding"]) == 0


def test_paid_late(tmp_path: Path) -> None:
    # due 30/04, first business day 02/05: 9 days to 10/05, 2.97 %; 1 % of May
    lines = [*day_trade("2025-03", 1_000), pay("2025-05-10", "207.94", "03/2025")]
    found = taxed(tmp_path, 2025, lines, indexes=SELIC)
    darf = found.month("2025-03")["darf"]
    assert (D(darf["fine"]), D(darf["interest"])) == (D("5.94"), D("2.00"))
    assert D(darf["outstanding"]) == 0
    assert "darf_overpaid" not in found.codes()


def test_paid_in_part_late_each_part_in_proportion(tmp_path: Path) -> None:
    # 10 June: 40 days, 13.20 %; Selic of May 1.14 % + 1 %: 115.34 pays 100.00 of principal
    lines = [*day_trade("2025-03", 1_000), pay("2025-06-10", "115.34", "2025-03")]
    darf = taxed(tmp_path, 2025, lines, indexes=SELIC).month("2025-03")["darf"]
    assert (D(darf["fine"]), D(darf["interest"])) == (D("13.20"), D("2.14"))
    assert D(darf["outstanding"]) == 100


def test_in_part_in_time_then_the_rest_reckoned(tmp_path: Path) -> None:
    lines = [*day_trade("2025-03", 1_000), pay("2025-04-10", 150, "2025-03")]
    open_darf = taxed(tmp_path, 2025, lines).month("2025-03")["darf"]
    assert (D(open_darf["outstanding"]), D(open_darf["fine"])) == (50, 0)
    found = taxed(tmp_path, 2025, lines, indexes=SELIC, reckoned="2025-06-10")
    darf = found.month("2025-03")["darf"]
    assert (D(darf["fine"]), D(darf["interest"])) == (D("6.60"), D("1.07"))


def test_without_selic_the_interest_says_it_lacks_some(tmp_path: Path) -> None:
    lines = [*day_trade("2025-03", 1_000), pay("2025-06-10", 230, "2025-03")]
    assert "selic_missing" in taxed(tmp_path, 2025, lines).codes()


def test_payments_of_next_year_belong_to_the_month_they_name(tmp_path: Path) -> None:
    lines = [*day_trade("2025-12", 1_000), pay("2026-01-30", 200, "2025-12")]
    assert D(taxed(tmp_path, 2025, lines).month("2025-12")["darf"]["paid"]) == 200


@pytest.mark.parametrize(
    "note",
    [
        "2025-03",
        "03/2025",
        "3-2025",
        "202503",
        "31/03/2025",
        "mar/2025",
        "março de 2025",
        "March 2025",
    ],
)
def test_the_month_paid_for_is_read_from_the_note(tmp_path: Path, note: str) -> None:
    # 200 due 30/04/2025, paid 02/05: one day, 0.33 %, and 1 % of May
    lines = [*day_trade("2025-03", 1_000), pay("2025-05-02", "202.66", note)]
    found = taxed(tmp_path, 2025, lines, indexes=SELIC)
    darf = found.month("2025-03")["darf"]
    assert (D(darf["fine"]), D(darf["interest"])) == (D("0.66"), D("2.00"))
    assert D(darf["outstanding"]) == 0
    assert "darf_month_missing" not in found.codes()


def test_a_payment_without_month_pays_the_month_before(tmp_path: Path) -> None:
    lines = [*day_trade("2025-03", 1_000), pay("2025-04-30", 250)]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["darf"]["paid"]) == 250
    assert {"darf_month_missing", "darf_overpaid"} <= set(found.codes())


def test_a_payment_of_a_foreign_tax_is_not_this_form(tmp_path: Path) -> None:
    lines = [*day_trade("2025-03", 1_000), pay("2025-04-30", 200, "2025-03", bucket="abroad")]
    assert D(taxed(tmp_path, 2025, lines).month("2025-03")["darf"]["paid"]) == 0


@pytest.mark.parametrize(
    "paid, days, fine, interest",
    [
        ("2025-02-28", 0, "0.00", "0.00"),
        ("2025-03-02", 0, "0.00", "10.00"),  # a Sunday before the first business day
        ("2025-03-05", 1, "3.30", "10.00"),  # carnival on the 3rd and 4th
        ("2025-05-03", 60, "198.00", "30.20"),  # 0.96 + 1.06 + 1.00
        ("2025-05-04", 61, "200.00", "30.20"),  # 20.13 % is capped
    ],
)
def test_late_charges(paid: str, days: int, fine: str, interest: str) -> None:
    selic = {date(2025, 3, 1): D("0.0096"), date(2025, 4, 1): D("0.0106")}
    late = late_charges(
        D(1_000),
        date(2025, 2, 28),
        date.fromisoformat(paid),
        rules=RULES,
        calendar=BANK,
        selic=selic,
    )
    assert (late.days, late.fine, late.interest) == (days, D(fine), D(interest))


def test_monthly_selic_from_daily_rates() -> None:
    # 22 days of 0.0525 %: 1.000525^22 - 1 = 1.1615 %, published as 1.16
    days = [(date(2025, 4, day), D("0.0525")) for day in range(1, 23)]
    assert monthly_selic(date(2025, 4, 15), IndexTable({"SELIC": days})) is None
    days.append((date(2025, 5, 2), D("0.0525")))
    assert monthly_selic(date(2025, 4, 15), IndexTable({"SELIC": days})) == D("0.0116")


def test_monthly_selic_at_the_end_of_its_series() -> None:
    # 30 April 2025 was the last weekday of its month
    days = [(date(2025, 4, day), D("0.05")) for day in (28, 29, 30)]
    assert monthly_selic(date(2025, 4, 1), IndexTable({"SELIC": days})) == D("0.0015")
    assert monthly_selic(date(2025, 4, 1), IndexTable({"SELIC": days[:2]})) is None
    monthly = [(date(2025, 3, 1), D("0.96")), (date(2025, 4, 1), D("1.06"))]
    assert monthly_selic(date(2025, 4, 1), IndexTable({"SELIC": monthly})) == D("0.0106")


@pytest.mark.parametrize("name", ["SELIC", "SELIC_MONTHLY", "4390"])
def test_monthly_selic_dated_the_last_of_its_month(name: str) -> None:
    monthly = [
        (date(2025, 2, 28), D("0.99")),
        (date(2025, 3, 31), D("0.96")),
        (date(2025, 4, 30), D("1.06")),
    ]
    table = IndexTable({name: monthly})
    assert monthly_selic(date(2025, 3, 1), table) == D("0.0096")
    assert monthly_selic(date(2025, 4, 1), table) == D("0.0106")
    assert monthly_selic(date(2025, 5, 1), table) is None


def test_rules_by_date() -> None:
    assert RULES.on("DIV-JCP", date(2025, 12, 31)).decimal("rate") == D("0.15")
    assert RULES.on("DIV-JCP", date(2026, 1, 1)).decimal("rate") == D("0.175")
    assert RULES.find("VAR-15", date(2004, 12, 31)) is None
    with pytest.raises(RuleMissing, match=r"VAR-15.*2004-12-31"):
        RULES.on("VAR-15", date(2004, 12, 31))
    for text in ("3", '{"rules": 1}', '[{"id": "X"}]'):
        with pytest.raises(ValueError):
            RuleBook.from_json(text)


def test_a_month_before_the_law_says_so(tmp_path: Path) -> None:
    found = taxed(tmp_path, 2003, day_trade("2003-03", 1_000))
    month = found.month("2003-03")
    assert "tax_rule_missing" in [issue["code"] for issue in month["issues"]]
    assert found.due("2003-03") == 0


def test_another_law_is_read_from_a_file(tmp_path: Path) -> None:
    import json

    from apps.engine.taxes.rules import LAW_FILE
    from apps.engine.tests.tax_support import Taxes, command, files

    law = json.loads(LAW_FILE.read_text(encoding="utf-8"))
    for rule in law["rules"]:
        if rule["id"] == "VAR-DT20":
            rule["value"]["rate"] = "0.30"
    path = tmp_path / "law.json"
    path.write_text(json.dumps(law), encoding="utf-8")
    args = files(tmp_path, day_trade("2025-03", 1_000))
    found = Taxes(command(tmp_path, "taxes", *args, "--year", "2025", "--rules", str(path)))
    assert found.due("2025-03") == 300


def _law(value: str, rule: str = "VAR-15") -> str:
    return f'[\n{{"id": "{rule}", "from": "2005-01-01", "value": {value}}}]'


@pytest.mark.parametrize(
    "name, text, place",
    [
        ("--rules", "[\n{]", ":2:"),
        ("--rules", "{}", ":0:"),
        ("--rules", "[" * 100_000, ":0:"),
        ("--rules", _law("{}"), ":2: rule 'VAR-15' from 2005-01-01: 'rate' cannot be read"),
        ("--rules", _law('{"rate": "a"}'), ":2: rule 'VAR-15'"),
        ("--rules", _law('{"rate": null}'), ":2: rule 'VAR-15'"),
        ("--rules", _law('{"brackets": [{"up_to_days": 1}]}', "RF-IR"), ":2: rule 'RF-IR'"),
        ("--rules", _law('{"dates": ["13-45", 5], "more": 1}', "RF-IOF"), ":2: rule 'RF-IOF'"),
        ("--opening", "[]", ":0:"),
        ("--opening", '{"losses": {"common": "x"}}', ":0:"),
        ("--opening", '{"losses": {"common": "-1"}}', ":0:"),
        ("--opening", '{"darf": "NaN"}', ":0:"),
        ("--opening", '{"date": "x"}', ":0:"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, place: str
) -> None:
    from apps.engine.cli import main
    from apps.engine.tests.tax_support import files

    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    args = ["taxes", *files(tmp_path, day_trade("2025-03", 1)), "--year", "2025", name, str(path)]
    assert main(args) == 2
    error = capsys.readouterr().err
    assert f"{path}{place}" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "setting",
    [
        "nothing=1",
        "estimate_irrf=maybe",
        "x",
        "daytrade_matching=a",
        "other_tax=NaN",
        "other_tax=1e99",
    ],
)
def test_settings_nobody_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    from apps.engine.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["taxes", "--ledger", "x", "--year", "2025", "--setting", setting])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
