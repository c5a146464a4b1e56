"""When exchanges are open, and which days have a close to be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.assets.models import Exchange, Holiday

# Vendors publish a day's close some time after the last trade.
CLOSE_DELAY = timedelta(minutes=60)
# Free quotes are up to half an hour old by contract.
QUOTE_DELAY = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Sessions of one exchange, in its own zone."""

    zone: ZoneInfo
    opens: time
    closes: time
    every_day: bool = False
    holidays: frozenset[date] = field(default_factory=frozenset)

    def is_session(self, day: date) -> bool:
        """Whether the exchange opens on that day."""
        return self.every_day or (day.weekday() < 5 and day not in self.holidays)

    def sessions(self, start: date, end: date) -> Iterator[date]:
        """Days of trade of ``start`` to ``end``, both included."""
        day = start
        while day <= end:
            if self.is_session(day):
                yield day
            day += timedelta(days=1)

    def is_open(self, now: datetime) -> bool:
        """Whether it trades at this moment."""
        local = now.astimezone(self.zone)
        if self.every_day:
            return True
        return self.is_session(local.date()) and self.opens <= local.time() < self.closes

    def last_close(self, now: datetime) -> date:
        """The newest day whose close vendors have published."""
        local = (now - CLOSE_DELAY).astimezone(self.zone)
        day = local.date()
        if self.every_day or local.time() < self.closes:
            day -= timedelta(days=1)
        # No exchange was ever closed for a month; without a bound a bad calendar would hang.
        for _ in range(31):
            if self.is_session(day):
                break
            day -= timedelta(days=1)
        return day

    def is_stale(self, as_of: datetime | date, now: datetime) -> bool:
        """Whether a newer price should be known by now."""
        day = as_of.astimezone(self.zone).date() if isinstance(as_of, datetime) else as_of
        if day < self.last_close(now):
            return True
        local = now.astimezone(self.zone)
        if not self.is_open(now) or not isinstance(as_of, datetime):
            return False
        opened = datetime.combine(local.date(), self.opens, self.zone)
        if self.every_day:
            return now - as_of > QUOTE_DELAY * 2
        return now > opened + QUOTE_DELAY * 2 and now - as_of > QUOTE_DELAY * 2


def calendars_load(
    codes: Iterable[str] | None = None, *, since: date | None = None
) -> dict[str, Calendar]:
    """Calendars by exchange code, with holidays from ``since`` on. Two queries."""
    exchanges = Exchange.objects.all()
    holidays = Holiday.objects.all()
    if codes is not None:
        wanted = set(codes)
        exchanges, holidays = exchanges.filter(pk__in=wanted), holidays.filter(exchange__in=wanted)
    if since is not None:
        holidays = holidays.filter(date__gte=since)
    closed: dict[str, set[date]] = {}
    for code, day in holidays.values_list("exchange_id", "date"):
        closed.setdefault(code, set()).add(day)
    return {
        exchange.code: Calendar(
            zone=ZoneInfo(exchange.timezone),
            opens=exchange.opens_at,
            closes=exchange.closes_at,
            every_day=exchange.trades_every_day,
            holidays=frozenset(closed.get(exchange.code, ())),
        )
        for exchange in exchanges
    }


def open_now(calendars: Mapping[str, Calendar], now: datetime) -> set[str]:
    """Codes of the exchanges that trade at this moment."""
    return {code for code, calendar in calendars.items() if calendar.is_open(now)}
