"""Pages and charts at the edges: one asset, very many, no price, more owed than had."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.urls import reverse

from apps.accounts.access import Access
from apps.ledger.models import Transaction
from apps.market_data.models import Price
from apps.performance.query import GROUPINGS
from apps.performance.tests.conftest import days_ago, touch
from apps.performance.tests.test_pages import address, signed_in
from apps.portfolios.services import workspace_rebuild
from testing import factories as make

pytestmark = pytest.mark.django_db
PAGES = ("returns", "risk", "allocation", "income")
CHARTS = ("series", "heatmap", "rolling", "risk", "contributions", "allocation", "income")


def ready(access: Access) -> Access:
    written = touch(access)
    workspace_rebuild(workspace_id=written.workspace.pk)
    return written


def opened(access: Access, **query: str) -> dict[str, str]:
    """Every page with every chart's JSON, all of them answered."""
    client = signed_in(access.user)
    found = {}
    for name in PAGES:
        answer = client.get(address(access, name, period="all", window="1m", **query))
        assert answer.status_code == 200, name
        body = re.sub(r"<[^>]+>", " ", answer.content.decode())
        found[name] = " ".join(body.replace("\xa0", " ").split())
        assert not re.search(r"\b(nan|inf|None)\b", found[name]), name
    for kind in CHARTS:
        url = reverse("performance:data", args=[access.workspace.pk, kind])
        answer = client.get(url, {"period": "all", "window": "1m", **query})
        assert answer.status_code == 200, kind
        found[f"{kind}.json"] = answer.content.decode()
        json.loads(found[f"{kind}.json"], parse_constant=pytest.fail)
    return found


def test_one_asset() -> None:
    access = make.make_access()
    asset = make.make_asset("SOLO3")
    make.make_transaction(
        make.make_account(access.workspace),
        "buy",
        days_ago(40),
        asset=asset,
        quantity=1,
        unit_price=9,
    )
    make.make_price(asset, days_ago(0), 12)
    pages = opened(ready(access), group_by="asset")
    assert "O maior ativo 100,0 %" in pages["allocation"]
    assert "+33,33 %" in pages["returns"]  # 12 ÷ 9 − 1
    # One contribution, which is the return.
    (row,) = json.loads(pages["contributions.json"])["rows"]
    assert float(row["contribution"]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_nothing_but_unpriced_assets(grouping: str) -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    for code in ("SEMA3", "SEMB3"):
        make.make_transaction(
            account, "buy", days_ago(40), asset=make.make_asset(code), quantity=2, unit_price=50
        )
    pages = opened(ready(access), group_by=grouping)
    for name in ("returns", "allocation"):
        assert "R$ 200,00 pelo custo: sem preço de" in pages[name]


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_more_owed_than_had(grouping: str) -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    short, held = make.make_asset("VEND3"), make.make_asset("TIDO3")
    make.make_transaction(
        account, "short_sell", days_ago(40), asset=short, quantity=10, unit_price=10
    )
    make.make_transaction(account, "buy", days_ago(40), asset=held, quantity=1, unit_price=10)
    for asset in (short, held):
        make.make_price(asset, days_ago(40), 10)
        make.make_price(asset, days_ago(0), 12)
    pages = opened(ready(access), group_by=grouping)
    # 12 − 120: the share of a negative whole is not told.
    assert "−108,00" in pages["allocation"]
    assert "entram na tabela, não no mapa" in pages["allocation"] or grouping != "asset"


def test_very_many_assets() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    assets = [make.make_asset(f"QT{at:03}", sector=f"Setor {at % 12}") for at in range(250)]
    for asset in assets[:249]:
        make.make_transaction(account, "buy", days_ago(40), asset=asset, quantity=1, unit_price=4)
    make.make_transaction(account, "buy", days_ago(5), asset=assets[-1], quantity=1, unit_price=4)
    Price.objects.bulk_create(
        Price(asset=asset, date=day, close=5, source="test")
        for asset in assets
        for day in (days_ago(40), days_ago(0))
    )
    assert Transaction.objects.count() == 250
    pages = opened(ready(access), group_by="asset")
    assert "Mostrar todas as 250 linhas" in pages["returns"]
    assert "R$ 1.250,00" in pages["allocation"]
    rows = json.loads(pages["contributions.json"])["rows"]
    assert len(rows) == 250
    client = signed_in(access.user)
    whole = client.get(address(access, "returns", period="all", rows="all"))
    assert whole.content.decode().count("QT") >= 250


def test_nothing_held_any_more() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    asset = make.make_asset("FOI3")
    for kind, day, price in (("buy", 60, 10), ("sell", 50, 11)):
        make.make_transaction(
            account, kind, days_ago(day), asset=asset, quantity=3, unit_price=price
        )
    make.make_price(asset, days_ago(60), 10)
    pages = opened(ready(access))
    assert "+R$ 3,00" in pages["returns"]
    assert "Nada em carteira no fim do período." in pages["risk"]
    url = reverse("performance:data", args=[access.workspace.pk, "series"])
    start = (days_ago(20) - dt.timedelta(days=1)).isoformat()
    assert signed_in(access.user).get(url, {"from": start}).status_code == 200
