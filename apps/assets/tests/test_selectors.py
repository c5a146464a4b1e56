"""Which assets a workspace sees, and how they are found."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from apps.assets import selectors
from apps.assets.classes import default_exchange, guess_class, strip_fractional
from apps.assets.models import Holiday
from apps.common.errors import NotFound
from apps.engine.kinds import AssetClass, Indexer
from testing import factories as make


@pytest.mark.django_db
def test_shared_and_own_assets_are_seen_those_of_others_not() -> None:
    access = make.make_access()
    shared = make.make_asset("SHAR3")
    own = make.make_asset("OWNN3", workspace=access.workspace)
    foreign = make.make_asset("FORE3", workspace=make.make_workspace())
    assert set(selectors.assets_of(access=access)) == {shared, own}
    assert selectors.asset_get(access=access, asset_id=str(own.pk)) == own
    for key in (foreign.pk, uuid.uuid4(), "x", None):
        with pytest.raises(NotFound):
            selectors.asset_get(access=access, asset_id=key)
    assert selectors.asset_search(access=access, text="FORE") == []


@pytest.mark.django_db
def test_search_puts_the_closest_first() -> None:
    access = make.make_access()
    by_name = make.make_asset("ABCD3", name="Fundo PETR antigo")
    begins = make.make_asset("PETR4", name="Petrobras PN")
    exact = make.make_asset("PETR", name="?")
    assert selectors.asset_search(access=access, text=" petr ") == [exact, begins, by_name]
    assert selectors.asset_search(access=access, text="  ") == []
    # PostgreSQL refuses the character; a hostile address may bring it.
    assert selectors.asset_search(access=access, text="\0") == []
    assert selectors.asset_search(access=access, text="petr", limit=1) == [exact]


@pytest.mark.django_db
def test_the_index_knows_former_codes_and_own_assets_win(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    shared = make.make_asset("NEWW3")
    shared.former_tickers.create(ticker="OLDD3")
    shared.former_tickers.create(ticker="MINE3")
    mine = make.make_asset("MINE3", workspace=access.workspace)
    private = make.make_asset("NEWW3", workspace=make.make_workspace())
    with django_assert_num_queries(2):
        index = selectors.asset_index(access=access)
    assert index["OLDD3", "BR"] == index["NEWW3", "BR"] == shared
    assert index["MINE3", "BR"] == mine  # a code in use is not a former one
    assert private not in index.values()
    own = make.make_asset("NEWW3", workspace=access.workspace)
    assert selectors.asset_index(access=access)["NEWW3", "BR"] == own


@pytest.mark.django_db
def test_the_engine_s_view(django_assert_num_queries: Any) -> None:
    paper = make.make_asset("CDB X", "cdb", issuer="Banco X")
    make.make_terms(paper, percent=Decimal("1.1"), unit_value=Decimal(1000))
    share = make.make_asset("ABCD3", currency="USD", market="US", asset_class="stock_abroad")
    with django_assert_num_queries(1):
        found = selectors.engine_assets(asset_ids=[paper.pk, share.pk])
    assert found[str(share.pk)].terms is None
    assert found[str(share.pk)].currency == "USD"
    terms = found[str(paper.pk)].terms
    assert found[str(paper.pk)].asset_class is AssetClass.CDB
    assert terms is not None
    assert (terms.indexer, terms.percent, terms.unit_value) == (
        Indexer.CDI, Decimal("1.1"), Decimal(1000),
    )  # fmt: skip


@pytest.mark.django_db
def test_holidays_belong_to_their_exchange() -> None:
    bvmf, other = make.make_exchange("BVMF"), make.make_exchange("XNYS")
    Holiday.objects.create(exchange=bvmf, date=dt.date(2026, 11, 20), name="Consciência Negra")
    Holiday.objects.create(exchange=other, date=dt.date(2026, 11, 26), name="Thanksgiving")
    assert selectors.holidays_of(exchange_code="BVMF") == {dt.date(2026, 11, 20)}


@pytest.mark.parametrize(
    "ticker, expected",
    [
        ("PETR4", "stock"), ("petr4f", "stock"), ("TAEE11", "fii"), ("AAPL34", "bdr"),
        ("BACW39", "bdr"), ("ABCD12", "right"), ("PETRA300", "option"), ("ABCD21", None),
        ("Tesouro Selic 2029", None), ("", None), ("BTC", None),
    ],
)  # fmt: skip
def test_what_a_code_suggests(ticker: str, expected: str | None) -> None:
    assert guess_class(ticker) == expected


def test_the_fractional_market_is_the_same_asset() -> None:
    assert strip_fractional("petr4f") == "PETR4"
    assert strip_fractional("TAEE11F") == "TAEE11"
    assert strip_fractional("F") == "F"
    assert strip_fractional("CDB F") == "CDB F"


@pytest.mark.parametrize(
    "asset_class, market, expected",
    [
        ("stock", "BR", "BVMF"), ("stock_abroad", "US", "XNYS"), ("crypto", "BR", "CRYPTO"),
        ("cdb", "BR", None), ("treasury", "BR", None), ("stock_abroad", "ZZ", None),
    ],
)  # fmt: skip
def test_the_exchange_an_asset_follows(asset_class: str, market: str, expected: str | None) -> None:
    assert default_exchange(asset_class, market) == expected
