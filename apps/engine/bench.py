"""Seeded ledgers for measuring the engine, and the measurements themselves.

The ledgers look like a real one: purchases, sales, dividends with tax withheld, splits, bonus
shares and deposits over several accounts, with daily prices and exchange rates. Nothing here
reads the network or the machine's clock for anything but timing.
"""

from __future__ import annotations

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from apps.engine import returns
from apps.engine.io import read_accounts, read_assets, read_fx, read_ledger
from apps.engine.legal import legal_fold
from apps.engine.returns.files import read_price_arrays
from apps.engine.taxes.assess import assess
from apps.engine.taxes.rules import RuleBook

#: name -> (rows, assets, years), as the benchmark table names them.
SIZES = {"A": (500, 10, 5), "B": (5_000, 50, 10), "C": (20_000, 200, 10)}
_END = date(2026, 11, 20)
_LEDGER = (
    "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,fx_rate,"
    "ratio,to_asset,cost_share,note\n"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """Seconds of one thing on one ledger: the median of the warm runs, and of cold processes, with
    the most memory one of those took in megabytes."""

    name: str
    rows: int
    warm: float
    cold: float | None = None
    peak_mb: int | None = None


@dataclass(slots=True)
class Files:
    """Where a generated ledger and its market data were written."""

    folder: Path
    rows: int
    assets: int
    years: int
    paths: dict[str, str] = field(default_factory=dict)


Warm = Callable[[Files], float]
Cold = Callable[[Files], list[str]]


def _weekdays(start: date, end: date) -> list[date]:
    span = (end - start).days + 1
    days = (start + timedelta(days=step) for step in range(span))
    return [day for day in days if day.weekday() < 5]


def _walk(random: Random, start: float, points: int, scale: float) -> list[float]:
    value, walk = start, []
    for _ in range(points):
        value *= 1 + random.gauss(0.0003, scale)
        walk.append(round(value, 4))
    return walk


def _rows(
    random: Random, count: int, codes: list[str], days: list[date], prices: dict[str, list[float]]
) -> list[str]:
    """Ledger lines, oldest first; what is sold was held in that account before."""
    accounts = ["alfa", "beta"]
    place_of = {code: place for place, code in enumerate(codes)}
    held: dict[tuple[str, str], int] = {}
    lines = [f"{days[0]},,deposit,,{account},,,1000000.00,,,BRL,,,,,\n" for account in accounts]
    places = sorted(random.randrange(1, len(days)) for _ in range(count - len(lines)))
    for place in places:
        day, code, account = days[place], random.choice(codes), random.choice(accounts)
        currency = _currency(place_of[code])
        price = prices[code][place]
        owned = held.get((account, code), 0)
        choice = random.random()
        tail = f"{currency},,,,,\n"
        if not owned or choice < 0.55:
            quantity = random.randrange(1, 60) * 10
            fees = round(quantity * price * 0.0003 + random.random(), 2)
            lines.append(f"{day},,buy,{code},{account},{quantity},{price},,{fees},0,{tail}")
            held[(account, code)] = owned + quantity
        elif choice < 0.80:
            quantity = random.randrange(1, owned + 1)
            gross = quantity * price
            fees, tax = round(gross * 0.0003, 2), round(gross * 0.00005, 2)
            lines.append(f"{day},,sell,{code},{account},{quantity},{price},,{fees},{tax},{tail}")
            held[(account, code)] = owned - quantity
        elif choice < 0.985:
            gross = round(owned * price * 0.01, 2)
            tax = round(gross * 0.15, 2)
            lines.append(f"{day},,dividend,{code},{account},{owned},,{gross},,{tax},{tail}")
        elif choice < 0.997:
            quantity = max(1, owned // 10)
            cost = round(price * 0.5, 2)
            lines.append(f"{day},,bonus,{code},{account},{quantity},{cost},,,,{tail}")
            held[(account, code)] = owned + quantity
        else:
            lines.append(f"{day},,split,{code},{account},,,,,,{currency},,2,,,\n")
            held[(account, code)] = owned * 2
    return lines


def _currency(place: int) -> str:
    return "USD" if place % 4 == 3 else "BRL"


def generate(folder: str | Path, size: str, seed: int = 7) -> Files:
    """Write ledger, assets, accounts, prices and rates of a size of ``SIZES`` into ``folder``;
    the same seed gives the same files."""
    count, wide, years = SIZES[size]
    random = Random(f"{size}{seed}")  # noqa: S311 - reproducible, nothing secret
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    days = _weekdays(_END.replace(year=_END.year - years), _END)
    codes = [f"ATV{place:03d}" for place in range(wide)]
    prices = {code: _walk(random, random.uniform(8, 120), len(days), 0.015) for code in codes}
    written = Files(target, count, wide, years)

    def write(name: str, header: str, lines: list[str]) -> None:
        path = target / f"{name}.csv.gz"
        path.write_bytes(gzip.compress((header + "".join(lines)).encode(), 1, mtime=0))
        written.paths[name] = str(path)

    write("ledger", _LEDGER, _rows(random, count, codes, days, prices))
    write(
        "assets",
        "asset,class,market,currency\n",
        [
            f"{code},stock,B3,BRL\n"
            if _currency(place) == "BRL"
            else f"{code},stock_abroad,US,USD\n"
            for place, code in enumerate(codes)
        ],
    )
    write(
        "accounts",
        "account,institution,holder,currency\n",
        ["alfa,Alfa,default,BRL\n", "beta,Beta,default,BRL\n"],
    )
    write(
        "prices",
        "date,asset,close\n",
        [f"{day},{code},{prices[code][at]}\n" for code in codes for at, day in enumerate(days)],
    )
    rates = _walk(random, 3.5, len(days), 0.006)
    write(
        "fx",
        "date,base,quote,rate\n",
        [f"{day},USD,BRL,{rate}\n" for day, rate in zip(days, rates, strict=True)],
    )
    return written


def median_time(run: Callable[[], object], repeat: int) -> float:
    """Median seconds of ``repeat`` runs after one that does not count. An answer is kept until
    its time is taken, so that throwing it away is not part of it."""
    kept = [run()]
    times = []
    for _ in range(repeat):
        kept.clear()
        start = perf_counter()
        kept.append(run())
        times.append(perf_counter() - start)
    return statistics.median(times)


def warm_holdings(files: Files, repeat: int = 9) -> float:
    """Median seconds of folding a ledger in memory into holdings, in the assets' currencies."""
    assets, _ = read_assets(files.paths["assets"])
    ledger = read_ledger(files.paths["ledger"], assets)
    fx, _ = read_fx(files.paths["fx"])
    return median_time(lambda: legal_fold(ledger.rows, assets, {}, fx=fx), repeat)


def warm_taxes(files: Files, repeat: int = 9) -> float:
    """Median seconds of assessing every month of a ledger in memory, for its one holder."""
    assets, _ = read_assets(files.paths["assets"])
    ledger = read_ledger(files.paths["ledger"], assets)
    fx, _ = read_fx(files.paths["fx"])
    rules = RuleBook.shipped()

    def run() -> object:
        return assess(ledger.rows, assets, {}, rules=rules, until=_END.year, fx=fx)

    return median_time(run, repeat)


def _laid(files: Files) -> tuple[Callable[[], returns.Timeline], returns.Timeline]:
    assets, _ = read_assets(files.paths["assets"])
    accounts, _ = read_accounts(files.paths["accounts"])
    fx, _ = read_fx(files.paths["fx"])
    rows = read_ledger(files.paths["ledger"], assets, accounts).rows
    ledger = returns.columns_of(rows, assets, accounts)
    prices = returns.PriceGrid.of(read_price_arrays(files.paths["prices"])[0])

    def build() -> returns.Timeline:
        return returns.build(ledger, assets, accounts, prices, fx, currency="BRL")

    return build, build()


def warm_returns(files: Files, repeat: int = 9) -> float:
    """Median seconds from a ledger and prices in memory, both as arrays, to every figure of the
    whole portfolio: the timeline is built and measured each time."""
    build, _ = _laid(files)
    return median_time(lambda: returns.measure(build()), repeat)


def warm_returns_measured(files: Files, repeat: int = 9) -> float:
    """Median seconds of measuring a timeline kept in memory, of which nothing was asked before."""
    _, timeline = _laid(files)
    return median_time(lambda: returns.measure(replace(timeline)), repeat)


def warm_returns_table(files: Files, repeat: int = 9) -> float:
    """Median seconds of building, measuring and the table by asset."""
    build, _ = _laid(files)

    def run() -> object:
        timeline = build()
        return returns.measure(timeline), returns.table_by(timeline, "asset")

    return median_time(run, repeat)


def returns_command(files: Files) -> list[str]:
    """The ``returns`` command, table by asset included."""
    names = ("ledger", "assets", "accounts", "prices", "fx")
    return _command(files, names, "returns", "--currency", "BRL")


def holdings_command(files: Files) -> list[str]:
    """The ``holdings`` command."""
    names = ("ledger", "assets", "accounts", "prices", "fx")
    return _command(files, names, "holdings", "--currency", "BRL")


def taxes_command(files: Files) -> list[str]:
    """The ``taxes`` command for the last year."""
    names = ("ledger", "assets", "accounts", "fx")
    return _command(files, names, "taxes", "--year", str(_END.year))


def _command(files: Files, names: tuple[str, ...], *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "apps.engine", *arguments]
    for name in names:
        command += [f"--{name}", files.paths[name]]
    return command


def cold_time(command: list[str], repeat: int = 3) -> float:
    """Median seconds of a command, from process start to JSON."""
    return median_time(lambda: _run(command, subprocess.DEVNULL), repeat)


# A process counts that of whoever started it as its own peak, so a small one starts it.
_WATCH = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
)


def peak_memory(command: list[str]) -> int:
    """The most memory a command took, in megabytes."""
    return int(_run([sys.executable, "-S", "-c", _WATCH, *command], subprocess.PIPE))


def _run(command: list[str], output: int) -> bytes:
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own files
        command,
        cwd=Path(__file__).resolve().parents[2],
        env=dict(os.environ),
        check=True,
        stdout=output,
    )
    return done.stdout or b""


def measure(sizes: tuple[str, ...] = ("A", "B", "C"), *, cold: bool = True) -> list[Measure]:
    """The engine's rows of the benchmark table."""
    measures = []
    commands: tuple[tuple[str, Warm, Cold | None], ...] = (
        ("holdings", warm_holdings, holdings_command),
        ("returns", warm_returns, returns_command),
        ("returns measured", warm_returns_measured, None),
        ("returns with table", warm_returns_table, None),
        ("taxes", warm_taxes, taxes_command),
    )
    with tempfile.TemporaryDirectory(prefix="exitus-bench-") as folder:
        for size in sizes:
            files = generate(Path(folder) / size, size)
            for name, warm, cold_too in commands:
                command = cold_too(files) if cold and cold_too else None
                measures.append(
                    Measure(
                        f"{name} {files.rows}/{files.assets}/{files.years}y",
                        files.rows,
                        warm(files),
                        cold_time(command) if command else None,
                        peak_memory(command) if command else None,
                    )
                )
    return measures
