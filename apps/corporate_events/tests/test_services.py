"""Corporate events a workspace records for itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.common.errors import Forbidden, Invalid
from apps.corporate_events import services
from apps.corporate_events.models import CorporateEvent
from apps.corporate_events.signals import events_changed
from testing import factories as make

pytestmark = pytest.mark.django_db

EX_DATE = dt.date(2024, 5, 10)


def _record(access: Any, **values: Any) -> CorporateEvent:
    given = {"kind": "split", "ex_date": EX_DATE, "ratio": Decimal(2)} | values
    given.setdefault("asset", None)
    given["asset"] = given["asset"] or make.make_asset()
    return services.event_record(access=access, **given)


def test_an_event_makes_figures_stale_from_its_date(
    django_capture_on_commit_callbacks: Any,
) -> None:
    access = make.make_access()
    heard: list[object] = []

    def hear(**values: Any) -> None:
        heard.append(values["workspace_id"])

    events_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            event = _record(access)
            assert heard == []  # only once it is committed
    finally:
        events_changed.disconnect(hear)
    assert heard == [access.workspace.pk]
    assert event.workspace == access.workspace
    access.workspace.refresh_from_db()
    assert access.workspace.ledger_version >= 1


def test_recording_again_replaces() -> None:
    access = make.make_access()
    asset = make.make_asset()
    first = _record(access, asset=asset)
    second = _record(access, asset=asset, ratio=Decimal(4))
    assert (first.pk, second.ratio) == (second.pk, Decimal(4))
    assert CorporateEvent.objects.count() == 1


@pytest.mark.parametrize(
    "values, field",
    [
        ({"kind": "magic"}, "kind"),
        ({"ratio": None}, "ratio"),
        ({"ratio": Decimal(0)}, "ratio"),
        ({"kind": "bonus", "ratio": None}, "ratio"),
        ({"kind": "rename", "ratio": None}, "to_asset"),
        ({"kind": "merger"}, "to_asset"),
    ],
)
def test_what_is_missing_is_named(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _record(make.make_access(), **values)
    assert [error.field for error in caught.value.errors] == [field]
    assert not CorporateEvent.objects.exists()


def test_assets_of_another_workspace_are_not_found() -> None:
    access = make.make_access()
    foreign = make.make_asset(workspace=make.make_workspace())
    with pytest.raises(Invalid):
        _record(access, asset=foreign)
    with pytest.raises(Invalid):
        _record(access, kind="rename", ratio=None, to_asset=foreign)


def test_own_events_can_be_removed_shared_ones_not() -> None:
    access = make.make_access()
    own = _record(access)
    services.event_delete(access=access, event=own)
    shared = make.make_event(make.make_asset())
    foreign = make.make_event(make.make_asset(), workspace=make.make_workspace())
    for event in (shared, foreign):
        with pytest.raises(Invalid):
            services.event_delete(access=access, event=event)
    assert CorporateEvent.objects.count() == 2


def test_viewers_change_nothing() -> None:
    access = make.make_access(role="viewer")
    with pytest.raises(Forbidden):
        _record(access)
    own = make.make_event(make.make_asset(), workspace=access.workspace)
    with pytest.raises(Forbidden):
        services.event_delete(access=access, event=own)


def test_an_administrator_s_change_reaches_those_who_recorded_the_asset() -> None:
    asset = make.make_asset()
    account = make.make_account()
    untouched = make.make_workspace()
    make.make_transaction(account, asset=asset)
    make.make_transaction(account, "sell", "2024-02-02", asset=asset)
    assert services.shared_events_changed(asset_ids=[asset.pk], since=EX_DATE) == 1
    account.workspace.refresh_from_db()
    untouched.refresh_from_db()
    assert (account.workspace.ledger_version, untouched.ledger_version) == (1, 0)
    assert account.workspace.stale_since == EX_DATE
