"""Owner, viewer, stranger and the anonymous at every door of the site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from testing import world as worlds
from testing.world import SECRET, World
from tests.access.declarations import DOORS, PERSON, Door
from tests.access.walk import Address, addresses

ADDRESSES = {address.name: address for address in addresses()}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def named(scope: str) -> list[str]:
    return sorted(name for name in ADDRESSES if name in DOORS and DOORS[name].scope == scope)


@pytest.fixture(scope="module")
def _built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, once: each test's own transaction nests in this one and takes its changes back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)


@pytest.fixture
def world(_built: World, db: None) -> World:
    return _built


class Visitor:
    """Someone who knocks at one address with the owner's ids."""

    def __init__(self, world: World, address: Address, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self.world = world
        self.address = address
        kwargs = world.kwargs(address.parameters, address.basename)
        self.url = reverse(address.name, kwargs=kwargs)
        if DOORS[address.name].query:
            self.url += "?" + DOORS[address.name].query.format(**world.ids)

    def ask(self, method: str, **headers: str) -> Any:
        if method in ("GET", "DELETE"):
            response = self.client.generic(method, self.url, headers=headers)
        elif self.address.is_api:
            body = json.dumps(self.world.body())
            response = self.client.generic(
                method, self.url, body, content_type="application/json", headers=headers
            )
        elif method == "POST":
            response = self.client.post(self.url, self.world.body(), headers=headers)
        else:
            response = self.client.generic(method, self.url, headers=headers)
        assert response.status_code < 500, f"{method} {self.url}: {text(response)[:2000]}"
        return response


def text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode("utf-8", "replace"))


def test_every_address_is_declared() -> None:
    """A new address says who may use it in tests/access/declarations.py."""
    assert sorted(set(ADDRESSES) - set(DOORS)) == []


def test_every_declaration_has_an_address() -> None:
    assert sorted(set(DOORS) - set(ADDRESSES)) == []


def test_no_address_is_nameless() -> None:
    assert [a.route for a in ADDRESSES.values() if not a.name.rpartition(":")[2]] == []


def test_whatever_names_a_workspace_asks_for_a_role() -> None:
    wrong = [
        name
        for name, address in ADDRESSES.items()
        if "workspace_id" in address.parameters and DOORS.get(name, PERSON).scope != "workspace"
    ]
    assert wrong == []


@pytest.mark.parametrize("name", named("person") + named("workspace"))
def test_the_anonymous(world: World, name: str) -> None:
    visitor = Visitor(world, ADDRESSES[name], None)
    before = worlds.records()
    for method in ("GET", *UNSAFE):
        response = visitor.ask(method)
        if visitor.address.is_api:
            assert response.status_code == 401, method
        elif method in ("GET", "POST") or response.status_code != 405:
            assert response.status_code == 302, method
            assert response["Location"].startswith(reverse("account_login")), method
        assert SECRET not in text(response).lower()
    assert worlds.records() == before


@pytest.mark.parametrize("name", named("workspace"))
def test_the_stranger_with_the_owners_ids(world: World, name: str) -> None:
    visitor = Visitor(world, ADDRESSES[name], world.stranger)
    before = worlds.records()
    for method in ("GET", *UNSAFE):
        # The API takes the workspace from a header, pages from the address.
        headers = {"X-Workspace": str(world.workspace.pk)} if visitor.address.is_api else {}
        response = visitor.ask(method, **headers)
        allowed = {404}
        if method != "GET" or DOORS[name].read is None:
            # An address that knows no such method may say so before it asks who knocks.
            allowed |= {405}
        assert response.status_code in allowed, (method, response.status_code)
        assert SECRET not in text(response).lower(), method
    assert worlds.records() == before


@pytest.mark.parametrize("name", [n for n in named("workspace") if ADDRESSES[n].is_api])
def test_the_stranger_in_their_own_workspace_with_the_owners_ids(world: World, name: str) -> None:
    """The header left out: ids in the address are 404, ids in the body never enter."""
    visitor = Visitor(world, ADDRESSES[name], world.stranger)
    has_id = any("id" in parameter or parameter == "pk" for parameter in visitor.address.parameters)
    for method in ("GET", *UNSAFE):
        response = visitor.ask(method)
        if has_id:
            assert response.status_code in {404, 405}, (method, response.status_code)
        assert SECRET not in text(response).lower(), method
    assert worlds.crossed_references() == []


@pytest.mark.parametrize(
    "name", [n for n in named("workspace") if not ADDRESSES[n].is_api and DOORS[n].write]
)
def test_the_strangers_own_pages_take_no_foreign_ids(world: World, name: str) -> None:
    """The stranger's workspace in the address, the owner's ids behind it and in the form."""
    address = ADDRESSES[name]
    kwargs = world.kwargs(address.parameters) | {"workspace_id": world.stranger_workspace.pk}
    visitor = Visitor(world, address, world.stranger)
    visitor.url = reverse(name, kwargs=kwargs)
    response = visitor.ask("POST")
    if len(kwargs) > 1:
        assert response.status_code == 404
    assert SECRET not in text(response).lower()
    assert worlds.crossed_references() == []


@pytest.mark.parametrize("name", named("workspace"))
def test_the_viewer_reads_and_changes_nothing(world: World, name: str) -> None:
    door = DOORS[name]
    visitor = Visitor(world, ADDRESSES[name], world.viewer)
    response = visitor.ask("GET")
    check_read(door, response, can_edit=False, is_owner=False, name=name)
    before = worlds.records()
    for method in UNSAFE:
        response = visitor.ask(method)
        if door.write == "viewer":
            assert response.status_code < 500
        elif door.write is None:
            assert response.status_code in {403, 405}, (method, response.status_code)
        else:
            allowed = {403} if method == "POST" else {403, 405}
            if visitor.address.is_api:
                allowed |= {404, 405} if name == "api:workspace-detail" else {405}
            assert response.status_code in allowed, (method, response.status_code)
    assert worlds.records() == before


@pytest.mark.parametrize("name", named("workspace"))
def test_the_editor_and_the_owner_get_in(world: World, name: str) -> None:
    door = DOORS[name]
    for user in (world.editor, world.owner):
        response = Visitor(world, ADDRESSES[name], user).ask("GET")
        check_read(door, response, can_edit=True, is_owner=user == world.owner, name=name)


@pytest.mark.parametrize("name", [n for n in named("workspace") if DOORS[n].write == "owner"])
def test_the_editor_manages_no_people(world: World, name: str) -> None:
    visitor = Visitor(world, ADDRESSES[name], world.editor)
    before = worlds.records()
    for method in UNSAFE:
        assert visitor.ask(method).status_code in {403, 405}, method
    assert worlds.records() == before


def check_read(
    door: Door, response: Any, *, can_edit: bool, is_owner: bool, name: str = ""
) -> None:
    code = response.status_code
    if name == "api:task-detail" and not is_owner:
        assert code == 404  # tasks are shown to whoever started them
    elif door.read is None:
        assert code in {403, 404, 405}, code
    elif door.read == "viewer" or (door.read == "editor" and can_edit):
        assert code in {200, 202, 204, 302}, (code, text(response)[:500])
        if code == 302:
            assert reverse("account_login") not in response["Location"]
    else:
        assert code == 403, code
