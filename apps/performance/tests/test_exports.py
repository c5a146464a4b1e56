"""Files of the pages' tables: names and words for people, numbers as numbers."""

from __future__ import annotations

import io
import re

import pandas
import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.performance.query import GROUPINGS
from apps.performance.tests.test_explanations import seen
from apps.performance.tests.test_pages import address, signed_in
from apps.portfolios.services import Selection, portfolio_create

pytestmark = pytest.mark.django_db
__all__ = ["seen"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def read(access: Access, url: str) -> tuple[pandas.DataFrame, dict[str, pandas.DataFrame]]:
    """A table as CSV, and every sheet of the same file as XLSX."""
    client = signed_in(access.user)
    text = client.get(url.replace("xlsx", "csv")).content
    book = client.get(url.replace("csv", "xlsx")).content
    return pandas.read_csv(io.BytesIO(text)), pandas.read_excel(io.BytesIO(book), sheet_name=None)


def check(table: pandas.DataFrame) -> None:
    """No name twice (pandas marks those), no identifier, no code of the program."""
    names = [str(name) for name in table.columns]
    assert not [name for name in names if re.search(r"\.\d+$|_|^id$|^key$|^Unnamed", name)], names
    assert not UUID.search(table.to_csv())
    for name in names:
        column = table[name].dropna()
        figures = [v for v in column if isinstance(v, str) and re.fullmatch(r"-?[\d.,]+", v)]
        assert not figures, (name, figures)


@pytest.mark.parametrize("name", ["returns", "risk", "allocation", "income"])
def test_every_file_a_page_offers_opens(seen: Access, name: str) -> None:
    portfolio_create(access=seen, name="Tudo", selection=Selection())
    url = address(seen, name, period="all", benchmarks="IBOV,CDI", window="1m", group_by="account")
    page = signed_in(seen.user).get(url).content.decode()
    links = {
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*export=csv[^"]*)"', page)
    }
    assert len(links) >= 2
    for link in links:
        table, sheets = read(seen, link)
        assert len(table), link
        for each in (table, *sheets.values()):
            check(each)


def test_the_files_of_an_asset_and_of_an_explanation_open(seen: Access) -> None:
    asset = Asset.objects.get(ticker="AAAA3")
    url = reverse("performance:asset_data", args=[seen.workspace.pk, asset.pk])
    table, sheets = read(seen, f"{url}?period=all&export=csv&table=marks")
    assert set(table["Tipo"]) == {"Compra", "Dividendo"}
    for each in (table, *sheets.values()):
        check(each)
    page = signed_in(seen.user).get(address(seen, "explain", code="inflows", period="all"))
    (link,) = set(re.findall(r'href="([^"]*export=csv[^"]*)"', page.content.decode()))
    table, sheets = read(seen, link.replace("&amp;", "&"))
    check(table)
    # 1.000 and 505 of fees included, 4 x 100 dollars at 5, 7 x 3 in reais.
    assert table["Valor"].sum() == pytest.approx(1000 + 505 + 2000 + 21)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_parts_have_names(seen: Access, grouping: str) -> None:
    url = reverse("performance:data", args=[seen.workspace.pk, "performance"])
    table, _sheets = read(
        seen, f"{url}?period=all&group_by={grouping}&cash=1&export=csv&table=rows"
    )
    check(table)
    assert table["Nome"].notna().all()
    assert table["Ganho"].dtype.kind in "if"
    if grouping == "account":
        assert set(table["Nome"]) == set(Account.objects.values_list("name", flat=True))
    if grouping == "sector":
        assert "Sem classificação" in set(table["Nome"])
    if grouping == "class":
        assert {"Ação", "FII"} <= set(table["Nome"])


def test_the_api_keeps_its_names(seen: Access) -> None:
    client = APIClient()
    client.force_authenticate(seen.user)
    text = client.get("/api/v1/portfolios/all/performance/?period=all&export=csv").content
    table = pandas.read_csv(io.BytesIO(text))
    assert {"key", "label", "currency", "currency_effect", "end_value", "twr"} <= set(table.columns)
    assert len(set(table.columns)) == len(table.columns)
