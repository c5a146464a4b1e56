"""Tasks as Celery calls them, with text for arguments."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from celery.exceptions import Retry

from apps.market_data import tasks
from apps.market_data.models import FxRate, HistoryCoverage, IndexValue, Price, Quote
from apps.market_data.store import Flight
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sources")]


@pytest.fixture
def asset() -> Any:
    return make.make_asset("PETR4", exchange=make.make_exchange())


def test_quotes(asset: Any) -> None:
    assert tasks.refresh_quotes.delay([str(asset.pk)]).get() == 1
    assert Quote.objects.get().source == "brapi"


def test_history(asset: Any) -> None:
    assert tasks.fill_history.delay(str(asset.pk), "2026-11-02").get() > 5
    assert Price.objects.filter(asset=asset).count() > 5
    assert tasks.fill_history.delay(str(asset.pk), "2026-11-02").get() == 0


def test_history_under_way_elsewhere_is_asked_again(asset: Any) -> None:
    with Flight([f"price:{asset.pk}"]), pytest.raises((Retry, tasks.StillBusy)):
        tasks.fill_history.apply(args=[str(asset.pk), "2026-11-02"], throw=True, retries=6)
    assert not Price.objects.exists()


def test_rates_and_their_top_up() -> None:
    assert tasks.fill_rates.delay("2026-11-02").get() > 20
    assert {row.base for row in FxRate.objects.all()} == {"USD", "EUR"}
    stored = IndexValue.objects.count()
    tasks.top_up_rates.delay().get()
    assert IndexValue.objects.count() == stored


def test_top_up_queues_what_lacks_the_last_close(
    asset: Any, django_capture_on_commit_callbacks: Any
) -> None:
    HistoryCoverage.objects.create(
        series=f"price:{asset.pk}",
        start=dt.date(2026, 11, 2),
        end=dt.date(2026, 11, 6),
        checked_at=dt.datetime(2026, 11, 6, tzinfo=dt.UTC),
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.top_up_histories.delay().get() == 1
    assert Price.objects.filter(asset=asset, date__gt=dt.date(2026, 11, 6)).exists()
