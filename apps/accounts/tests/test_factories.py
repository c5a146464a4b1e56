"""The factories other tests lean on make rows the database accepts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from testing import factories as make

pytestmark = pytest.mark.django_db


def test_every_factory_makes_a_row() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    make.make_exchange()
    asset = make.make_asset("TSTE3")
    first = make.make_transaction(account, asset=asset)
    second = make.make_transaction(account, "dividend", "2024-02-01", asset=asset, amount="12.5")
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.currency == "BRL"
    assert second.trade_date == dt.date(2024, 2, 1)
    assert second.amount == Decimal("12.5")
    make.make_event(asset)
    make.make_terms(make.make_asset(asset_class="cdb"))
    make.make_price(asset, "2024-01-02", 10)
    make.make_fx("2024-01-02", "4.9")
    make.make_index("CDI", "2024-01-02", "0.04")
    make.make_holder(access.workspace)
    make.make_institution(aliases=("Corretora Exemplo S/A",))


def test_access_of_each_role() -> None:
    workspace = make.make_workspace()
    assert make.make_access(workspace).is_owner
    assert make.make_access(workspace, "editor").can_edit
    assert not make.make_access(workspace, "viewer").can_edit
