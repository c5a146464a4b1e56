from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import requests
from django_celery_beat.models import PeriodicTask

from apps.market_data import tasks
from apps.market_data.guard import Guard, Limits, Unavailable
from apps.market_data.models import DataSource
from apps.market_data.providers.base import AuthFailed
from apps.market_data.providers.fake_server import FakeServer
from apps.market_data.providers.registry import PROVIDERS
from apps.market_data.services import (
    seed_periodic_tasks,
    seed_sources,
    source_forgive,
    source_key_set,
)
from apps.market_data.sources import env_token_name, env_url_name, source_of

from .conftest import NOW

pytestmark = pytest.mark.django_db


def test_seeding_again_changes_nothing_an_administrator_changed() -> None:
    assert seed_sources() == len(PROVIDERS)
    DataSource.objects.filter(pk="yahoo").update(enabled=False, priority=1)
    assert seed_sources() == 0
    yahoo = DataSource.objects.get(pk="yahoo")
    assert (yahoo.enabled, yahoo.priority) == (False, 1)


def test_periodic_tasks_name_tasks_that_exist() -> None:
    made = seed_periodic_tasks()
    assert made > 0
    assert seed_periodic_tasks() == 0
    registered = set(tasks.top_up_rates.app.tasks)
    assert set(PeriodicTask.objects.values_list("task", flat=True)) <= registered


def test_the_environment_wins_over_the_row(redis: None) -> None:
    seed_sources()
    row = DataSource.objects.get(pk="brapi")
    source_key_set(source=row, token=" typed ")
    row.refresh_from_db()
    assert "typed" not in row.token_encrypted
    plain: Any = source_of(row, {})
    assert plain.provider.config.base_url == "https://brapi.dev"
    assert plain.provider.config.token == "typed"
    row.base_url = "http://row.example"
    assert source_of(row, {}).provider.config.base_url == "http://row.example"  # type: ignore[union-attr]
    env = {env_url_name("brapi"): "http://env.example", env_token_name("brapi"): "env"}
    named: Any = source_of(row, env)
    assert (named.provider.config.base_url, named.provider.config.token) == (
        "http://env.example",
        "env",
    )


def test_another_key_begins_with_a_clean_sheet(redis: None) -> None:
    seed_sources()
    row = DataSource.objects.get(pk="brapi")
    old: Any = source_of(row, {env_token_name("brapi"): "old"})
    Guard(old.key, Limits()).failed(AuthFailed(), NOW)
    with pytest.raises(Unavailable):
        Guard(old.key, Limits()).admit(NOW)
    new: Any = source_of(row, {env_token_name("brapi"): "new"})
    assert Guard(new.key, Limits()).admit(NOW) == 0
    assert "new" not in new.key


def test_an_administrator_forgives(redis: None) -> None:
    seed_sources()
    row = DataSource.objects.get(pk="yahoo")
    found: Any = source_of(row)
    Guard(found.key, found.limits).failed(AuthFailed(), NOW)
    source_forgive(source=row)
    assert Guard(found.key, found.limits).admit(NOW) == 0


def test_a_row_of_another_version_is_passed_over() -> None:
    assert source_of(DataSource(code="unheard_of")) is None


def test_fakeproviders_prints_addresses_that_answer() -> None:
    run = subprocess.Popen(
        [sys.executable, "manage.py", "fakeproviders", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert run.stdout is not None
        urls: dict[str, str] = {}
        for line in run.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                urls[name] = value
            if line.startswith("Ctrl-C"):
                break
        answer = requests.get(urls["EXITUS_BRAPI_URL"] + "/api/quote/PETR4", timeout=20)
        [result] = answer.json()["results"]
        assert "inventado" in result["shortName"]
        assert result["regularMarketPrice"] > 0
        assert urls.keys() >= {env_url_name(code) for code in PROVIDERS}
    finally:
        run.terminate()
        run.wait(10)


def test_forced_scenarios_follow_one_another(server: FakeServer) -> None:
    server.force("brapi", "500", "ok")
    statuses = [
        requests.get(server.url("brapi") + "/api/quote/PETR4", timeout=5).status_code
        for _ in range(3)
    ]
    assert statuses == [500, 200, 200]
