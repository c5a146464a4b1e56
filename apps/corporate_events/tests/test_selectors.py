"""Which corporate events a workspace sees."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from apps.common.errors import NotFound
from apps.corporate_events import selectors
from testing import factories as make

pytestmark = pytest.mark.django_db

EARLY, LATE = dt.date(2020, 1, 2), dt.date(2024, 5, 10)


def test_shared_and_own_events_newest_first(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    asset = make.make_asset()
    shared = make.make_event(asset, ex_date=EARLY)
    own = make.make_event(asset, ex_date=LATE, workspace=access.workspace)
    foreign = make.make_event(asset, ex_date=LATE, workspace=make.make_workspace())
    with django_assert_num_queries(1):
        assert [e.asset.ticker for e in selectors.events_of(access=access)] == [asset.ticker] * 2
    assert list(selectors.events_of(access=access)) == [own, shared]
    assert selectors.event_get(access=access, event_id=str(own.pk)) == own
    for key in (foreign.pk, uuid.uuid4(), "x", None):
        with pytest.raises(NotFound):
            selectors.event_get(access=access, event_id=key)


def test_an_own_event_stands_in_for_the_shared_one(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    asset, other = make.make_asset(), make.make_asset()
    make.make_event(asset, ex_date=LATE, ratio=Decimal(2))
    make.make_event(asset, ex_date=LATE, ratio=Decimal(4), workspace=access.workspace)
    make.make_event(asset, ex_date=LATE, ratio=Decimal(8), workspace=make.make_workspace())
    early = make.make_event(asset, ex_date=EARLY)
    make.make_event(other, ex_date=EARLY)
    with django_assert_num_queries(1):
        found = selectors.events_for_assets(workspace_id=access.workspace.pk, asset_ids=[asset.pk])
    assert [event.ratio for event in found] == [early.ratio, Decimal(4)]
    until = selectors.events_for_assets(
        workspace_id=access.workspace.pk, asset_ids=[asset.pk], until=EARLY
    )
    assert until == [early]
