"""Figures through the API and through the charts' addresses."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.accounts.models import Role
from apps.assets.models import Asset
from apps.performance.tests.conftest import days_ago
from apps.performance.tests.test_timelines import no_worker
from apps.portfolios.services import Selection, portfolio_create, portfolio_targets_set
from testing import factories as make

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/portfolios/"
KINDS = (
    "performance",
    "series",
    "heatmap",
    "rolling",
    "risk",
    "allocation",
    "contributions",
    "income",
)
__all__ = ["no_worker"]


def signed(access: Access, **headers: str) -> APIClient:
    client = APIClient(headers={"X-Workspace": str(access.workspace.pk), **headers})
    client.force_authenticate(access.user)
    return client


def test_the_whole_workspace(access: Access) -> None:
    body = signed(access).get(f"{ROOT}all/performance/?period=all&group_by=class").json()
    assert (body["portfolio"], body["currency"], body["cash"]) == ("all", "BRL", False)
    assert (body["end_value"], body["inflows"], body["outflows"]) == ("2000", "1505", "27")
    assert body["absolute_gain"] == "522"
    assert body["from"] == days_ago(61).isoformat()
    assert body["split"]["income"] == "30"
    assert [row["label"] for row in body["rows"]] == ["Ação", "FII"]
    total = sum(float(row["contribution"]) for row in body["rows"])
    assert total == pytest.approx(float(body["twr"]), abs=1e-8)
    assert body["is_stale"] is False


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_answers_and_validates(access: Access, kind: str) -> None:
    portfolio = portfolio_create(access=access, name="FIIs", selection=Selection(classes=["fii"]))
    client = signed(access)
    for address in (f"{ROOT}all/{kind}/", f"{ROOT}{portfolio.pk}/{kind}/"):
        found = client.get(address + "?period=all")
        assert found.status_code == 200, found.content
        assert found["Content-Type"] == "application/json"
        assert "private" in found["Cache-Control"]
        same = client.get(address + "?period=all", headers={"If-None-Match": found["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        other = client.get(address + "?period=1m", headers={"If-None-Match": found["ETag"]})
        assert other.status_code == 200


def test_a_portfolio_that_changes_has_another_validator(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="x")
    client = signed(access)
    address = f"{ROOT}{portfolio.pk}/allocation/?group_by=class"
    first = client.get(address)
    weights = {"fii": make.Decimal(1)}
    portfolio_targets_set(access=access, portfolio=portfolio, by="class", weights=weights)
    second = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert [s["target"] for s in second.json()["slices"]] == ["0", "1"]


@pytest.mark.parametrize("kind", [*KINDS, "explain"])
def test_viewer_reads_and_stranger_finds_nothing(access: Access, kind: str) -> None:
    portfolio = portfolio_create(access=access, name="x")
    address = f"{ROOT}{portfolio.pk}/{kind}/?figure=twr"
    viewer = make.make_access(access.workspace, Role.VIEWER)
    assert signed(viewer).get(address).status_code == 200
    assert signed(viewer).post(address).status_code in (403, 405)
    assert signed(make.make_access()).get(address).status_code == 404
    assert APIClient().get(address).status_code == 401
    stranger = make.make_access()
    client = APIClient(headers={"X-Workspace": str(access.workspace.pk)})
    client.force_authenticate(stranger.user)
    assert client.get(f"{ROOT}all/{kind}/?figure=twr").status_code == 404


@pytest.mark.parametrize(
    "query, field",
    [
        ("period=2m", "period"),
        ("from=ontem", "from"),
        ("from=2024-02-01&to=2024-01-01", "from"),
        ("currency=real", "currency"),
        ("currency=XQX", "currency"),
        ("benchmarks=XPTO9", "benchmarks"),
        ("group_by=cor", "group_by"),
        ("export=pdf", "export"),
        ("export=csv&table=mesa", "table"),
        ("explain=talvez", "explain"),
    ],
)
def test_problems_name_their_field(access: Access, query: str, field: str) -> None:
    answer = signed(access).get(f"{ROOT}all/performance/?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


def test_unknown_things_are_not_found(access: Access) -> None:
    client = signed(access)
    assert client.get(f"{ROOT}none/performance/").status_code == 404
    assert client.get(f"{ROOT}all/explain/?figure=destino").status_code == 404
    assert client.get(f"{ROOT}all/explain/").status_code == 404


@pytest.mark.usefixtures("no_worker")
def test_cold_figures_are_being_built(access: Access) -> None:
    found = signed(access).get(f"{ROOT}all/performance/")
    assert (found.status_code, found.json()) == (202, {"status": "building", "step": 0, "steps": 4})
    assert "ETag" not in found
    assert found["Retry-After"] == "2"


def test_explained(access: Access) -> None:
    client = signed(access)
    body = client.get(f"{ROOT}all/performance/?period=all&explain=1").json()
    gain = body["explain"]["absolute_gain"]
    assert gain["formula"]
    parts = [p for b in gain["blocks"][:1] for p in b["parts"]]
    total = sum(p["sign"] * float(p["value"]) for p in parts)
    assert total == pytest.approx(float(body["absolute_gain"]))
    fees = client.get(f"{ROOT}all/explain/?period=all&figure=fees").json()
    (part,) = fees["blocks"][0]["parts"]
    assert (part["label"], part["value"], part["date"]) == (
        "BBBB11",
        "5",
        days_ago(60).isoformat(),
    )
    row = client.get(f"/api/v1/transactions/{part['transaction']}/")
    assert row.json()["fees"] == "5"
    for kind, figure in (("risk", "sharpe"), ("allocation", "hhi"), ("income", "yield_on_cost")):
        assert figure in client.get(f"{ROOT}all/{kind}/?explain=1").json()["explain"]


@pytest.mark.parametrize("kind", [*KINDS, "explain"])
def test_every_table_can_be_taken_away(access: Access, kind: str) -> None:
    client = signed(access)
    address = f"{ROOT}all/{kind}/?period=all&window=1m&figure=inflows&benchmarks=CDI"
    text = client.get(address + "&export=csv")
    assert text["Content-Type"] == "text/csv; charset=utf-8"
    assert f"exitus-{kind}-" in text["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(text.content.decode())))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1
    book = load_workbook(io.BytesIO(client.get(address + "&export=xlsx").content))
    sheet = book.worksheets[0]
    assert sheet.max_row == len(rows)
    assert sheet.max_column == len(rows[0])


def test_a_file_has_real_numbers_and_no_formulas(access: Access) -> None:
    evil = make.make_asset("=1+1", sector="=HYPERLINK(1)", workspace=access.workspace)
    account = make.make_account(access.workspace)
    make.make_transaction(account, "buy", days_ago(5), asset=evil, quantity=1, unit_price=7)
    client = signed(access)
    address = f"{ROOT}all/performance/?period=all&group_by=sector&export="
    rows = list(csv.DictReader(io.StringIO(client.get(address + "csv").content.decode())))
    assert {row["label"] for row in rows} == {"Energia", "Imóveis", "'=HYPERLINK(1)"}
    assert rows[0]["end_value"] == "1500"
    sheet = load_workbook(io.BytesIO(client.get(address + "xlsx").content)).worksheets[0]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert 1500 in cells
    assert not any(isinstance(c, str) and c.startswith("=") for c in cells)


def test_an_asset(access: Access) -> None:
    share = Asset.objects.get(ticker="AAAA3")
    address = f"/api/v1/assets/{share.pk}/performance/?period=all"
    body = signed(access).get(address).json()
    assert body["ticker"] == "AAAA3"
    assert body["twr"] == "0.53375"  # 1,227 / 1,200 x 1,500 / 1,000 - 1
    assert body["prices"]["close"] == ["10", "12", "15"]
    assert [m["side"] for m in body["prices"]["marks"]] == ["buy", "income"]
    assert signed(access).get(address + "&export=csv").status_code == 200
    private = make.make_asset("ALHE3", workspace=make.make_workspace())
    assert signed(access).get(f"/api/v1/assets/{private.pk}/performance/").status_code == 404


class TestCharts:
    @pytest.fixture
    def client(self, access: Access) -> Client:
        client = Client()
        client.force_login(access.user)
        return client

    def url(self, access: Access, kind: str) -> str:
        return reverse("performance:data", args=[access.workspace.pk, kind])

    def test_a_session_reads_them(self, access: Access, client: Client) -> None:
        found = client.get(self.url(access, "series") + "?period=all")
        body: dict[str, Any] = found.json()
        assert body["value"][-1] == "2000"
        again = client.get(
            self.url(access, "series") + "?period=all", headers={"If-None-Match": found["ETag"]}
        )
        assert again.status_code == 304
        assert client.get(self.url(access, "nada")).status_code == 404
        portfolio = portfolio_create(access=access, name="x", selection=Selection(classes=["fii"]))
        narrowed = client.get(self.url(access, "series") + f"?period=all&carteira={portfolio.pk}")
        assert narrowed.json()["value"][-1] == "500"

    def test_strangers_do_not(self, access: Access) -> None:
        client = Client()
        client.force_login(make.make_user())
        assert client.get(self.url(access, "series")).status_code == 404
