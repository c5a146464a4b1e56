"""Timelines: built once, by version, ahead of being asked for, shown while a newer one is made."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.assets.models import Asset
from apps.ledger.services import TransactionInput, transaction_record
from apps.market_data.services.state import market_touch
from apps.performance import services, store
from apps.performance.query import query_parse
from apps.performance.receivers import build_what_is_asked_for
from apps.performance.selectors import Building, Performance, Ready, performance, timeline_of
from apps.performance.services import timeline_build, timelines_refresh, timelines_used
from apps.performance.signals import timeline_missing
from apps.performance.tests.conftest import days_ago, touch
from apps.portfolios.services import workspace_rebuild
from testing import factories as make

pytestmark = pytest.mark.django_db
OnCommit = Callable[..., Any]


@pytest.fixture
def no_worker() -> Iterator[None]:
    """Nobody takes what is queued."""
    timeline_missing.disconnect(build_what_is_asked_for)
    yield
    timeline_missing.connect(build_what_is_asked_for)


def worth(access: Access) -> float:
    found = performance(access=access, query=query_parse({"period": "all"}))
    assert isinstance(found, Performance)
    return found.figures.end_value


def record(access: Access, amount: int) -> None:
    account = access.workspace.accounts.get()
    share = Asset.objects.get(ticker="AAAA3")
    data = TransactionInput(
        account,
        "buy",
        days_ago(10),
        share,
        quantity=make.Decimal(amount),
        unit_price=make.Decimal(12),
        fees=make.Decimal(0),
    )
    transaction_record(access=access, data=data)


def fresh(access: Access) -> Access:
    return Access(Workspace.objects.get(pk=access.workspace.pk), access.role, access.user)


@pytest.mark.usefixtures("no_worker")
def test_cold_then_building_then_ready(access: Access) -> None:
    asked: list[Any] = []

    def hear(workspace_id: object, currency: str, **_kwargs: object) -> None:
        asked.append((workspace_id, currency))

    timeline_missing.connect(hear)
    try:
        found = timeline_of(access=access, currency="BRL")
        assert found == Building(0)
        assert not found.is_ready
        timeline_of(access=access, currency="BRL")
    finally:
        timeline_missing.disconnect(hear)
    assert asked == [(access.workspace.pk, "BRL")]  # once for all who wait
    assert timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    ready = timeline_of(access=access, currency="BRL")
    assert isinstance(ready, Ready)
    assert (ready.is_stale, ready.is_behind) == (False, False)
    assert isinstance(timeline_of(access=access, currency="USD"), Building)


def test_a_second_build_of_the_same_version_does_nothing(access: Access) -> None:
    assert timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    assert not timeline_build(workspace_id=access.workspace.pk, currency="BRL")


def test_a_build_under_way_is_left_alone(access: Access) -> None:
    version = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    cache.set(f"timeline-flight:{version.key}", 1)
    assert not timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    assert not store.has(version)


def test_an_edit_brings_other_figures(access: Access) -> None:
    assert worth(access) == pytest.approx(2000)
    record(access, 10)
    assert worth(fresh(access)) == pytest.approx(2150)  # 10 more at 15


@pytest.mark.usefixtures("no_worker")
def test_the_older_figures_stand_until_the_newer_are_ready(access: Access) -> None:
    timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    changed = touch(access)
    found = timeline_of(access=changed, currency="BRL")
    assert isinstance(found, Ready)
    assert (found.is_stale, found.is_behind) == (True, True)
    timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    market_touch()
    found = timeline_of(access=changed, currency="BRL")
    assert isinstance(found, Ready)
    assert (found.is_stale, found.is_behind) == (False, True)


def test_a_new_price_brings_other_figures(access: Access) -> None:
    assert worth(access) == pytest.approx(2000)
    make.make_price(Asset.objects.get(ticker="AAAA3"), days_ago(-1), 99)
    share = Asset.objects.get(ticker="AAAA3")
    share.prices.filter(date=days_ago(0)).update(close=16)
    market_touch()
    # Tomorrow's price is not today's.
    assert worth(access) == pytest.approx(2100)


def test_a_rebuild_builds_ahead(
    access: Access, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        workspace_rebuild(workspace_id=access.workspace.pk)
    assert store.has(services.version_now(workspace_id=access.workspace.pk, currency="BRL"))


def test_what_was_looked_at_lately_is_refreshed(access: Access) -> None:
    make.make_fx(days_ago(70), 5)
    assert timelines_used() == []
    timeline_of(access=access, currency="USD")
    timeline_of(access=access, currency="USD")
    assert timelines_used() == [(access.workspace.pk, "USD")]
    market_touch()
    assert timelines_refresh(workspace_id=access.workspace.pk) == 2  # its own BRL and USD


def test_many_changes_of_the_market_are_one() -> None:
    assert services.refresh_due()
    assert not services.refresh_due()


def test_a_large_timeline_is_a_file(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "REDIS_BYTES", 0)
    version = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    path = Path(cache.get(version.key))
    assert path.stat().st_mode & 0o777 == 0o600
    assert worth(access) == pytest.approx(2000)
    # The one before is removed with its replacement.
    changed = touch(access)
    assert worth(changed) == pytest.approx(2000)
    assert not path.exists()
    # A file that was lost is built again.
    store.loaded.clear()
    newer = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    Path(cache.get(newer.key)).unlink()
    assert not store.has(newer)
    cache.delete_many([f"timeline-asked:{newer.key}"])
    assert worth(changed) == pytest.approx(2000)
    os.utime(cache.get(newer.key), (0, 0))
    assert services.timelines_forget() == 1


def test_bytes_of_another_kind_are_built_again(access: Access) -> None:
    version = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    cache.set(version.key, b"not a timeline")
    assert store.load(version) is None
    assert worth(access) == pytest.approx(2000)


def test_memory_keeps_what_was_used_last(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    version = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    timeline = store.load(version)
    assert timeline is not None
    assert store.load(version) is timeline
    monkeypatch.setattr(store, "LOADED_BYTES", timeline.values.nbytes)
    store.loaded.put("another", timeline)
    assert store.loaded.get("another") is timeline
    assert store.loaded.get(version.key) is None


def test_a_day_later_another_timeline(access: Access) -> None:
    version = services.version_now(workspace_id=access.workspace.pk, currency="BRL")
    assert version.day == timezone.localdate()
    later = store.Version(
        version.workspace_id,
        "BRL",
        version.ledger,
        version.market,
        version.day + dt.timedelta(days=1),
    )
    assert later.key != version.key


def test_the_progress_of_a_build_is_told(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    loader = services.ledger_load

    def watched(**kwargs: Any) -> Any:
        seen.append(cache.get(services.progress_key(access.workspace.pk, "BRL")))
        return loader(**kwargs)

    monkeypatch.setattr(services, "ledger_load", watched)
    timeline_build(workspace_id=access.workspace.pk, currency="BRL")
    assert seen == [1]
    assert cache.get(services.progress_key(access.workspace.pk, "BRL")) is None
