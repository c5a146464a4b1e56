"""Weekdays on which exchanges and Brazilian banks are closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import holidays

FIRST_YEAR = 2000
LAST_YEAR = 2027
_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
_DAY = dt.timedelta(days=1)
# Optional in the library, but no bank settles on them.
_BANKS_TOO = ("Carnaval", "Corpus Christi")


def closures(calendar: str) -> dict[dt.date, str]:
    """Closed weekdays of a calendar from 2000 to 2027, with their names."""
    if calendar == "ANBIMA":
        found = _banks()
    else:
        language = "pt_BR" if calendar == "BVMF" else None
        found = dict(holidays.financial_holidays(calendar, years=_YEARS, language=language))
    if calendar == "BVMF":
        for day, name in _sao_paulo():
            found.setdefault(day, name)
    return {day: name for day, name in sorted(found.items()) if day.weekday() < 5}


def _banks() -> dict[dt.date, str]:
    """National holidays plus Carnival and Corpus Christi: the calendar of CDI and Selic."""
    every = holidays.country_holidays(
        "BR", years=_YEARS, categories=("public", "optional"), language="pt_BR"
    )
    public = holidays.country_holidays("BR", years=_YEARS, language="pt_BR")
    return {day: name for day, name in every.items() if day in public or name in _BANKS_TOO}


def _sao_paulo() -> Iterator[tuple[dt.date, str]]:
    """Closures of B3 the library lacks: the city's holidays, which it kept until 2021, and the
    banks' days off at the year's end before 2018. Found by comparing the library with the days on
    which PETR4, VALE3, ITUB4 and the Ibovespa traded."""
    for year in range(FIRST_YEAR, 2022):
        yield dt.date(year, 1, 25), "Aniversário de São Paulo"
        if year not in (2000, 2005, 2020):  # 2020: the city moved it to May
            yield dt.date(year, 7, 9), "Revolução Constitucionalista"
        if year >= 2006:
            yield dt.date(year, 11, 20), "Dia da Consciência Negra"
    for year in range(FIRST_YEAR, 2018):
        yield dt.date(year, 12, 24), "Véspera de Natal"
        last = dt.date(year, 12, 31)
        while last.weekday() > 4:
            last -= _DAY
        yield last, "Último dia útil do ano"
    yield dt.date(2014, 6, 12), "Abertura da Copa do Mundo"
