"""The benchmark table: engine in this process, the application over HTTP on a real installation."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from installation import Installation, vendors
from ledgers import b3_negociacao, exitus_csv
from load import cold, firsts, load
from person import Person


def row(name: str, **values: object) -> dict[str, object]:
    """One line of the table."""
    return {"name": name, **values}


def engine_rows(quick: bool) -> list[dict[str, object]]:
    """Holdings (and what else the engine measures) on the three seeded ledgers."""
    from apps.engine import bench

    sizes = ("A", "B") if quick else ("A", "B", "C")
    return [
        row(
            f"engine {found.name}",
            warm_ms=round(found.warm * 1000, 2),
            cold_ms=None if found.cold is None else round(found.cold * 1000, 1),
            peak_mb=found.peak_mb,
        )
        for found in bench.measure(sizes)
    ]


def app_rows(quick: bool, pages: bool) -> Iterator[dict[str, object]]:
    """Imports, a rebuild, pages and memory on a private installation."""
    count = 1_000 if quick else 10_000
    root = Path(tempfile.mkdtemp(prefix="exitus-bench-"))
    installation = Installation(root, dict(os.environ))
    try:
        with vendors(installation.environment):
            yield row("first start (empty data)", seconds=round(installation.start(), 2))
            installation.stop()
            yield row("later start", seconds=round(installation.start(), 2))
            try:
                if not pages:
                    yield from import_rows(installation, count)
                yield from page_rows(installation, quick)
            finally:
                installation.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def import_rows(installation: Installation, count: int) -> Iterator[dict[str, object]]:
    """The same trades as two files, and what they cost the worker."""
    for label, name, content in (
        ("CSV", "ledger.csv", exitus_csv(count, 200, 10)),
        ("B3", "negociacao.xlsx", b3_negociacao(count, 200, 10)),
    ):
        took = Person(installation.port).upload(name, content)
        yield row(f"import {count:,} {label} rows, positions rebuilt", seconds=round(took, 2))
    for name, (rss, pss) in installation.memory().items():
        if "worker" in name:
            yield row(f"memory after the imports: {name}", rss_mb=rss, pss_mb=pss)
    installation.rest()


def page_rows(installation: Installation, quick: bool) -> Iterator[dict[str, object]]:
    """An edited trade, then pages and endpoints under load."""
    rows, assets = (1_500, 25) if quick else (15_000, 250)
    label = f"{rows:,} rows, {assets} assets, 12 years"
    person = Person(installation.port)
    person.upload("big.csv", exitus_csv(rows, assets, 12))
    installation.rest()
    yield edited_row(person, label)
    installation.rest()
    bearer = {"Authorization": f"Bearer {person.token}"}
    session = {"Cookie": person.cookies()}
    whole = f"/w/{person.workspace}"
    for name, path, headers in (
        ("answers and no more (health/live)", "/health/live", {}),
        ("only authenticates (API me/)", "/api/v1/me/", bearer),
        ("API dashboard/", "/api/v1/dashboard/", bearer),
        ("API positions/", "/api/v1/positions/", bearer),
        ("page Resumo", f"{whole}/", session),
        ("page Carteira", f"{whole}/carteira/", session),
    ):
        yield asked_row(installation, f"{name} ({label})", path, headers)
    # Questions of any period and grouping, each asked once, then one of them over and over.
    questions = [f"?period={period}&group_by={group}" for group in GROUPS for period in SPANS]
    returns = "/api/v1/portfolios/all/performance/"
    person.ready(RETURNS)
    for name, path, headers in (
        ("API returns", returns, bearer),
        ("page Rentabilidade", f"{whole}/analises/", session),
    ):
        paths = [path + question for question in questions]
        others = firsts(installation.port, paths, headers)
        kept = load(installation.port, paths[0], headers, SECONDS)
        yield row(f"{name} ({label})", **others, **kept)
    yield from tax_rows(installation, quick)
    for name, (rss, pss) in installation.memory().items():
        yield row(f"memory: {name}", rss_mb=rss, pss_mb=pss)


SECONDS = 5.0
SPANS = ("1m", "3m", "6m", "ytd", "12m", "24m", "36m", "5a", "10a", "all")
GROUPS = ("asset", "class", "currency", "account")
RETURNS, TAXES = "portfolios/all/performance/?period=1m", "taxes/months/?year=2026"


def edited_row(person: Person, label: str) -> dict[str, object]:
    """A trade is edited: until it is saved, and until positions, returns and taxes follow it."""
    for path in (RETURNS, TAXES):
        person.followed(path, time.perf_counter())
    newest = person.api("GET", "transactions/?ordering=-trade_date&page_size=1")["results"][0]
    began = time.perf_counter()
    person.api("PATCH", f"transactions/{newest['id']}/", {"note": "", "fees": "9.87"})
    saved = time.perf_counter() - began
    person.settled(began)
    rebuilt = time.perf_counter() - began
    returns = person.followed(RETURNS, began)
    taxes = person.followed(TAXES, began)
    return row(
        f"edited trade ({label})",
        saved_ms=round(saved * 1000, 1),
        rebuilt_ms=round(rebuilt * 1000, 1),
        returns_ms=round(returns * 1000, 1),
        taxes_ms=round(taxes * 1000, 1),
    )


def asked_row(
    installation: Installation,
    name: str,
    path: str,
    headers: dict[str, str],
    questions: list[str] | None = None,
) -> dict[str, object]:
    """A page or endpoint on an empty cache, asked new questions once each, and kept."""
    port = installation.port
    first = cold(installation.cache().flushdb, port, path, headers)
    others = firsts(port, questions, headers) if questions else {}
    return row(name, cold_ms=first, **others, **load(port, path, headers, SECONDS))


def tax_rows(installation: Installation, quick: bool) -> Iterator[dict[str, object]]:
    """Months of taxes of one holder with many rows."""
    rows, assets = (2_000, 20) if quick else (20_000, 200)
    label = f"{rows:,} rows, one holder, 20 years"
    person = Person(installation.port)
    began = time.perf_counter()
    person.upload("taxes.csv", exitus_csv(rows, assets, 20))
    assessed = person.followed(TAXES, began)
    yield row(f"import, positions and taxes ({label})", seconds=round(assessed, 2))
    installation.rest()
    yield reassessed_row(installation, person, label)
    installation.rest()
    bearer = {"Authorization": f"Bearer {person.token}"}
    session = {"Cookie": person.cookies()}
    page = f"/w/{person.workspace}/impostos"
    years = range(2026, 2007, -1)
    months = [f"{page}/{year}/{month}/" for year in (2025, 2018, 2010) for month in range(1, 13)]
    for name, path, headers, paths in (
        ("API taxes/months/", f"/api/v1/{TAXES}", bearer, api_years(years)),
        ("page Impostos, a year", f"{page}/2025/", session, [f"{page}/{y}/" for y in years]),
        ("page Impostos, a month", f"{page}/2025/6/", session, months),
        ("page Impostos, the annual return", f"{page}/2025/declaracao/", session, []),
        ("page Impostos, after tax", f"{page}/simular/liquido/", session, []),
    ):
        yield asked_row(installation, f"{name} ({label})", path, headers, paths)
    # Each asks of another asset: a sale nobody supposed before.
    sales = [f"?1-ativo={asset}&1-quantidade=100&1-preco=30" for asset in person.held()[:40]]
    paths = [f"{page}/simular/{sale}" for sale in sales]
    yield row(
        f"page Impostos, a simulated sale ({label})",
        **firsts(installation.port, paths, session),
        **load(installation.port, paths[0], session, SECONDS),
    )


def reassessed_row(installation: Installation, person: Person, label: str) -> dict[str, object]:
    """All taxes after an edit in the middle of the ledger, as the worker's log of it has them."""
    rows = person.api("GET", "transactions/?ordering=-trade_date&page_size=1&date_to=2016-06-30")
    times = []
    for fees in ("9.11", "9.22", "9.33"):
        began = time.perf_counter()
        body = {"note": "", "fees": fees}
        person.api("PATCH", f"transactions/{rows['results'][0]['id']}/", body)
        person.followed(TAXES, began)
        installation.rest()
        times.append(installation.assessed_ms(person.workspace))
    return row(
        f"every year of taxes after an edit, in the worker ({label})",
        median_ms=statistics.median(times),
        lowest_ms=min(times),
    )


def api_years(years: Iterable[int]) -> list[str]:
    """The months of each year."""
    return [f"/api/v1/taxes/months/?year={year}" for year in years]


def show(rows: Iterable[dict[str, object]], out: list[Any], stream: TextIO) -> None:
    """Prints lines as they come."""
    for line in rows:
        out.append(line)
        values = "  ".join(f"{key}={value}" for key, value in line.items() if key != "name")
        print(f"{line['name']!s:<62} {values}", file=stream, flush=True)


def main() -> None:
    """Prints the table, or JSON."""
    # Told to stop, it stops what it started.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="small ledgers")
    parser.add_argument("--engine", action="store_true", help="engine rows only")
    parser.add_argument("--pages", action="store_true", help="edited trade and pages only")
    arguments = parser.parse_args()
    rows: list[Any] = []
    stream = sys.stderr if arguments.json else sys.stdout
    if not arguments.pages:
        show(engine_rows(arguments.quick), rows, stream)
    if not arguments.engine:
        show(app_rows(arguments.quick, arguments.pages), rows, stream)
    if arguments.json:
        machine = {"cpus": os.cpu_count(), "python": sys.version.split()[0]}
        print(json.dumps({"machine": machine, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
