"""The holdings command: JSON, exit status, one line on stderr."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.engine.cli import main, plain
from apps.engine.tests.support import D

ROOT = Path(__file__).resolve().parents[3]
LEDGER = """\
date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,fx_rate,ratio,to_asset,cost_share,note
2024-01-01,,deposit,,xp,,,10000,,,BRL,,,,,
2024-01-02,,buy,XPTO3,xp,100,10,,5,,BRL,,,,,
2024-01-03,,buy,XPTO3,rico,100,20,,0,,BRL,,,,,
2024-02-01,,sell,XPTO3,xp,50,30,,10,0.08,BRL,,,,,
2024-02-02,,dividend,XPTO3,xp,,,40,,0,BRL,,,,,
2024-02-03,,buy,GONE3,xp,10,1,,0,,BRL,,,,,
2024-02-04,,sell,GONE3,xp,10,2,,0,0,BRL,,,,,
2024-02-05,,transfer_in,LOST3,xp,7,,,,,BRL,,,,,
2024-02-06,,rename,LOST3,xp,,,,,,BRL,,,FOUND3,,
"""


def _run(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert main(["holdings", *args]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    path = tmp_path / "ledger.csv"
    path.write_text(LEDGER)
    return str(path)


@pytest.fixture
def prices(tmp_path: Path) -> str:
    path = tmp_path / "prices.csv"
    path.write_text("date,asset,close\n2024-02-28,XPTO3,25\n2024-02-29,FOUND3,3\n")
    return str(path)


def test_holdings_of_a_holder(capsys: pytest.CaptureFixture[str], ledger: str, prices: str) -> None:
    found = _run(capsys, "--ledger", ledger, "--prices", prices)
    assert (found["on"], found["currency"]) == ("2024-02-29", "BRL")
    by_asset = {each["asset"]: each for each in found["holdings"]}
    assert list(by_asset) == ["FOUND3", "GONE3", "XPTO3"]
    holding = by_asset["XPTO3"]
    # 1005 + 2000 = 3005 / 200 = 15.025; sold 50: 1490 - 751.25 = 738.75; left 2253.75
    assert holding == {
        "asset": "XPTO3",
        "account": None,
        "holder": "default",
        "currency": "BRL",
        "quantity": "150",
        "average_cost": "15.025",
        "total_cost": "2253.75",
        "price": "25",
        "price_date": "2024-02-28",
        "price_currency": "BRL",
        "market_value": "3750",
        "unrealised_gain": "1496.25",
        "realised_gain": "738.75",
        "income": "40",
        "income_withheld": "0",
        "fees": "15",
        # FIFO: 50 of the lot of 1005: 502.5; 1490 - 502.5
        "fifo": {"cost": "2502.5", "realised": "987.50", "unrealised": "1247.5"},
        "issues": [],
    }
    assert by_asset["GONE3"]["quantity"] == "0"
    assert by_asset["GONE3"]["realised_gain"] == "10"
    assert by_asset["FOUND3"]["total_cost"] is None
    assert by_asset["FOUND3"]["issues"] == ["transfer_cost_unknown"]
    assert found["cash"] == [
        {"account": "rico", "currency": "BRL", "balance": "-2000"},
        {"account": "xp", "currency": "BRL", "balance": "10534.92"},
    ]
    assert found["totals"]["market_value"] == "3771"
    assert found["totals"]["total_cost"] is None
    assert found["totals"]["realised_gain"] == "748.75"
    assert [issue["code"] for issue in found["issues"]] == ["transfer_cost_unknown"]
    assert found["issues"][0]["where"] == "9"


def test_by_account_and_as_of_a_date(capsys: pytest.CaptureFixture[str], ledger: str) -> None:
    found = _run(capsys, "--ledger", ledger, "--by", "account", "--on", "2024-01-31")
    assert found["on"] == "2024-01-31"
    assert [(each["account"], each["average_cost"]) for each in found["holdings"]] == [
        ("rico", "20"),
        ("xp", "10.05"),
    ]
    assert found["holdings"][0]["market_value"] is None
    assert {issue["code"] for issue in found["issues"]} == {"price_missing"}


def test_another_currency_converts_each_row_at_its_date(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "l.csv").write_text(
        "date,kind,asset,account,quantity,unit_price,fees,currency\n"
        "2024-01-02,buy,AAPL,a,10,100,0,USD\n2024-02-02,buy,AAPL,a,10,100,0,USD\n"
    )
    (tmp_path / "fx.csv").write_text(
        "date,base,quote,rate\n2024-01-01,USD,BRL,5\n2024-02-01,USD,BRL,6\n"
    )
    (tmp_path / "p.csv").write_text("date,asset,close\n2024-02-05,AAPL,100\n")
    (tmp_path / "a.csv").write_text("asset,class,market,currency\nAAPL,stock_abroad,US,USD\n")
    (tmp_path / "c.csv").write_text("account,institution,holder,currency\na,Avenue,ana,USD\n")
    files = ["--ledger", "l", "--fx", "fx", "--prices", "p", "--assets", "a", "--accounts", "c"]
    args = [part if part.startswith("--") else str(tmp_path / f"{part}.csv") for part in files]
    found = _run(capsys, *args, "--currency", "BRL")
    (holding,) = found["holdings"]
    assert (holding["holder"], holding["total_cost"], holding["market_value"]) == (
        "ana",
        "11000",
        "12000",
    )
    assert found["totals"]["cash"] == "-12000"  # -2000 dollars at the day's 6
    native = _run(capsys, *args)
    assert (native["currency"], native["holdings"][0]["total_cost"]) == ("USD", "2000")


def test_several_currencies_have_no_common_total(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        "date,kind,asset,account,quantity,unit_price,fees,currency\n"
        "2024-01-02,buy,AAPL,a,10,100,0,USD\n2024-02-02,buy,XPTO3,a,10,100,0,BRL\n"
    )
    found = _run(capsys, "--ledger", str(path))
    assert found["currency"] is None
    assert set(found["totals"].values()) == {None}


def test_an_empty_ledger_is_no_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("date,kind\n")
    found = _run(capsys, "--ledger", str(path))
    assert (found["on"], found["holdings"], found["issues"]) == (None, [], [])


def test_bad_rows_are_issues_not_errors(capsys: pytest.CaptureFixture[str], ledger: str) -> None:
    with open(ledger, "a") as file:
        file.write("2024-02-30,,buy,XPTO3,xp,1,1,,,,BRL,,,,,\n")
    found = _run(capsys, "--ledger", ledger)
    assert ("row_invalid", "11") in [(each["code"], each["where"]) for each in found["issues"]]


def test_a_year_that_cannot_be_is_told_and_its_row_left_out(
    capsys: pytest.CaptureFixture[str], ledger: str, tmp_path: Path
) -> None:
    with open(ledger, "a") as file:
        file.write("0204-02-20,,buy,XPTO3,xp,1,1,,,,BRL,,,,,\n")
    prices = tmp_path / "prices.csv"
    for day in ("0204-02-28", "2999-02-28"):
        # By asset, by date, and with a quotation mark: three ways to read such a file.
        first, second = f"{day},XPTO3,25\n", "2024-02-29,XPTO3,26\n"
        for body in (first + second, second + first, f'{first}2024-02-29,"XPTO3",26\n'):
            prices.write_text("date,asset,close\n" + body)
            args = ["returns", "--ledger", ledger, "--prices", str(prices), "--currency", "brl"]
            assert main(args) == 0
            found = json.loads(capsys.readouterr().out)
            assert (found["from"], found["to"]) == ("2023-12-31", "2024-02-29")
            assert found["currency"] == "BRL"
            invalid = [each["params"] for each in found["issues"] if each["code"] == "row_invalid"]
            assert [each["value"] for each in invalid] == ["0204-02-20", day]
            assert {each["reason"] for each in invalid} == {"year not from 1900 to 2199"}


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["holdings"],
        ["dance"],
        ["holdings", "--ledger", "LEDGER", "--on", "yesterday"],
        ["holdings", "--ledger", "LEDGER", "--on", "0204-01-01"],
        ["returns", "--ledger", "LEDGER", "--prices", "LEDGER", "--from", "0204-01-01"],
        ["returns", "--ledger", "LEDGER", "--prices", "LEDGER", "--to", "9024-01-01"],
        ["holdings", "--ledger", "LEDGER", "--by", "broker"],
        ["holdings", "--ledger", "LEDGER", "--what"],
        ["holdings", "--ledger", "missing.csv"],
        ["holdings", "--ledger", "LEDGER", "--prices", "LEDGER"],
    ],
)
def test_arguments_and_files_that_cannot_be_used(
    capsys: pytest.CaptureFixture[str], ledger: str, args: list[str]
) -> None:
    given = [ledger if each == "LEDGER" else each for each in args]
    try:
        status = main(given)
    except SystemExit as stop:
        status = stop.code
    caught = capsys.readouterr()
    assert status == 2
    assert caught.out == ""
    assert caught.err.count("\n") == 1
    if any(each[:4] in ("0204", "9024") for each in args):
        assert "year not from 1900 to 2199" in caught.err
    elif "--prices" in args:
        assert caught.err == f"{ledger}:1: unknown column 'time'\n"


def test_the_command_runs_alone_and_lean(ledger: str) -> None:
    code = (
        "import sys; from apps.engine.cli import main;"
        f"status = main(['holdings', '--ledger', {ledger!r}]);"
        "heavy = {'numpy', 'pandas', 'django'} & set(sys.modules);"
        "sys.exit(status or (3 if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run(
        [sys.executable, "-m", "apps.engine", "holdings", "--ledger", "nowhere.csv"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == "nowhere.csv:0: No such file or directory\n"


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    lines = [f"2024-01-02,buy,ASSET{number},main,1,1,BRL" for number in range(2000)]
    path.write_text("\n".join(["date,kind,asset,account,quantity,unit_price,currency", *lines]))
    done = subprocess.run(
        f"{sys.executable} -m apps.engine holdings --ledger {path} | head -1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_numbers_have_no_exponent_and_zero_no_sign() -> None:
    assert plain(D("1E+3")) == "1000"
    assert plain(D("1E-12")) == "0.000000000001"
    assert plain(D("-0")) == "0"
    assert plain(D("0.00")) == "0"
    assert plain(None) is None
