"""A repeated write happens once and is answered alike."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from apps.accounts.access import Access
from apps.accounts.api.base import request_fingerprint
from apps.accounts.idempotency import Answer, answer_claim, answer_store, answers_forget
from apps.accounts.models import Holder, IdempotencyKey
from apps.common.errors import Conflict
from testing import factories as make

pytestmark = pytest.mark.django_db


def client_of(access: Access) -> APIClient:
    client = APIClient()
    client.force_authenticate(access.user)
    return client


def add(client: APIClient, name: str, key: str, **headers: str) -> Any:
    return client.post(
        "/api/v1/holders/",
        {"name": name},
        format="json",
        headers={"Idempotency-Key": key, **headers},
    )


def test_the_same_request_is_answered_alike() -> None:
    access = make.make_access()
    client = client_of(access)
    first, second = add(client, "Bia", "k1"), add(client, "Bia", "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Holder.objects.filter(name="Bia").count() == 1


def test_another_body_is_refused() -> None:
    client = client_of(make.make_access())
    add(client, "Bia", "k1")
    response = add(client, "Caio", "k1")
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert not Holder.objects.filter(name="Caio").exists()


def test_another_workspace_is_another_request() -> None:
    access = make.make_access()
    other = make.make_workspace(access.user)
    client = client_of(access)
    add(client, "Bia", "k1")
    assert add(client, "Bia", "k1", **{"X-Workspace": str(other.pk)}).status_code == 422


def test_keys_belong_to_people() -> None:
    one, two = make.make_access(), make.make_access()
    assert add(client_of(one), "Bia", "k1").status_code == 201
    assert add(client_of(two), "Caio", "k1").status_code == 201


def test_a_refused_write_may_be_corrected() -> None:
    client = client_of(make.make_access())
    assert add(client, "", "k1").status_code == 400
    assert add(client, "Bia", "k1").status_code == 201


def test_a_write_and_its_answer_stand_or_fall_together(monkeypatch: Any) -> None:
    """Were the answer lost after the write, the retry would write twice."""
    from apps.accounts.api import base

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError

    access = make.make_access()
    client = client_of(access)
    client.raise_request_exception = False
    monkeypatch.setattr(base, "answer_store", fail)
    assert add(client, "Bia", "k1").status_code == 500
    assert not Holder.objects.filter(name="Bia").exists()


@pytest.mark.parametrize("key", ["", " ", "a" * 121, "ção"])
def test_odd_keys(key: str) -> None:
    client = client_of(make.make_access())
    response = client.post(
        "/api/v1/holders/", {"name": "Bia"}, HTTP_IDEMPOTENCY_KEY=key, format="json"
    )
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_idempotency_key"


def test_viewers_get_no_answer_of_others() -> None:
    access = make.make_access()
    viewer = make.make_access(access.workspace, "viewer")
    add(client_of(access), "Bia", "k1")
    response = add(client_of(viewer), "Bia", "k1", **{"X-Workspace": str(access.workspace.pk)})
    assert response.status_code == 403


def test_files_count_by_their_bytes() -> None:
    def fingerprint(content: bytes) -> str:
        sent = {"file": SimpleUploadedFile("a.csv", content), "format": "auto"}
        raw = APIRequestFactory().post("/api/v1/imports/", sent)
        request = Request(raw, parsers=[MultiPartParser()])
        found = request_fingerprint(request)
        assert request.data["file"].read() == content  # still readable by the handler
        return found

    assert fingerprint(b"one") == fingerprint(b"one")
    assert fingerprint(b"one") != fingerprint(b"two")


def test_old_answers_are_forgotten() -> None:
    user = make.make_user()
    for key in ("old", "new"):
        answer_store(user=user, key=key, fingerprint="f", answer=Answer(201, {}))
    IdempotencyKey.objects.filter(key="old").update(
        created_at=timezone.now() - dt.timedelta(days=3)
    )
    assert answers_forget() == 1
    assert IdempotencyKey.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs() -> None:
    access = make.make_access()
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                answer_claim(user=access.user, key="k1", fingerprint="f")
                held.set()
                release.wait(10)
        finally:
            connections["default"].close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(10)
        response = add(client_of(access), "Bia", "k1")
        with pytest.raises(Conflict), transaction.atomic():
            answer_claim(user=access.user, key="k1", fingerprint="f")
    finally:
        release.set()
        thread.join()
    assert response.status_code == 409
    assert response.json()["code"] == "idempotency_in_progress"
    assert add(client_of(access), "Bia", "k1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_racing_requests_write_once() -> None:
    access = make.make_access()
    codes: list[int] = []
    start = threading.Barrier(4)

    def race() -> None:
        try:
            start.wait(10)
            codes.append(add(client_of(access), "Bia", "k1").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert Holder.objects.filter(workspace=access.workspace, name="Bia").count() == 1
