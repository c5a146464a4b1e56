"""Bank business days, computed from dated rules: fixed dates and days counted from Easter."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from apps.engine.taxes.rules import RuleBook

_DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, cycle = divmod(century, 4)
    moon = (century + 8) // 25
    correction = (century - moon + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarter, remainder = divmod(rest, 4)
    weekday = (32 + 2 * cycle + 2 * quarter - epact - remainder) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


class BankCalendar:
    """Days on which banks serve the public.

    ``carnival`` says whether its Monday and Tuesday are closed, ``year_end`` whether 31/12 is.
    """

    __slots__ = ("_carnival", "_rules", "_year_end", "_years")

    def __init__(self, rules: RuleBook, *, carnival: bool = True, year_end: bool = True) -> None:
        self._rules = rules
        self._carnival = carnival
        self._year_end = year_end
        self._years: dict[int, frozenset[date]] = {}

    def holidays(self, year: int) -> frozenset[date]:
        """Days of a year without bank service, weekends apart."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = frozenset(self._of(year))
        return found

    def _of(self, year: int) -> set[date]:
        days: set[date] = set()
        sunday = easter(year)
        for rule in self._rules.starting("BANK-"):
            found: list[date] = []
            if rule.id != "BANK-YEAR-END" or self._year_end:
                found += [
                    date.fromisoformat(f"{year}-{day}") for day in rule.value.get("dates", [])
                ]
            moved = rule.value.get("days_from_easter", {})
            for name, steps in moved.items():
                if name != "carnival" or self._carnival:
                    found += [sunday + timedelta(days=step) for step in steps]
            days.update(
                day for day in found if rule.start <= day and (rule.end is None or day <= rule.end)
            )
        return days

    def is_business_day(self, day: date) -> bool:
        """Whether banks open on ``day``."""
        return day.weekday() < 5 and day not in self.holidays(day.year)

    def next_business_day(self, day: date) -> date:
        """The first business day after ``day``."""
        day += _DAY
        while not self.is_business_day(day):
            day += _DAY
        return day

    def shift(self, day: date, steps: int) -> date:
        """The day that lies ``steps`` business days after ``day`` (before it when negative)."""
        move = _DAY if steps > 0 else -_DAY
        for _ in range(abs(steps)):
            day += move
            while not self.is_business_day(day):
                day += move
        return day

    def last_business_day(self, year: int, month: int) -> date:
        """The last business day of a month."""
        day = date(year, month, monthrange(year, month)[1])
        while not self.is_business_day(day):
            day -= _DAY
        return day

    def business_days(self, start: date, end: date) -> int:
        """Business days from ``start`` inclusive to ``end`` exclusive."""
        span = (end - start).days
        return sum(1 for step in range(span) if self.is_business_day(start + timedelta(days=step)))
