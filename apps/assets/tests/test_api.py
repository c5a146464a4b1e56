"""Assets through the API."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from apps.accounts.access import Access
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    return make.make_access()


@pytest.fixture
def client(access: Access) -> APIClient:
    found = APIClient()
    found.force_authenticate(access.user)
    return found


def test_a_paper_with_its_terms(client: APIClient) -> None:
    sent = {
        "ticker": "CDB Banco Exemplo 2027",
        "asset_class": "cdb",
        "terms": {
            "indexer": "cdi",
            "issue_date": "2024-01-02",
            "maturity": "2027-01-04",
            "percent": "1.1",
        },
    }
    response = client.post("/api/v1/assets/", sent, format="json")
    assert response.status_code == 201, response.content
    body = response.json()
    assert body["shared"] is False
    assert body["terms"] == {
        "indexer": "cdi",
        "issue_date": "2024-01-02",
        "maturity": "2027-01-04",
        "percent": "1.1",
        "rate": "0",
        "unit_value": "1",
    }
    terms = sent["terms"] | {"maturity": "2023-01-02"}  # type: ignore[operator]
    url = f"/api/v1/assets/{body['id']}/"
    refused = client.put(url + "terms/", terms, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "maturity"
    changed = client.put(
        url + "terms/", {"indexer": "ipca", "rate": "0.06", "issue_date": "2024-01-02"}
    )
    assert changed.json()["terms"]["rate"] == "0.06"


def test_an_option(client: APIClient) -> None:
    stock = make.make_asset("EXMP3")
    sent = {
        "ticker": "EXMPA10",
        "asset_class": "option",
        "underlying": str(stock.pk),
        "option_type": "call",
        "strike": "10.5",
        "expiry": "2025-01-17",
        "multiplier": "1",
    }
    body = client.post("/api/v1/assets/", sent, format="json").json()
    assert {name: body[name] for name in sent} == sent


def test_how_a_fund_is_taxed(client: APIClient) -> None:
    sent = {"ticker": "FIA", "asset_class": "fund", "tax_class": "equity", "term_days": 400}
    body = client.post("/api/v1/assets/", sent, format="json").json()
    assert {name: body[name] for name in sent} == sent
    url = f"/api/v1/assets/{body['id']}/"
    assert client.patch(url, {"tax_class": "short"}).json()["tax_class"] == "short"
    assert client.patch(url, {"tax_class": "strange"}).status_code == 400


def test_shared_assets_are_read_only(client: APIClient) -> None:
    shared = make.make_asset("EXMP3")
    url = f"/api/v1/assets/{shared.pk}/"
    assert client.patch(url, {"name": "x"}).status_code == 403
    terms = {"indexer": "cdi", "issue_date": "2024-01-02"}
    assert client.put(url + "terms/", terms).status_code == 403
    taken = client.post("/api/v1/assets/", {"ticker": "exmp3", "asset_class": "stock"})
    assert taken.json()["errors"][0]["code"] == "taken"


def test_correcting_ones_own_asset_rebuilds(client: APIClient, access: Access) -> None:
    asset = make.make_asset("XPTO11", asset_class="fii", workspace=access.workspace)
    response = client.patch(f"/api/v1/assets/{asset.pk}/", {"asset_class": "etf"}, format="json")
    assert response.json()["asset_class"] == "etf"
    access.workspace.refresh_from_db()
    assert access.workspace.ledger_version == 1
    assert access.workspace.stale_since == dt.date(1900, 1, 1)


def test_search_and_filters(client: APIClient, access: Access) -> None:
    make.make_asset("EXMP3", name="Companhia Exemplo")
    make.make_asset("FUND11", name="Fundo", asset_class="fii", workspace=access.workspace)
    make.make_asset("ALHE3", workspace=make.make_workspace())

    def tickers(query: str) -> list[str]:
        rows = client.get(f"/api/v1/assets/?{query}").json()["results"]
        return [row["ticker"] for row in rows]

    assert tickers("") == ["EXMP3", "FUND11"]
    assert tickers("search=exm") == ["EXMP3"]
    assert tickers("search=fundo") == ["FUND11"]
    assert tickers("asset_class=fii") == ["FUND11"]
    assert tickers("shared=true") == ["EXMP3"]
    assert tickers("ticker=exmp3") == ["EXMP3"]
    assert tickers("ordering=-ticker") == ["FUND11", "EXMP3"]
