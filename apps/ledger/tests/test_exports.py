from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.assets.selectors import engine_assets
from apps.brokers.selectors import accounts_of
from apps.engine.holdings import fold
from apps.engine.io import read_accounts, read_assets, read_ledger
from apps.engine.types import Account
from apps.ledger import exports, selectors
from testing import factories as make

pytestmark = pytest.mark.django_db


def text(pieces: Any) -> str:
    return "".join(pieces)


def rows(pieces: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(pieces), newline="")))


@pytest.fixture
def access() -> Access:
    return make.make_access()


def test_columns_are_those_of_the_contract(access: Access) -> None:
    header = text(exports.ledger_csv(access=access)).splitlines()[0]
    assert header == (
        "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,"
        "fx_rate,ratio,to_asset,cost_share,note,bucket"
    )


def test_cells_are_plain(access: Access) -> None:
    account = make.make_account(access.workspace, name="Corretora, Um")
    btc = make.make_asset("BTC", "crypto")
    make.make_transaction(
        account,
        "buy",
        "2024-01-02",
        asset=btc,
        quantity="0.000000012300",
        unit_price="350000.5000",
        trade_time=dt.time(10, 30),
        note="=HYPERLINK(1)",
    )
    make.make_transaction(
        account, "fx", "2024-01-03", amount=5000, quantity=1000, to_currency="USD"
    )
    make.make_transaction(
        account, "darf_payment", "2024-02-29", amount=10, note="2024-01", bucket="fii"
    )
    buy, fx, darf = rows(exports.ledger_csv(access=access))
    assert (buy["quantity"], buy["unit_price"], buy["fees"]) == ("0.0000000123", "350000.5", "")
    assert (buy["date"], buy["time"], buy["asset"]) == ("2024-01-02", "10:30:00", "BTC")
    assert buy["account"] == "Corretora, Um"
    assert buy["note"] == "'=HYPERLINK(1)"
    assert (fx["to_asset"], fx["amount"], fx["quantity"]) == ("USD", "5000", "1000")
    assert (darf["bucket"], darf["note"]) == ("fii", "2024-01")


def test_two_assets_of_one_ticker_keep_apart(access: Access) -> None:
    account = make.make_account(access.workspace)
    here = make.make_asset("ABC", "stock")
    there = make.make_asset("ABC", "stock_abroad", market="US", currency="USD")
    for asset in (here, there):
        make.make_transaction(account, asset=asset, quantity=1, unit_price=1)
    assert [row["asset"] for row in rows(exports.ledger_csv(access=access))] == ["ABC", "ABC:US"]
    assert [row["asset"] for row in rows(exports.assets_csv(access=access))] == ["ABC", "ABC:US"]


def test_the_archive_folds_to_the_same_figures(access: Access, tmp_path: Path) -> None:
    """What the engine reads back from the files is what it folds from the tables."""
    one, two = make.make_account(access.workspace), make.make_account(access.workspace)
    petr, vale = make.make_asset("PETR4"), make.make_asset("VALE3")
    make.make_transaction(
        one, "buy", "2023-01-02", asset=petr, quantity=100, unit_price="28.5", fees="3.01"
    )
    make.make_transaction(two, "buy", "2023-02-02", asset=petr, quantity=7, unit_price="31.07")
    make.make_transaction(one, "split", "2023-03-01", asset=petr, ratio=2)
    make.make_transaction(
        one,
        "sell",
        "2023-04-03",
        asset=petr,
        quantity=50,
        unit_price=20,
        fees=1,
        tax_withheld="0.05",
    )
    make.make_transaction(one, "bonus", "2023-05-02", asset=petr, quantity=15, unit_price="9.99")
    make.make_transaction(two, "transfer_in", "2023-05-03", asset=vale, quantity=10)
    make.make_transaction(
        one, "spin_off", "2023-06-01", asset=petr, to_asset=vale, quantity=8, cost_share="0.1"
    )
    make.make_transaction(one, "jcp", "2023-07-03", asset=petr, amount="12.34", tax_withheld="1.85")
    make.make_transaction(one, "deposit", "2022-12-30", amount=10000)
    names = {"ledger.csv": read_ledger, "assets.csv": read_assets, "accounts.csv": read_accounts}
    with zipfile.ZipFile(io.BytesIO(exports.workspace_zip(access=access))) as archive:
        assert set(archive.namelist()) == set(names)
        archive.extractall(tmp_path)
    ledger = read_ledger(str(tmp_path / "ledger.csv"))
    assets, wrong = read_assets(str(tmp_path / "assets.csv"))
    accounts, wrong_too = read_accounts(str(tmp_path / "accounts.csv"))
    assert not [*ledger.issues, *wrong, *wrong_too]
    found = fold(ledger.rows, assets, accounts)
    stored = selectors.engine_rows(workspace_id=access.workspace.pk)
    expected = fold(
        stored,
        engine_assets(asset_ids=[petr.pk, vale.pk]),
        {
            str(a.pk): Account(str(a.pk), a.institution.name, a.holder.name, a.currency)
            for a in accounts_of(access=access)
        },
    )

    def figures(result: Any, names: dict[str, str]) -> dict[str, tuple[Decimal | None, ...]]:
        return {
            names.get(key[2], key[2]): (
                h.quantity,
                h.total_cost,
                h.average_cost,
                h.realised_gain,
                h.income,
                h.fifo_cost,
            )
            for key, h in result.holdings.items()
        }

    tickers = {str(petr.pk): "PETR4", str(vale.pk): "VALE3"}
    assert figures(found, {}) == figures(expected, tickers)
    assert sorted(i.code for i in found.issues) == sorted(i.code for i in expected.issues)
    assert sum(found.cash.values()) == sum(expected.cash.values())


def test_downloads(access: Access) -> None:
    account = make.make_account(access.workspace)
    make.make_transaction(account, "deposit", amount=10, note="ação")
    client = Client()
    client.force_login(access.user)
    answer = client.get(reverse("ledger:export", args=[access.workspace.pk]))
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    assert "ação" in b"".join(answer).decode("utf-8")
    answer = client.get(reverse("ledger:export_all", args=[access.workspace.pk]))
    assert answer["Content-Type"] == "application/zip"


def test_export_query_count_does_not_grow(access: Access) -> None:
    account = make.make_account(access.workspace)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(exports.ledger_csv(access=access))
        return len(captured)

    make.make_transaction(account, asset=make.make_asset(), quantity=1, unit_price=1)
    few = queries()
    for _number in range(30):
        make.make_transaction(account, asset=make.make_asset(), quantity=1, unit_price=1)
    assert queries() == few
