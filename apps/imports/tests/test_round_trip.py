"""A whole ledger exported and imported into an empty workspace of somebody else."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.engine.holdings import fold
from apps.imports.models import Batch
from apps.imports.services import batch_undo
from apps.imports.tests.helpers import bring, hand_in, run, states
from apps.ledger import exports
from apps.ledger.models import Transaction
from apps.portfolios.loading import ledger_load
from apps.portfolios.selectors import positions_on
from apps.portfolios.services import workspace_rebuild
from testing import factories as make

pytestmark = pytest.mark.django_db


def written(access: Access) -> None:
    """A ledger with several of everything, most of it known to this workspace only."""
    space = access.workspace
    wife = make.make_holder(space, "Ana Souza")
    house = make.make_institution("Casa Própria Corretora", workspace=space)
    shared = make.make_institution("Corretora Aberta S.A.")
    main = make.make_account(space, institution=house, name="Conta principal")
    other = make.make_account(space, institution=house, name="Conta-principal")
    hers = make.make_account(space, institution=shared, holder=wife, name="Aberta da Ana")
    abroad = make.make_account(space, institution=shared, name="Aberta US", currency="USD")
    make.make_account(space, institution=shared, name="Encerrada", is_active=False)

    stock = make.make_asset("RTRP3", workspace=space, name="=Roda SA", sector="Consumo")
    listed = make.make_asset("ABCD4")
    child = make.make_asset("RTRQ3", workspace=space)
    here = make.make_asset("DUPL", "etf", workspace=space)
    there = make.make_asset("DUPL", "etf_abroad", market="US", currency="USD", workspace=space)
    total = make.make_asset("Total Renda 2030", "fund", workspace=space, cnpj="11.111.111/0001-11")
    cdb = make.make_asset("CDB Roda 2029", "cdb", workspace=space, issuer="Banco Roda")
    make.make_terms(cdb, percent=Decimal("1.12"), unit_value=1000, maturity="2029-03-14")
    ipca = make.make_asset("IPCA+ Roda", "treasury", workspace=space)
    make.make_terms(ipca, "ipca", rate=Decimal("0.0525"), index_lag=0)
    call = make.make_asset(
        "RTRPA10",
        "option",
        workspace=space,
        underlying=child,
        option_type="call",
        strike=Decimal("10.5"),
        expiry="2024-01-19",
    )

    row = make.make_transaction
    row(main, "deposit", "2023-01-02", amount=50_000, note="Total enviado\nem duas vezes")
    row(main, "fx", "2023-01-03", amount=5000, quantity=1000, to_currency="USD")
    row(main, asset=stock, date="2023-01-04", quantity=100, unit_price="10.01", fees="1.23")
    row(main, asset=stock, date="2023-01-04", quantity=100, unit_price="10.01", fees="1.23")
    row(other, asset=stock, date="2023-01-04", quantity=100, unit_price="10.01", fees="1.23")
    row(hers, asset=stock, date="2023-01-05", quantity=7, unit_price="11.11", fees=None)
    row(hers, asset=listed, date="2023-01-05", quantity=30, unit_price=20, note="=1+1")
    row(main, "split", "2023-02-01", asset=stock, ratio=2)
    row(other, "split", "2023-02-01", asset=stock, ratio=2)
    row(hers, "split", "2023-02-02", asset=stock, ratio=2)
    row(main, "bonus", "2023-03-01", asset=stock, quantity=40, unit_price="3.5")
    row(main, "transfer_out", "2023-04-03", asset=stock, quantity=50)
    row(other, "transfer_in", "2023-04-05", asset=stock, quantity=50)
    row(main, "jcp", "2023-05-02", asset=stock, amount="12.34", tax_withheld="1.85")
    row(main, "dividend", "2023-05-02", asset=stock, amount=9, note="-")
    row(main, "spin_off", "2023-06-01", asset=stock, to_asset=child, quantity=20, cost_share="0.1")
    row(
        main,
        "sell",
        "2023-06-02",
        asset=stock,
        quantity=90,
        unit_price=8,
        fees=1,
        tax_withheld="0.03",
    )
    row(abroad, "deposit", "2023-01-03", amount=1000, currency="USD")
    row(abroad, asset=there, date="2023-02-03", quantity="1.5", unit_price="100.1", fees=0)
    row(main, asset=here, date="2023-02-03", quantity=10, unit_price=50, fees=0)
    row(main, asset=total, date="2023-02-06", quantity="12.345678", amount=1234, fees=0)
    row(main, asset=cdb, date="2023-03-14", quantity=3, unit_price=1000, fees=0)
    row(hers, asset=ipca, date="2023-03-15", quantity="0.7", unit_price=3000, fees=0)
    row(main, "sell", "2023-12-01", asset=call, quantity=1, unit_price=1)  # of what it never had
    row(main, "opening_loss", "2023-01-02", amount=77, bucket="day_trade")
    # What the market did is no row of the ledger, and no other installation need know it.
    make.make_event(listed, ex_date="2023-07-03", ratio=3, workspace=space)
    make.make_event(
        listed, "bonus", "2023-08-01", ratio=Decimal("0.1"), unit_amount=5, workspace=space
    )


@pytest.fixture
def source() -> Access:
    """A person with a ledger."""
    access = make.make_access()
    written(access)
    return access


@pytest.fixture
def empty() -> Access:
    """Somebody else, with nothing."""
    return make.make_access()


def figures(access: Access, by: Any) -> tuple[dict[Any, Any], dict[Any, Any], Any]:
    """Holdings, cash and issues under names that do not depend on the workspace."""
    ledger = ledger_load(workspace_id=access.workspace.pk)
    assets = {str(a.pk): f"{a.ticker}/{a.market}" for a in Asset.objects.all()}
    accounts = {str(a.pk): a.name for a in Account.objects.filter(workspace=access.workspace)}
    holders = {str(h.pk): h.name for h in Holder.objects.filter(workspace=access.workspace)}
    found = fold(ledger.rows, ledger.assets, ledger.accounts, by=by, fx=ledger.fx)
    holdings = {
        (holders[holder], accounts.get(account or ""), assets[asset]): (
            h.quantity,
            h.total_cost,
            h.average_cost,
            h.realised_gain,
            h.income,
            h.income_withheld,
            h.fees,
            h.fifo_cost,
            h.fifo_realised,
            h.first_date,
            h.last_date,
        )
        for (holder, account, asset), h in found.holdings.items()
    }
    cash = {(accounts[account], code): held for (account, code), held in found.cash.items()}
    return holdings, cash, Counter(issue.code for issue in found.issues)


def same(source: Access, target: Access) -> None:
    """Both fold to the same, by asset and by account."""
    for by in ("asset", "account"):
        expected, found = figures(source, by), figures(target, by)
        assert len(expected[0]) >= 10
        assert found == expected


def by_command(access: Access, data: bytes, path: Path) -> None:
    path.write_bytes(data)
    call_command("import_file", str(path), "--user", access.user.username, stdout=io.StringIO())


def test_the_archive_brings_everything(source: Access, empty: Access, tmp_path: Path) -> None:
    data = exports.workspace_zip(access=source)
    by_command(empty, data, tmp_path / "tudo.zip")
    same(source, empty)
    batch = Batch.objects.get(workspace=empty.workspace)
    assert batch.format == "exitus_zip"
    # The files say the same again, but for an account that nothing was recorded in.
    again = exports.workspace_zip(access=empty)
    assert texts(again)["ledger.csv"] == texts(data)["ledger.csv"]
    assert texts(again)["assets.csv"] == texts(data)["assets.csv"]
    papers = Asset.objects.filter(workspace=empty.workspace)
    assert papers.get(ticker="IPCA+ Roda").terms.index_lag == 0
    cdb = papers.get(ticker="CDB Roda 2029")
    assert (cdb.terms.percent, cdb.terms.unit_value) == (Decimal("1.12"), 1000)
    assert (cdb.issuer, str(cdb.terms.maturity)) == ("Banco Roda", "2029-03-14")
    call = papers.get(ticker="RTRPA10")
    assert (call.underlying, call.strike) == (papers.get(ticker="RTRQ3"), Decimal("10.5"))
    assert papers.get(ticker="RTRP3").name == "=Roda SA"
    notes = Transaction.objects.of(empty.workspace.pk).values_list("note", flat=True)
    assert {"Total enviado\nem duas vezes", "=1+1", "-"} <= set(notes)


def texts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_pages_show_the_same_positions(source: Access, empty: Access) -> None:
    bring(empty, exports.workspace_zip(access=source), "tudo.zip")
    for access in (source, empty):
        workspace_rebuild(workspace_id=access.workspace.pk)
        access.workspace.refresh_from_db()

    def shown(access: Access, by: Any) -> list[tuple[Any, ...]]:
        rows = positions_on(access=access, by=by).rows
        return sorted(
            (r.holder, r.account, r.ticker, r.market, r.quantity, str(r.native), str(r.report))
            for r in rows
        )

    for by in ("asset", "account"):
        assert shown(empty, by) == shown(source, by)
        assert shown(empty, by)


def test_again_changes_nothing_and_undo_takes_it_back(source: Access, empty: Access) -> None:
    data = exports.workspace_zip(access=source)
    first = bring(empty, data, "tudo.zip")
    rows = Transaction.objects.of(empty.workspace.pk)
    count = rows.count()
    again = bring(empty, data, "outro-nome.zip")
    assert (again.counts["applied"], again.counts["duplicate"]) == (0, count)
    bare = bring(empty, texts(data)["ledger.csv"].encode(), "ledger.csv")
    assert bare.counts["applied"] == 0
    assert Account.objects.filter(workspace=empty.workspace).count() == 4
    batch_undo(access=empty, batch=bare, edited="remove")
    batch_undo(access=empty, batch=again, edited="remove")
    batch_undo(access=empty, batch=first, edited="remove")
    assert not rows.exists()
    bring(empty, data, "tudo.zip")
    assert rows.count() == count
    assert Account.objects.filter(workspace=empty.workspace).count() == 4


def test_an_own_export_adds_nothing(source: Access) -> None:
    """Events of the market are in the file as rows, and not in the ledger it came from."""
    before = figures(source, "account")
    rows = Transaction.objects.of(source.workspace.pk).count()
    batch = bring(source, exports.workspace_zip(access=source), "tudo.zip")
    assert (batch.counts["applied"], batch.counts["duplicate"]) == (0, rows)
    assert batch.counts["ignored"] == 2
    assert figures(source, "account") == before


def test_the_endpoint_applies_it_by_itself(
    source: Access, empty: Access, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client = APIClient()
    client.force_authenticate(source.user)
    offered = {part["kind"]: part["url"] for part in client.get("/api/v1/exports/").json()}
    data = client.get(offered["all"]).content
    client.force_authenticate(empty.user)
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(
            "/api/v1/imports/",
            {
                "file": SimpleUploadedFile("tudo.zip", data),
                "auto_apply": "true",
            },
            format="multipart",
        )
    found = client.get(f"/api/v1/imports/{sent.json()['id']}/").json()
    assert (found["status"], found["format"]) == ("applied", "exitus_zip")
    same(source, empty)


def test_the_page_shows_what_it_would_make(source: Access, empty: Access, client: Any) -> None:
    batch = hand_in(empty, exports.workspace_zip(access=source), "tudo.zip")
    assert (batch.counts["decide"], batch.counts["unsettled"]) == (0, 0)
    client.force_login(empty.user)
    page = client.get(reverse("imports:batch", args=[empty.workspace.pk, batch.pk]))
    assert "Titular: Ana Souza" in page.content.decode()
    assert run(empty, batch).status == Batch.Status.APPLIED


def test_a_name_taken_by_another_holder_is_told_apart(source: Access, empty: Access) -> None:
    make.make_account(empty.workspace, name="Aberta da Ana")
    data = exports.workspace_zip(access=source)
    bring(empty, data, "tudo.zip")
    assert Account.objects.get(
        workspace=empty.workspace, name="Aberta da Ana (Ana Souza)", holder__name="Ana Souza"
    ).transactions.exists()
    assert bring(empty, data, "tudo.zip").counts["applied"] == 0


BARE = b"""date,kind,asset,account,quantity,unit_price,fees
2024-01-02,buy,CDB Roda 2029,Conta,1,1000,0
2024-01-03,buy,RTRP3,Conta,1,10,0
2024-01-04,buy,Poeira Ltda,Conta,1,10,0
"""


def test_a_bare_ledger_waits_for_classes_it_cannot_guess(
    empty: Access, client: Any, tmp_path: Path
) -> None:
    batch = hand_in(empty, BARE, "ledger.csv", auto_apply=True)
    assert (batch.status, batch.error["code"]) == ("parsed", "waits_classes")
    assets = batch.proposals["assets"]
    classes = {code: part["asset_class"] for code, part in assets.items()}
    assert classes == {"CDB RODA 2029": "cdb", "RTRP3": "stock", "POEIRA LTDA": ""}
    api = APIClient()
    api.force_authenticate(empty.user)
    said = api.get(f"/api/v1/imports/{batch.pk}/").json()
    assert "POEIRA LTDA" in said["message"]
    path = tmp_path / "ledger.csv"
    path.write_bytes(BARE)
    with pytest.raises(CommandError, match="POEIRA LTDA"):
        call_command("import_file", str(path), "--user", empty.user.username, stdout=io.StringIO())
    # The person picks the class on the page.
    client.force_login(empty.user)
    order = list(assets)
    answers = {f"asset{n}": classes[code] or "fund" for n, code in enumerate(order)}
    page = reverse("imports:proposals", args=[empty.workspace.pk, batch.pk])
    assert client.post(page, {"inst0": "create", **answers}).status_code == 302
    batch.refresh_from_db()
    assert (batch.counts["unsettled"], batch.error) == (0, {})
    assert run(empty, batch).counts["applied"] == 3
    assert Asset.objects.get(ticker="POEIRA LTDA").asset_class == "fund"


def archive(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(f"{name}.csv", text)
    return buffer.getvalue()


LEDGER = "date,kind,asset,account,quantity,unit_price\n2024-01-02,buy,X1,C,1,10\n"


@pytest.mark.parametrize(
    ("assets", "code", "place"),
    [
        ("asset,class,colour\nX1,stock,red\n", "unknown_columns", "assets.csv"),
        ("asset,class\nX1,apple\n", "unknown_class", "class"),
        ("asset,tax_class\nX1,apple\n", "unknown_tax_class", "tax_class"),
        ("asset,class\nX1,stock\nX1,stock\n", "repeated_code", "linha 3"),
        ("asset,indexer\nX1,tr\n", "unknown_indexer", "indexer"),
        ("asset,indexer\nX1,cdi\n", "missing_date", "linha 2"),
        ("asset,rate\nX1,0.1\n", "missing_cell", "assets.csv"),
        ("asset,multiplier\nX1,0\n", "not_positive", "multiplier"),
        ("asset,market\nX1,BRASILEIRO\n", "too_long", "market"),
        (
            "asset,indexer,issue_date,maturity\nX1,cdi,2024-01-02,2024-01-02\n",
            "maturity_before_issue",
            "maturity",
        ),
    ],
)
def test_a_wrong_file_of_assets_is_one_message(
    empty: Access, assets: str, code: str, place: str
) -> None:
    from apps.imports.selectors import error_message

    batch = hand_in(empty, archive(ledger=LEDGER, assets=assets), "tudo.zip")
    assert (batch.status, batch.error["code"]) == ("failed", code)
    assert batch.error["sheet"] == "assets.csv"
    assert place in error_message(batch)


def test_other_archives_are_refused(empty: Access) -> None:
    refused = {
        archive(prices="a,b\n1,2\n"): "wrong_type",
        archive(ledger="PK\x03\x04 not a table"): "damaged",
        archive(ledger="a;" * 30_000_000): "bomb",
        archive(ledger=LEDGER)[:-30]: "damaged",
        archive(ledger=LEDGER.replace("10\n", "dez\n")): "bad_number",
        archive(**{"a/ledger": LEDGER, "b/ledger": LEDGER}): "repeated_file",
    }
    for data, code in refused.items():
        batch = hand_in(empty, data, "tudo.zip")
        assert batch.error["code"] == code
    found = hand_in(empty, archive(**{"pasta/ledger": LEDGER}), "tudo.zip")
    assert (found.status, states(found)) == ("parsed", ["new"])
