"""Bucket, budget and circuit breaker on a real Redis; the time is handed in."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.market_data.guard import OPEN_SECONDS, THRESHOLD, Guard, Limits, Unavailable
from apps.market_data.providers.base import (
    AuthFailed,
    QuotaExhausted,
    RateLimited,
    SymbolNotFound,
    Upstream,
)
from apps.market_data.store import Flight

from .conftest import NOW

pytestmark = pytest.mark.usefixtures("redis")


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def test_bucket_refills_with_time() -> None:
    guard = Guard("x", Limits(per_minute=20))  # two at once, then one every three seconds
    assert guard.admit(NOW) == 0
    assert guard.admit(NOW) == 0
    assert guard.admit(NOW) == pytest.approx(3, abs=0.01)
    assert guard.admit(later(2)) == pytest.approx(1, abs=0.01)
    assert guard.admit(later(3)) == 0
    assert guard.admit(later(3)) > 0


def test_bucket_is_shared_between_threads() -> None:
    def take(_: int) -> bool:
        return Guard("x", Limits(per_minute=100)).admit(NOW) == 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(40))) == 10


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    guard = Guard("x", Limits(per_minute=10))
    assert guard.admit(NOW) == 0
    assert guard.admit(later(-60)) > 0
    assert guard.admit(NOW) > 0


def test_daily_budget() -> None:
    guard = Guard("x", Limits(per_minute=6000, per_day=2))
    assert guard.admit(NOW) == guard.admit(NOW) == 0
    with pytest.raises(Unavailable):
        guard.admit(NOW)
    assert guard.admit(later(24 * 3600)) == 0


def test_circuit_opens_tries_once_and_closes() -> None:
    guard = Guard("x", Limits(per_minute=6000))
    for _ in range(THRESHOLD):
        assert guard.admit(NOW) == 0
        guard.failed(Upstream(), NOW)
    with pytest.raises(Unavailable):
        guard.admit(later(OPEN_SECONDS - 1))
    assert guard.admit(later(OPEN_SECONDS)) == 0  # the one that tries
    with pytest.raises(Unavailable):
        guard.admit(later(OPEN_SECONDS))  # the others wait for it
    guard.succeeded()
    assert guard.admit(later(OPEN_SECONDS)) == 0
    assert guard.admit(later(OPEN_SECONDS)) == 0


def test_a_failed_try_opens_it_for_twice_as_long() -> None:
    guard = Guard("x", Limits(per_minute=6000))
    for _ in range(THRESHOLD):
        guard.failed(Upstream(), NOW)
    assert guard.admit(later(OPEN_SECONDS)) == 0
    guard.failed(Upstream(), later(OPEN_SECONDS))
    with pytest.raises(Unavailable):
        guard.admit(later(OPEN_SECONDS * 3 - 1))
    assert guard.admit(later(OPEN_SECONDS * 3)) == 0


def test_failures_must_be_in_a_row() -> None:
    guard = Guard("x", Limits(per_minute=6000))
    for _ in range(THRESHOLD - 1):
        guard.failed(Upstream(), NOW)
    guard.failed(SymbolNotFound(), NOW)  # an answer: the vendor is well
    guard.failed(Upstream(), NOW)
    assert guard.admit(NOW) == 0


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (QuotaExhausted(reset_at=NOW + dt.timedelta(hours=5)), 5 * 3600),
        (QuotaExhausted(), 3600),
        (AuthFailed(), 3600),
        (RateLimited(retry_after=90), 90),
    ],
)
def test_errors_that_close_the_door_at_once(error: Upstream, seconds: int) -> None:
    guard = Guard("x", Limits(per_minute=6000))
    guard.failed(error, NOW)
    with pytest.raises(Unavailable):
        guard.admit(later(seconds - 1))
    assert guard.admit(later(seconds)) == 0


def test_an_open_circuit_takes_no_token() -> None:
    guard = Guard("x", Limits(per_minute=10, per_day=1))
    guard.failed(RateLimited(retry_after=30), NOW)
    for _ in range(5):
        with pytest.raises(Unavailable):
            guard.admit(later(1))
    assert guard.admit(later(30)) == 0


def test_unknown_symbols_are_remembered_until_reset() -> None:
    guard = Guard("x", Limits())
    assert not guard.is_unknown("ZZZZ9")
    guard.mark_unknown("ZZZZ9")
    assert guard.is_unknown("ZZZZ9")
    assert not Guard("y", Limits()).is_unknown("ZZZZ9")
    guard.reset()
    assert not guard.is_unknown("ZZZZ9")


def test_a_flight_is_held_by_one() -> None:
    with Flight(["a", "b"]) as first:
        assert first.mine == {"a", "b"}
        with Flight(["b", "c"]) as second:
            assert second.mine == {"c"}
    with Flight(["a", "b"]) as third:
        assert third.mine == {"a", "b"}


def test_a_flight_that_ran_out_does_not_release_another_one() -> None:
    from apps.market_data.store import PREFIX, client

    with Flight(["a"]):
        client().set(f"{PREFIX}flight:a", "someone else")
    with Flight(["a"]) as late:
        assert not late.mine
