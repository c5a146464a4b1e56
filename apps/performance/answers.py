"""One way to every answer, for the API and for the charts of the pages: which selector, which
JSON, which tables, under what key the bytes are kept and how they are sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.common.errors import Invalid, NotFound
from apps.common.tables import CSV, XLSX, Table, table_file
from apps.performance import exports, plain
from apps.performance.asked import part_of
from apps.performance.query import Query
from apps.performance.selectors import (
    WINDOWS,
    About,
    AssetPerformance,
    Building,
    Scope,
    allocated,
    asset_prices,
    explained,
    explained_all,
    income_of,
    measured,
    query_of_asset,
    scope_of,
    tax_mark,
)

CACHE_SECONDS = 6 * 3600
#: Kinds that tell of what is left after tax.
TAXED_KINDS = frozenset({"performance", "explain", "asset"})
RISK_FIGURES = frozenset(
    {
        "volatility_annualised",
        "downside_annualised",
        "sharpe",
        "sortino",
        "var_95",
        "var_99",
        "max_drawdown",
        "current_drawdown",
    }
)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked beside the question itself."""

    explain: bool = False
    window: str = "12m"
    figure: str = ""
    benchmark: str = ""
    part: str | None = None
    export: str = ""
    table: str = ""
    asset: Asset | None = None
    for_people: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes to send. ``etag`` is a validator for them; without it they are not to be kept."""

    status: int
    body: bytes
    media_type: str
    etag: str = ""
    file_name: str = ""


def options_parse(
    given: Mapping[str, str], *, asset: Asset | None = None, for_people: bool = False
) -> Options:
    """Reads ``explain``, ``window``, ``figure``, ``benchmark``, ``part``, ``export`` and ``table``;
    files ``for_people`` have words where others have names and identifiers. Raises
    :class:`Invalid`."""
    window = _one_of(given, "window", tuple(WINDOWS), "12m")
    form = _one_of(given, "export", (CSV, XLSX), "")
    return Options(
        explain=_one_of(given, "explain", ("0", "1"), "0") == "1",
        window=window,
        figure=given.get("figure", "").strip(),
        benchmark=given.get("benchmark", "").strip(),
        part=part_of(given.get("part", "").strip()),
        export=form,
        table=given.get("table", "").strip(),
        asset=asset,
        for_people=for_people,
    )


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    text = given.get(name, "").strip().lower() or default
    if text and text not in allowed:
        words = ", ".join(allowed)
        raise Invalid(
            "invalid_choice", _("Use um destes: %(values)s.") % {"values": words}, field=name
        )
    return text


Found = Any
Maker = Callable[[Access, Scope, Options], Found]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer: what is computed, how it is written, which tables it has."""

    compute: Maker
    write: Callable[[Found, Options], dict[str, Any]]
    tables: Callable[[Found, Options], list[Table]]


def _asset(access: Access, scope: Scope, options: Options) -> Found:
    if options.asset is None:
        raise NotFound("not_found", _("Não encontramos este ativo."))
    prices = asset_prices(access=access, asset=options.asset)
    return AssetPerformance(options.asset, measured(access, scope), prices)


KINDS: dict[str, Kind] = {
    "performance": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.performance_json(f, explain=explained_all(f) if o.explain else ()),
        lambda f, o: exports.performance_tables(f),
    ),
    "series": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.series_json(f),
        lambda f, o: exports.series_tables(f),
    ),
    "heatmap": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.heat_map_json(f),
        lambda f, o: exports.heat_map_tables(f),
    ),
    "rolling": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.rolling_json(f, o.window),
        lambda f, o: exports.rolling_tables(f, o.window),
    ),
    "risk": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.risk_json(
            f,
            explain=explained_all(f, RISK_FIGURES) if o.explain else (),
        ),
        lambda f, o: exports.risk_tables(f),
    ),
    "contributions": Kind(
        lambda a, s, o: measured(a, s),
        lambda f, o: plain.contributions_json(f),
        lambda f, o: exports.contribution_tables(f),
    ),
    "allocation": Kind(
        lambda a, s, o: allocated(s),
        lambda f, o: plain.allocation_json(f, explain=o.explain),
        lambda f, o: exports.allocation_tables(f),
    ),
    "income": Kind(
        lambda a, s, o: income_of(s),
        lambda f, o: plain.income_json(f, explain=o.explain),
        lambda f, o: exports.income_tables(f),
    ),
    "explain": Kind(
        lambda a, s, o: explained(measured(a, s), o.figure, About(o.benchmark, o.part, o.window)),
        lambda f, o: plain.explained_json(f),
        lambda f, o: exports.explained_tables(f),
    ),
    "asset": Kind(
        _asset,
        lambda f, o: plain.asset_json(f, explain=explained_all(f.performance) if o.explain else ()),
        lambda f, o: exports.asset_tables(f),
    ),
}


def answer(
    *, access: Access, kind: str, query: Query, options: Options, if_none_match: str | None = None
) -> Answer:
    """The answer of a kind to a question: 200, 202 while the figures are built, or 304 when
    ``if_none_match`` is already it. JSON is kept in Redis by what it was computed from."""
    maker = KINDS[kind]
    if options.asset is not None:
        query = query_of_asset(query, options.asset)
    scope = scope_of(access=access, query=query)
    if isinstance(scope, Building):
        return Answer(202, _json(plain.building_json(scope)), "application/json")
    mark = tax_mark(access=access) if kind in TAXED_KINDS else ""
    key = _key(kind, scope, options, mark)
    etag = f'"{key[-40:]}"'
    if if_none_match == etag:
        return Answer(304, b"", "application/json", etag)
    if options.export:
        found = maker.compute(access, scope, options)
        tables = exports.pick(maker.tables(found, options), options.table)
        stem = f"exitus-{kind}-{scope.end}"
        body, media, name = table_file(tables, options.export, stem, for_people=options.for_people)
        return Answer(200, body, media, etag, name)
    body = cache.get(key)
    if body is None:
        body = _json(maker.write(maker.compute(access, scope, options), options))
        cache.set(key, body, CACHE_SECONDS)
    return Answer(200, body, "application/json", etag)


def send(found: Answer) -> HttpResponse:
    """An answer over HTTP, with its validator."""
    response = HttpResponse(found.body, status=found.status, content_type=found.media_type)
    if found.etag:
        response["ETag"] = found.etag
        response["Cache-Control"] = "private, no-cache"
    else:
        response["Cache-Control"] = "no-store"
        response["Retry-After"] = "2"
    if found.file_name:
        response["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return response


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _key(kind: str, scope: Scope, options: Options, taxes: str) -> str:
    """Everything the bytes depend on: the timeline, the lines, the question, names and words."""
    targets: list[object] = []
    if scope.portfolio is not None:
        targets += [(t.asset_class, t.asset_id, t.weight) for t in scope.portfolio.targets.all()]
        targets += [scope.portfolio.name, scope.portfolio.updated_at]
    parts = (
        kind,
        scope.ready.version.key,
        scope.ready.is_stale,
        scope.ready.is_behind,
        scope.query,
        scope.start,
        scope.end,
        scope.lines.tobytes(),
        scope.names,
        targets,
        taxes,
        (
            options.explain,
            options.window,
            options.figure,
            options.benchmark,
            options.part,
            options.export,
            options.table,
            options.asset.pk if options.asset else None,
            options.for_people,
        ),
        get_language(),
    )
    return f"performance:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
