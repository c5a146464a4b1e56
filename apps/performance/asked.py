"""Reading of what addresses of the analyses ask: what is wrong is told and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from django.http import QueryDict

from apps.common.errors import Invalid
from apps.performance.query import WHOLE, Query, query_parse

DEFAULT_BENCHMARKS = "CDI,IBOV,IPCA"
LISTS = ("benchmarks", "accounts", "classes", "currencies", "assets", "tags")
#: Every parameter of the address of a page.
PARAMETERS = (
    *LISTS,
    *("carteira", "period", "from", "to", "currency", "cash", "risk_free", "holder"),
    *("group_by", "sort", "window", "rows"),
)
#: How an address names the group of what has no group.
NO_KEY = "-"
SORTS = ("value", "gain", "return", "contribution", "name")
WINDOWS = ("1m", "3m", "6m", "12m", "24m", "36m")


@dataclass(frozen=True)
class Asked:
    """A question with how its answer is to be shown; ``error`` says what of it was left out."""

    query: Query
    sort: str = "value"
    window: str = "12m"
    rows: str = ""
    benchmark: str = ""
    part: str | None = None
    error: str = ""

    @property
    def portfolio(self) -> str:
        """The portfolio's id as text; empty for everything."""
        return "" if self.query.portfolio == WHOLE else self.query.portfolio

    def text(self, **changes: str) -> str:
        """The question as an address writes it, in one spelling; a change to the empty text leaves
        its parameter out."""
        pairs = {**self._pairs, **{name: _pair(name, value) for name, value in changes.items()}}
        return "&".join(filter(None, pairs.values()))

    @cached_property
    def _pairs(self) -> dict[str, str]:
        """Every parameter as it is written; a page asks for them hundreds of times."""
        return {name: _pair(name, value) for name, value in _spelled(self).items()}


@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    """One parameter of an address; empty where it says nothing."""
    # Compared with nothing is not the same as not saying with what.
    return urlencode({name: value}, safe=",:") if value or name == "benchmarks" else ""


def _spelled(asked: Asked) -> dict[str, str]:
    """Every parameter of a question."""
    query = asked.query
    return {
        "carteira": asked.portfolio,
        "period": "" if query.start else query.period,
        "from": query.start.isoformat() if query.start else "",
        "to": query.end.isoformat() if query.end else "",
        "currency": query.currency,
        "cash": "1" if query.cash else "",
        "risk_free": "" if query.risk_free == "CDI" else query.risk_free,
        "holder": query.holder,
        "group_by": query.group_by,
        "sort": "" if asked.sort == "value" else asked.sort,
        "window": "" if asked.window == "12m" else asked.window,
        "rows": asked.rows,
        **{name: ",".join(chosen) for name, chosen in filters_of(query).items()},
        "benchmarks": ",".join(b.code for b in query.benchmarks),
    }


def asked_of(given: QueryDict, *, group_by: str = "asset") -> Asked:
    """The question of an address. Lists may come repeated or with commas; an address that names no
    benchmark compares with the usual ones, one that names the empty one with none."""
    values = {name: given.get(name, "") for name in given}
    for name in LISTS:
        if name in given:
            values[name] = ",".join(given.getlist(name))
    values.setdefault("benchmarks", DEFAULT_BENCHMARKS)
    values.setdefault("group_by", group_by)
    portfolio = values.pop("carteira", "") or WHOLE
    query, error = _parsed(values, portfolio)
    return Asked(
        query,
        sort=_one_of(values.get("sort", ""), SORTS, "value"),
        window=_one_of(values.get("window", ""), WINDOWS, "12m"),
        rows=_one_of(values.get("rows", ""), ("all",), ""),
        benchmark=values.get("benchmark", ""),
        part=part_of(values.get("part", "")),
        error=error,
    )


def part_of(text: str) -> str | None:
    """The key of a group; that of what has none is empty, written as a dash."""
    return None if not text else "" if text == NO_KEY else text


def without_benchmarks(asked: Asked, error: Invalid) -> Asked:
    """The same question compared with nothing, saying why."""
    return replace(asked, query=replace(asked.query, benchmarks=()), error=str(error.message))


def _parsed(values: dict[str, str], portfolio: str) -> tuple[Query, str]:
    """The query without what cannot be read, and what was wrong with that."""
    said = ""
    for _attempt in range(len(values) + 1):
        try:
            return query_parse(values, portfolio=portfolio), said
        except Invalid as error:
            said = said or str(error.message)
            for item in error.errors:
                values.pop(item.field, None)
    return Query(portfolio=portfolio), said


def _one_of(text: str, allowed: tuple[str, ...], default: str) -> str:
    return text if text in allowed else default


def filters_of(query: Query) -> Mapping[str, tuple[str, ...]]:
    """What narrows a question beside its portfolio, for the page to tell."""
    named = {
        "accounts": query.accounts,
        "classes": query.classes,
        "currencies": query.currencies,
        "assets": query.assets,
        "tags": query.tags,
    }
    return {name: values for name, values in named.items() if values}
