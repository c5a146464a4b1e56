"""The ``taxes`` command on what is outside the exchange: files in, JSON out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.engine.cli import main

LEDGER = """\
date,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,bucket,note
2024-02-01,buy,AAPL,ib,10,100,,1,,USD,,
2024-06-03,dividend,AAPL,ib,,,100,,30,USD,,
2024-06-03,sell,AAPL,ib,5,80,,1,,USD,,
2026-01-05,jcp,PETR4,xp,,,1000,,175,BRL,,
2026-03-05,dividend,PETR3,xp,,,30000,,0,BRL,,
2026-03-10,dividend,PETR4,xp,,,25000,,5500,BRL,,
2026-01-05,buy,CDB1,xp,1,10000,,0,,BRL,,
2026-07-06,maturity,CDB1,xp,,,10600,,120,BRL,,
2026-01-05,buy,BTC,mb,1,100000,,0,,BRL,,
2026-07-06,sell,BTC,mb,0.5,200000,,0,,BRL,,
2026-01-05,buy,FIC,xp,1000,1,,0,,BRL,,
2026-05-29,come_cotas,FIC,xp,25,,30,,,BRL,,
2026-06-01,sell,AAPL,ib,5,150,,1,,USD,,
"""
ASSETS = """\
asset,class,market,currency,issuer,country,tax_class
AAPL,stock_abroad,US,USD,Apple,US,
PETR3,stock,BR,BRL,Petrobras,BR,
PETR4,stock,BR,BRL,Petrobras,BR,
CDB1,cdb,BR,BRL,Banco,BR,
BTC,crypto,BR,BRL,,,
FIC,fund,BR,BRL,Gestora,BR,long
"""
FX = """\
date,base,quote,rate,rate_buy
2024-02-01,USD,BRL,5.00,4.99
2024-06-03,USD,BRL,5.20,5.10
2026-06-01,USD,BRL,5.60,5.59
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    arguments = []
    for name, text in (("ledger", LEDGER), ("assets", ASSETS), ("fx", FX)):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    return arguments


def answer(files: list[str], capsys: pytest.CaptureFixture[str], year: int) -> dict[str, Any]:
    assert main(["taxes", *files, "--year", str(year)]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_abroad_over_the_years(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(files, capsys, 2024)["abroad"]
    # 399 x 5.20 = 2,074.80 less half of 1,001 x 5.00 = 2,502.50: -427.70; dividend 520
    # base 92.30 x 15% = 13.85 (13.845), credit up to the tax (30 x 5.10 = 153 paid there)
    assert found["losses"] == "427.70"
    assert (found["income"], found["foreign_tax"]) == ("520.00", "153.00")
    assert (found["base"], found["tax"], found["credit"]) == ("92.30", "13.85", "13.85")
    assert found["tax_due"] == "0"
    found = answer(files, capsys, 2026)["abroad"]
    # 749 x 5.60 = 4,194.40 less 2,502.50
    assert (found["gains"], found["tax_due"]) == ("1691.90", "253.79")
    assert set(found) >= {"loss_before", "loss_after", "parts", "incomplete"}


def test_a_year_at_home(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(files, capsys, 2026)
    (month,) = found["crypto"]
    assert (month["month"], month["disposals"], month["gain"]) == (
        "2026-07",
        "100000.00",
        "50000.00",
    )
    assert (month["exempt"], month["tax"], month["code"]) == (False, "7500.00", "4600")
    (paid,) = found["dividends"]
    assert (paid["payer"], paid["month"]) == ("Petrobras", "2026-03")
    assert (paid["gross"], paid["withheld"], paid["stated"]) == ("55000.00", "5500.00", "5500.00")
    lines = {each["kind"]: each for each in found["withheld_at_source"]}
    assert lines["jcp"]["expected"] == "175.00"
    # 182 days: 20% of 600
    assert (lines["fixed_income"]["days"], lines["fixed_income"]["expected"]) == (182, "120.00")
    assert lines["come_cotas"]["expected"] == "30.00"
    assert lines["jcp"]["part"]["rule"] == "DIV-JCP"
    assert found["irpfm"]["applies"] is False
    assert found["gcap"] == []
    assert found["issues"] == []


def test_every_part_names_its_rule_and_its_law(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(files, capsys, 2026)
    parts = [each["part"] for each in found["withheld_at_source"]]
    for section in (found["crypto"], found["dividends"]):
        parts += [part for each in section for part in each["parts"]]
    parts += [*found["abroad"]["parts"], *found["irpfm"]["parts"]]
    assert len(parts) > 10
    assert all(part["rule"] and part["law"] for part in parts)


def test_the_annual_return(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annual", *files, "--year", "2026"]) == 0
    found = json.loads(capsys.readouterr().out)
    entries = {each["asset"]: each for each in found["assets"]}
    assert (entries["BTC"]["group"], entries["BTC"]["code"]) == ("08", "01")
    assert (entries["BTC"]["value_before"], entries["BTC"]["value"]) == ("0", "50000.00")
    # 5 shares left of 1,001 x 5.00 are half of it before, nothing after
    assert (entries["AAPL"]["value_before"], entries["AAPL"]["value"]) == ("2502.50", "0")
    assert (found["year"], found["filing"]) == (2026, 2027)
    assert [each["code"] for each in found["exclusive"]] == ["06", "06", "10"]
