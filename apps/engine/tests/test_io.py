"""The CSV files: what is read, what is skipped with its line, what stops everything."""

import gzip
from datetime import date, time
from pathlib import Path
from random import Random

import pytest

from apps.engine.io import (
    InputError,
    read_accounts,
    read_assets,
    read_fx,
    read_indexes,
    read_ledger,
    read_prices,
)
from apps.engine.kinds import AssetClass, Indexer, Kind
from apps.engine.tests.support import D
from apps.engine.types import Account, Asset, FixedIncomeTerms

HEADER = (
    "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,fx_rate,"
    "ratio,to_asset,cost_share,note\n"
)


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


def test_every_column_of_a_ledger(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "ledger.csv",
        HEADER.strip() + ",bucket\n"
        "2024-01-02,10:30,buy,XPTO3,main,10,2.5,25.01,0.30,0.01,BRL,1,,,,first note,\n"
        '2024-01-03,,spin_off,XPTO3,main,5,,,,,BRL,,,NOVA3,0.25,"a, b",common\n',
    )
    first, second = read_ledger(path).rows
    assert (first.ref, first.seq, first.date, first.time) == (
        "2",
        2,
        date(2024, 1, 2),
        time(10, 30),
    )
    assert (first.kind, first.asset, first.account) == (Kind.BUY, "XPTO3", "main")
    assert (first.quantity, first.unit_price, first.amount) == (10, D("2.5"), D("25.01"))
    assert (first.fees, first.tax_withheld, first.fx_rate) == (D("0.30"), D("0.01"), 1)
    assert (second.fees, second.tax_withheld, second.amount) == (None, None, None)
    assert (second.to_asset, second.cost_share, second.note) == ("NOVA3", D("0.25"), "a, b")
    assert (first.bucket, second.bucket) == (None, "common")


def test_columns_in_any_order_and_only_those_needed(tmp_path: Path) -> None:
    path = _file(tmp_path, "l.csv", "\ufeffkind,date,amount,currency\ndeposit,2024-01-02,5,BRL\n")
    (found,) = read_ledger(path).rows
    assert (found.kind, found.amount, found.account, found.asset) == (Kind.DEPOSIT, 5, "", None)


def test_compressed_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "l.csv.gz"
    path.write_bytes(gzip.compress(b"date,kind,amount,currency\n2024-01-02,deposit,5,BRL\n"))
    assert len(read_ledger(str(path)).rows) == 1


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2024-13-02,,buy,X,m,1,1,,,,BRL,,,,,", "date"),
        ("02/01/2024,,buy,X,m,1,1,,,,BRL,,,,,", "date"),
        ("20240102,,buy,X,m,1,1,,,,BRL,,,,,", "date"),
        (",,buy,X,m,1,1,,,,BRL,,,,,", "date"),
        ("2024-01-02,25:00,buy,X,m,1,1,,,,BRL,,,,,", "time"),
        ("2024-01-02,,purchase,X,m,1,1,,,,BRL,,,,,", "kind"),
        ("2024-01-02,,buy,X,m,ten,1,,,,BRL,,,,,", "quantity"),
        ("2024-01-02,,buy,X,m,1_0,1,,,,BRL,,,,,", "quantity"),
        ("2024-01-02,,buy,X,m,NaN,1,,,,BRL,,,,,", "quantity"),
        ("2024-01-02,,buy,X,m,1,Infinity,,,,BRL,,,,,", "unit_price"),
        ("2024-01-02,,buy,X,m,1,1e999,,,,BRL,,,,,", "unit_price"),
        ('2024-01-02,,buy,X,m,1,"1,5",,,,BRL,,,,,', "unit_price"),
        ("2024-01-02,,buy,X,m,1,1,,,,,,,,,", "currency"),
        ("2024-01-02,,buy,X,m,1,1,,,,BRL,,,,,,extra", ""),
    ],
)
def test_a_bad_row_is_skipped_with_its_line(tmp_path: Path, line: str, column: str) -> None:
    good = "2024-01-02,,buy,X,m,1,1,,,,BRL,,,,,\n"
    path = _file(tmp_path, "l.csv", HEADER + good + line + "\n\n" + good)
    ledger = read_ledger(path)
    assert [each.ref for each in ledger.rows] == ["2", "5"]
    (issue,) = ledger.issues
    assert (issue.code, issue.where) == ("row_invalid", "3")
    assert (issue.params["column"], issue.params["line"]) == (column, "3")
    assert issue.params["file"] == "l.csv"


def test_a_currency_left_out_is_the_asset_s_or_the_account_s(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "l.csv",
        "date,kind,asset,account,amount\n2024-01-02,dividend,X,m,1\n2024-01-02,deposit,,m,1\n",
    )
    assets = {"X": Asset("X", currency="USD")}
    rows = read_ledger(path, assets, {"m": Account("m", currency="BRL")}).rows
    assert [each.currency for each in rows] == ["USD", "BRL"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "empty file"),
        ("date,kind,quantty\n", 1, "unknown column 'quantty'"),
        ("kind,amount\n", 1, "missing column 'date'"),
        ("date,kind,date\n", 1, "column 'date' appears twice"),
    ],
)
def test_a_file_with_a_wrong_header_is_refused(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = _file(tmp_path, "l.csv", text)
    with pytest.raises(InputError) as caught:
        read_ledger(path)
    assert str(caught.value).startswith(f"{path}:{line}: {reason}")


def test_a_quotation_mark_nobody_closes_is_refused(tmp_path: Path) -> None:
    head = "date,kind,asset,quantity,unit_price,currency,note\n"
    path = _file(tmp_path, "l.csv", head + "2024-01-02,buy,A3,1,1,BRL,a 5" + '" pipe\n')
    assert read_ledger(path).rows[0].note == 'a 5" pipe'
    open_ = '2024-01-02,buy,A3,1,1,BRL,"x\n2024-01-03,buy,A3,1,1,BRL,\n'
    path = _file(tmp_path, "l.csv", head + open_)
    with pytest.raises(InputError, match=r"l\.csv:2: a quotation mark is not closed"):
        read_ledger(path)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_ledger(str(tmp_path / "none.csv"))
    path = tmp_path / "l.csv"
    path.write_bytes(b"date,kind\n2024-01-02,dep\xf3sito\n")
    with pytest.raises(InputError, match=r"l\.csv:2: not UTF-8"):
        read_ledger(str(path))
    path.write_bytes(b"\x1f\x8bnot really gzip")
    with pytest.raises(InputError, match="gzip"):
        read_ledger(str(path))
    whole = gzip.compress(b"date,kind\n" * 1000)
    path.write_bytes(whole[:-20])
    with pytest.raises(InputError):
        read_ledger(str(path))


def test_assets_and_accounts(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "assets.csv",
        "asset,class,market,currency,issuer,underlying,option_type,strike,expiry,multiplier,"
        "term_days,name\n"
        "PETRA300,option,B3,BRL,,PETR4,call,30.5,2024-01-19,1,,Call\n"
        "CASA,house,B3,BRL,,,,,,,,\n"
        "BAD,option,B3,BRL,,,,,,0,,\n"
        "PLAIN,,,,,,,,,,,\n",
    )
    assets, issues = read_assets(path)
    option = assets["PETRA300"]
    assert (option.asset_class, option.underlying) == (AssetClass.OPTION, "PETR4")
    assert (option.strike, option.expiry, option.multiplier) == (D("30.5"), date(2024, 1, 19), 1)
    assert list(assets) == ["PETRA300", "PLAIN"]
    assert [issue.where for issue in issues] == ["3", "4"]

    path = _file(tmp_path, "accounts.csv", "account,holder,currency\nxp,ana,BRL\navenue,,USD\n")
    accounts, issues = read_accounts(path)
    assert accounts == {
        "xp": Account("xp", "xp", "ana", "BRL"),
        "avenue": Account("avenue", "avenue", "default", "USD"),
    }
    assert issues == []


def test_what_is_described_twice_must_be_alike(tmp_path: Path) -> None:
    path = _file(tmp_path, "assets.csv", "asset,class\nA,stock\nA,stock\nA,fii\nB,etf\n")
    assets, issues = read_assets(path)
    assert {code: asset.asset_class for code, asset in assets.items()} == {
        "A": AssetClass.STOCK,
        "B": AssetClass.ETF,
    }
    assert [(issue.code, issue.where, issue.params["column"]) for issue in issues] == [
        ("row_invalid", "4", "asset")
    ]

    path = _file(tmp_path, "accounts.csv", "account,holder\nxp,ana\nxp,bia\n")
    accounts, issues = read_accounts(path)
    assert accounts["xp"].holder == "ana"
    assert [(issue.where, issue.params["column"]) for issue in issues] == [("3", "account")]


def test_what_only_brazil_has_needs_no_currency(tmp_path: Path) -> None:
    assets = {
        "PETR4": Asset("PETR4", AssetClass.STOCK, ""),
        "PETRA30": Asset("PETRA30", AssetClass.OPTION, "B3"),
        "OPT": Asset("OPT", AssetClass.OPTION, ""),
        "STK": Asset("STK", AssetClass.STOCK, "US"),
    }
    lines = "".join(f"2026-01-05,buy,{code},m,1,1\n" for code in (*assets, "NEW"))
    path = _file(tmp_path, "ledger.csv", f"date,kind,asset,account,quantity,unit_price\n{lines}")
    found = read_ledger(path, assets)
    assert [(row.asset, row.currency) for row in found.rows] == [
        ("PETR4", "BRL"),
        ("PETRA30", "BRL"),
    ]
    assert [(each.where, each.params["column"]) for each in found.issues] == [
        ("4", "currency"),
        ("5", "currency"),
        ("6", "currency"),
    ]
    dollars = read_ledger(path, assets, {"m": Account("m", currency="USD")})
    assert {row.currency for row in dollars.rows} == {"USD"}


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("2025-12-31,opening_loss,100,BRL,stocks", "bucket"),
        ("2025-12-31,darf_payment,100,BRL,6015", "bucket"),
        ("2025-12-31,deposit,100,0,", "currency"),
    ],
)
def test_codes_nobody_knows_are_told(tmp_path: Path, cells: str, column: str) -> None:
    path = _file(tmp_path, "ledger.csv", f"date,kind,amount,currency,bucket\n{cells}\n")
    found = read_ledger(path)
    assert found.rows == []
    assert [(issue.where, issue.params["column"]) for issue in found.issues] == [("2", column)]


PRICES = "date,asset,close\n2024-01-03,A,3\n2024-01-02,A,2\n2024-01-05,A,5\n2024-01-02,B,1.5\n"


def test_prices_in_any_order(tmp_path: Path) -> None:
    path = _file(tmp_path, "p.csv", PRICES)
    table, issues = read_prices(path)
    assert table.series("A")[1] == [2, 3, 5]
    assert issues == []
    last, _ = read_prices(path, date(2024, 1, 4))
    assert last.on("A", date(2024, 1, 4)) == (3, date(2024, 1, 3))
    assert last.on("B", date(2024, 1, 4)) == (D("1.5"), date(2024, 1, 2))
    quoted = _file(tmp_path, "q.csv", PRICES.replace("A,3", '"A","3"'))
    assert read_prices(quoted)[0].series("A")[1] == [2, 3, 5]


@pytest.mark.parametrize("close", ["abc", "", "0", "-1", "nan", "inf", "1_0", "1e30"])
@pytest.mark.parametrize("last_on", [None, date(2024, 1, 4)])
def test_a_bad_price_is_skipped_with_its_line(
    tmp_path: Path, close: str, last_on: date | None
) -> None:
    path = _file(tmp_path, "p.csv", PRICES + f"2024-01-04,A,{close}\nnever,A,1\n2024-01-04,B,1,x\n")
    table, issues = read_prices(path, last_on)
    assert [issue.where for issue in issues] == ["6", "7", "8"]
    assert table.on("A", date(2024, 1, 4)) == (3, date(2024, 1, 3))


def test_rates_and_their_buying_side(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "fx.csv",
        "date,base,quote,rate,rate_buy\n2024-01-02,USD,BRL,5.01,5.00\n2024-01-03,USD,BRL,0,\n"
        "2024-01-03,USD,BRL,,\n",
    )
    fx, issues = read_fx(path)
    assert fx.rate("USD", "BRL", date(2024, 1, 9)) == D("5.01")
    assert fx.buy is not None
    assert fx.buy.rate("USD", "BRL", date(2024, 1, 9)) == 5
    assert [issue.where for issue in issues] == ["3", "4"]
    path = _file(tmp_path, "fx.csv", "date,base,quote,rate\n2024-01-02,USD,BRL,5.01\n")
    assert read_fx(path)[0].buy is None


def test_indexes(tmp_path: Path) -> None:
    path = _file(tmp_path, "i.csv", "date,index,value\n2024-01-02,CDI,0.04\n2024-01-01,IPCA,x\n")
    table, issues = read_indexes(path)
    assert table.exact("CDI", date(2024, 1, 2)) == D("0.04")
    assert [issue.where for issue in issues] == ["3"]


_DAYS = ["2024-01-31", "2024-02-28", "2024-02-29", "2024-03-01"]


def _price_file(folder: Path, rows: list[str]) -> str:
    return _file(folder, "p.csv", "date,asset,close\n" + "".join(f"{row}\n" for row in rows))


@pytest.mark.parametrize(
    "order", ["by asset", "by date", "descending", "shuffled", "windows", "no end", "spaces"]
)
@pytest.mark.parametrize("limit", ["2023-12-31", "2024-02-28", "2024-02-29", "2030-01-01"])
def test_the_last_prices_are_the_same_however_a_file_is_ordered(
    tmp_path: Path, order: str, limit: str
) -> None:
    rows = [
        f"{day},AT{asset:02d},{asset + 1}.{place}{asset}"
        for asset in range(60)
        for place, day in enumerate(_DAYS)
    ]
    if order == "by date":
        rows.sort()
    if order == "descending":
        rows.reverse()
    if order == "shuffled":
        Random(3).shuffle(rows)
    path = _price_file(tmp_path, rows)
    text = Path(path).read_text()
    if order == "windows":
        text = text.replace("\n", "\r\n")
    if order == "no end":
        text = text.rstrip("\n")
    if order == "spaces":
        text = text.replace("AT05", " AT05").replace(",AT07", ", AT07 ")
    Path(path).write_text(text, newline="")
    on = date.fromisoformat(limit)
    last, issues = read_prices(path, on)
    every, _ = read_prices(path)
    assert issues == []
    assert len(every.assets()) == 60
    for asset in every.assets():
        assert last.on(asset, on) == every.on(asset, on), asset


@pytest.mark.parametrize(
    "bad",
    [
        "2024-02-30,AT01,5",
        "2023-02-29,AT01,5",
        "2024-04-31,AT01,5",
        "2024-13-01,AT01,5",
        "2024-00-10,AT01,5",
        "2024-01-00,AT01,5",
        "2024-01-32,AT01,5",
        "2024-12-39,AT01,5",
        "0000-01-01,AT01,5",
        "2024-01-01,AT01,0",
        "2024-01-01,AT01,0.00",
        "2024-01-01,AT01,",
        "2024-01-01,AT01,1.2.3",
        "2024-01-01,AT01,-5",
        "2024-01-01,AT01",
        "2024-01-01,AT01,5,6",
        "20240101,AT01,5",
        "2024-1-1,AT01,5",
    ],
)
@pytest.mark.parametrize("by_date", [True, False])
def test_no_bad_price_hides_in_a_long_file(tmp_path: Path, bad: str, by_date: bool) -> None:
    rows = [f"{day},AT{asset:02d},5.1" for asset in range(60) for day in _DAYS]
    if by_date:
        rows.sort()
    rows.insert(130, bad)
    table, issues = read_prices(_price_file(tmp_path, rows), date(2030, 1, 1))
    assert [issue.where for issue in issues] == ["132"]
    assert len(table.assets()) == 60


def test_an_asset_named_like_a_date(tmp_path: Path) -> None:
    rows = [f"{day},X-02-29,5.1" for day in _DAYS] + [f"{day},LTN-2023-02-29,6" for day in _DAYS]
    table, issues = read_prices(_price_file(tmp_path, rows), date(2030, 1, 1))
    assert (table.assets(), issues) == (["LTN-2023-02-29", "X-02-29"], [])


def test_terms_of_fixed_income(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "assets.csv",
        "asset,class,indexer,index_percent,rate,unit_value,issue_date,maturity,index_lag,isin,cnpj,"
        "sector,country,quote_symbol\n"
        "CDB,cdb,cdi,1.12,,1000,2016-03-14,2019-03-14,,BRXXXXCDB001,,,BR,\n"
        "NTNB,treasury,ipca,,0.0525,1104.30,2018-01-15,,0,,,,,\n"
        "XPTO3,stock,,,,,,,,,,Energia,BR,XPTO3.SA\n"
        "B1,cdb,tr,,,,2020-01-02,,,,,,,\n"
        "B2,cdb,cdi,,,,,,,,,,,\n"
        "B3,cdb,,1.1,,,,,,,,,,\n"
        "B4,cdb,cdi,,,0,2020-01-02,,,,,,,\n"
        "B5,cdb,cdi,,,,2020-01-02,2020-01-02,,,,,,\n"
        "B6,cdb,ipca,,,,2020-01-02,,0.5,,,,,\n",
    )
    assets, issues = read_assets(path)
    assert assets["CDB"].terms == FixedIncomeTerms(
        Indexer.CDI, date(2016, 3, 14), date(2019, 3, 14), D("1000"), D("1.12")
    )
    assert assets["NTNB"].terms == FixedIncomeTerms(
        Indexer.IPCA, date(2018, 1, 15), None, D("1104.30"), D(1), D("0.0525"), 0
    )
    assert assets["XPTO3"].terms is None
    assert [(issue.where, issue.params["column"]) for issue in issues] == [
        ("5", "indexer"),
        ("6", "issue_date"),
        ("7", "indexer"),
        ("8", "unit_value"),
        ("9", "maturity"),
        ("10", "index_lag"),
    ]
    wrong = _file(tmp_path, "wrong.csv", "asset,colour\nXPTO3,red\n")
    with pytest.raises(InputError, match="unknown column 'colour'"):
        read_assets(wrong)
