"""The imports endpoint, as contracts promise it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.imports.models import Batch
from apps.imports.tests.formats.files import csv, move, movimentacao, negociacao, trade
from apps.imports.tests.helpers import bring, hand_in
from apps.ledger.models import Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/imports/"


@pytest.fixture
def access() -> make.Access:
    return make.make_access()


def api(access: make.Access, workspace: object = None) -> APIClient:
    client = APIClient()
    client.force_authenticate(access.user)
    client.credentials(HTTP_X_WORKSPACE=str(workspace or access.workspace.pk))
    return client


def send(client: APIClient, execute: Any, data: bytes, **fields: Any) -> Any:
    with execute(execute=True):
        file = SimpleUploadedFile("a.xlsx", data)
        return client.post(ROOT, {"file": file, **fields}, format="multipart")


def test_a_file_is_taken_read_applied_and_taken_back(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client, run = api(access), django_capture_on_commit_callbacks
    taken = send(client, run, negociacao(trade(), trade(day="11/03/2026")))
    assert (taken.status_code, taken.json()["status"]) == (202, "pending")
    key = taken.json()["id"]
    read = client.get(f"{ROOT}{key}/").json()
    assert (read["status"], read["format"], read["counts"]["new"]) == (
        "parsed",
        "b3_negociacao",
        2,
    )
    lines = client.get(f"{ROOT}{key}/lines/?page_size=1").json()
    assert lines["count"] == 2
    assert lines["next"]
    assert lines["results"][0]["amount"] == "3671"
    with run(execute=True):
        applied = client.post(f"{ROOT}{key}/apply/")
    assert (applied.status_code, applied.json()["status"]) == (202, "applying")
    assert client.get(f"{ROOT}{key}/").json()["status"] == "applied"
    assert Transaction.objects.count() == 2
    again = client.post(f"{ROOT}{key}/apply/")
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")
    undone = client.post(f"{ROOT}{key}/undo/")
    assert (undone.status_code, undone.json()["status"]) == (200, "undone")
    assert Transaction.objects.count() == 0
    assert client.delete(f"{ROOT}{key}/").status_code == 409


def test_auto_apply_applies_what_needs_no_decision(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client, run = api(access), django_capture_on_commit_callbacks
    send(client, run, negociacao(trade()), auto_apply="true")
    assert Transaction.objects.count() == 1
    waits = send(client, run, movimentacao(move("Evento Nunca Visto", value=3)), auto_apply="true")
    key = waits.json()["id"]
    assert client.get(f"{ROOT}{key}/").json()["status"] == "parsed"
    assert client.post(f"{ROOT}{key}/apply/").json()["code"] == "undecided"
    line = client.get(f"{ROOT}{key}/lines/?state=decide").json()["results"][0]
    assert line["reason"] == "unknown_movement"
    address = f"{ROOT}{key}/lines/{line['id']}/decision/"
    assert client.post(address, {"kind": "split"}, format="json").status_code == 400
    decided = client.post(address, {"kind": "dividend", "amount": "4.5"}, format="json")
    assert (decided.status_code, decided.json()["state"]) == (200, "new")
    with run(execute=True):
        client.post(f"{ROOT}{key}/apply/")
    assert Transaction.objects.filter(kind="dividend").count() == 1


def test_a_refused_file_says_why(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client = api(access)
    sent = send(client, django_capture_on_commit_callbacks, negociacao(trade(price="x")))
    found = client.get(f"{ROOT}{sent.json()['id']}/").json()
    assert (found["status"], found["error_code"]) == ("failed", "bad_number")
    assert "coluna “Preço”" in found["message"]
    empty = send(client, django_capture_on_commit_callbacks, b"")
    assert (empty.status_code, empty.json()["code"]) == (400, "empty")
    assert client.post(ROOT, {}, format="multipart").status_code == 400


def test_proposals_and_columns(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client = api(access)
    batch = hand_in(access, negociacao(trade(code="EXMP11")))
    answered = client.post(
        f"{ROOT}{batch.pk}/proposals/", {"assets": {"EXMP11": "etf"}}, format="json"
    )
    assert answered.json()["proposals"]["assets"]["EXMP11"]["asset_class"] == "etf"
    make.make_account(access.workspace)
    other = hand_in(access, csv(["Quando;Papel;Q;P", "25/03/2026;EXMP4;5;9,5"]))
    assert client.get(f"{ROOT}{other.pk}/").json()["proposals"]["lacks"]
    columns = {"date": "Quando", "ticker": "Papel", "quantity": "Q", "unit_price": "P"}
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(
            f"{ROOT}{other.pk}/mapping/", {"columns": columns, "sign": "quantity"}, format="json"
        )
    assert sent.status_code == 202
    assert client.get(f"{ROOT}{other.pk}/").json()["counts"]["new"] == 1


def test_an_idempotency_key_takes_the_file_once(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client, data = api(access), negociacao(trade())
    client.credentials(HTTP_X_WORKSPACE=str(access.workspace.pk), HTTP_IDEMPOTENCY_KEY="one")
    first = send(client, django_capture_on_commit_callbacks, data)
    again = send(client, django_capture_on_commit_callbacks, data)
    assert first.json()["id"] == again.json()["id"]
    assert Batch.objects.count() == 1


def test_owner_viewer_and_stranger(access: make.Access) -> None:
    batch = hand_in(access, movimentacao(move("Evento Nunca Visto")))
    line = batch.lines.get()
    stranger = make.make_access()
    viewer = api(make.make_access(access.workspace, "viewer"))
    reads = ("", f"{batch.pk}/", f"{batch.pk}/lines/")
    writes = (
        f"{batch.pk}/apply/",
        f"{batch.pk}/undo/",
        f"{batch.pk}/proposals/",
        f"{batch.pk}/mapping/",
        f"{batch.pk}/lines/{line.pk}/decision/",
    )
    for address in reads:
        assert viewer.get(ROOT + address).status_code == 200, address
        assert api(stranger, access.workspace.pk).get(ROOT + address).status_code == 404
        if address:
            assert api(stranger).get(ROOT + address).status_code == 404, address
        assert APIClient().get(ROOT + address).status_code == 401
    for address in writes:
        assert viewer.post(ROOT + address, {}, format="json").status_code == 403, address
        assert api(stranger).post(ROOT + address, {}, format="json").status_code == 404, address
    assert viewer.post(ROOT, {}, format="multipart").status_code == 403
    assert viewer.delete(f"{ROOT}{batch.pk}/").status_code == 403
    assert api(stranger).delete(f"{ROOT}{batch.pk}/").status_code == 404


def test_rows_edited_by_hand_are_asked_about(access: make.Access) -> None:
    client = api(access)
    batch = bring(access, negociacao(trade()))
    Transaction.objects.update(edited_by_hand=True)
    asked = client.post(f"{ROOT}{batch.pk}/undo/")
    assert (asked.status_code, asked.json()["code"]) == (409, "edited_rows")
    assert client.post(f"{ROOT}{batch.pk}/undo/", {"edited": "remove"}).status_code == 200
    assert Transaction.objects.count() == 0
