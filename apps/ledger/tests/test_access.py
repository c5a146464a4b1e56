"""Every page of the ledger against its owner, a viewer and a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.access import Access
from apps.ledger.models import BrokerageNote, Transaction
from apps.ledger.urls import urlpatterns
from testing import factories as make

pytestmark = pytest.mark.django_db

# name: (method, what a viewer is told)
PAGES = {
    "list": ("get", 200),
    "new": ("get", 403),
    "preview": ("post", 403),
    "delete_many": ("post", 403),
    "edit": ("get", 403),
    "delete": ("post", 403),
    "opening": ("post", 403),
    "fees": ("get", 200),
    "note_new": ("get", 403),
    "note_preview": ("post", 403),
    "note_edit": ("post", 403),
    "note_delete": ("post", 403),
    "export": ("get", 200),
    "export_all": ("get", 200),
    "asset_search": ("get", 200),
}


@pytest.fixture
def access() -> Access:
    return make.make_access()


def test_every_address_is_here() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_three_people(name: str, access: Access) -> None:
    account = make.make_account(access.workspace)
    row = make.make_transaction(account, asset=make.make_asset(), quantity=1, unit_price=1)
    note = BrokerageNote.objects.create(
        workspace=access.workspace, account=account, trade_date=row.trade_date, fees=1
    )
    parts: dict[str, Any] = {"edit": [row.pk], "delete": [row.pk]}
    parts |= {"note_edit": [note.pk], "note_delete": [note.pk]}
    method, viewers = PAGES[name]
    stranger = make.make_access()

    def ask(who: Access, workspace: Access) -> int:
        client = Client()
        client.force_login(who.user)
        address = reverse(f"ledger:{name}", args=[workspace.workspace.pk, *parts.get(name, [])])
        query = f"?conta={account.pk}&data={row.trade_date:%Y-%m-%d}" if "note" in name else ""
        data = {"ids": [str(row.pk)]} if method == "post" else None
        answer = getattr(client, method)(address + query, data)
        return int(answer.status_code)

    assert ask(make.make_access(access.workspace, "viewer"), access) == viewers
    assert ask(stranger, access) == 404
    if parts.get(name) or name == "note_new":  # the owner's ids inside the stranger's workspace
        assert ask(stranger, stranger) == 404
    assert Transaction.objects.filter(pk=row.pk).exists()
    assert BrokerageNote.objects.filter(pk=note.pk).exists()
    assert ask(access, access) not in (403, 404, 405, 500)
    anonymous = Client()
    address = reverse(f"ledger:{name}", args=[access.workspace.pk, *parts.get(name, [])])
    assert getattr(anonymous, method)(address).status_code == 302
