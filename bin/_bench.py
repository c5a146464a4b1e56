"""The benchmark table: engine in this process, the application over HTTP on a real installation."""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import io
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from exitus.process import spawn

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a-long-benchmark-passphrase"
SEED = 7
CONNECTIONS = 4
HEADER = (
    "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,fx_rate,"
    "ratio,to_asset,cost_share,note\n"
)


def row(name: str, **values: object) -> dict[str, object]:
    """One line of the table."""
    return {"name": name, **values}


# Files -------------------------------------------------------------------------------------------


def tickers(count: int) -> list[str]:
    """Codes that look like B3 shares and are none of them in particular."""
    letters = "BCDFGHJKLM"
    return [
        f"{letters[i // 100 % 10]}{letters[i // 10 % 10]}{letters[i % 10]}X3" for i in range(count)
    ]


def trades(rows: int, assets: int, years: int) -> Iterator[tuple[date, str, str, int, float]]:
    """Day, side, code, quantity, price; what is sold was held before."""
    chance = random.Random(SEED)
    codes = tickers(assets)
    start = date(2026, 11, 20) - timedelta(days=365 * years)
    days = [start + timedelta(days=n) for n in range(365 * years)]
    days = [day for day in days if day.weekday() < 5]
    held = dict.fromkeys(codes, 0)
    for place in sorted(chance.randrange(len(days)) for _ in range(rows)):
        code = chance.choice(codes)
        price = round(chance.uniform(8, 90), 2)
        if held[code] >= 100 and chance.random() < 0.35:
            quantity = chance.randrange(1, held[code] // 100 + 1) * 100
            held[code] -= quantity
            yield days[place], "sell", code, quantity, price
        else:
            quantity = chance.randrange(1, 20) * 100
            held[code] += quantity
            yield days[place], "buy", code, quantity, price


def exitus_csv(rows: int, assets: int, years: int) -> bytes:
    """A ledger in the project's own format."""
    lines = [
        f"{day},,{side},{code},Corretora Referência,{quantity},{price},,1.50,,BRL,,,,,\n"
        for day, side, code, quantity, price in trades(rows, assets, years)
    ]
    return (HEADER + "".join(lines)).encode()


def b3_negociacao(rows: int, assets: int, years: int) -> bytes:
    """The same trades as B3's Negociação workbook writes them."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Negociação")
    sheet.append(
        [
            "Data do Negócio",
            "Tipo de Movimentação",
            "Mercado",
            "Prazo/Vencimento",
            "Instituição",
            "Código de Negociação",
            "Quantidade",
            "Preço",
            "Valor",
        ]
    )
    for day, side, code, quantity, price in trades(rows, assets, years):
        sheet.append(
            [
                day.strftime("%d/%m/%Y"),
                "Compra" if side == "buy" else "Venda",
                "Mercado à Vista",
                "-",
                "XP INVESTIMENTOS CCTVM S/A",
                code,
                quantity,
                price,
                round(quantity * price, 2),
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# Installation ----------------------------------------------------------------------------------


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def vendors(environment: dict[str, str]) -> Iterator[None]:
    """Invented prices on this machine: no benchmark depends on somebody else's server."""
    child = spawn(
        [sys.executable, "manage.py", "fakeproviders", "--port", str(free_port())],
        output=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert child.stdout is not None
        for raw in child.stdout:
            line = raw.decode()
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                environment[name] = value
            if "Ctrl-C" in line:
                break
        yield
    finally:
        child.terminate()
        child.wait()


class Installation:
    """A supervisor on a private data directory."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.port = free_port()
        self.log = root / "supervisor.log"
        self.environment = {
            **environment,
            "EXITUS_DATA_DIR": str(root),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "EXITUS_DEMO": "0",
            "EXITUS_SIGNUP_OPEN": "1",
        }
        for scope in ("ANON", "USER", "LOGIN", "REGISTER", "IMPORT"):
            self.environment[f"THROTTLE_{scope}"] = "1000000/min"
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(name, None)

    def start(self) -> float:
        """Starts; seconds until it answers."""
        began = time.perf_counter()
        with self.log.open("wb") as log:
            self.child = spawn(
                [sys.executable, "-m", "exitus.supervisor"],
                output=log,
                env=self.environment,
                cwd=ROOT,
            )
        while "ready in" not in self.log.read_text(errors="replace"):
            if self.child.poll() is not None or time.perf_counter() - began > 300:
                raise SystemExit(self.log.read_text(errors="replace"))
            time.sleep(0.05)
        return time.perf_counter() - began

    def stop(self) -> None:
        """Stops and waits."""
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(timeout=60)

    def memory(self) -> dict[str, tuple[int, int]]:
        """Name -> resident and proportional megabytes (proportional shares what is shared)."""
        found: dict[str, list[tuple[int, int]]] = {}
        parents = {self.child.pid: "supervisor"}
        for _ in range(4):  # children, their children, ...
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit() and int(folder.name) not in parents:
                    try:
                        status = (folder / "stat").read_text().rpartition(")")[2].split()
                        parent = int(status[1])
                        if parent in parents:
                            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                            parents[int(folder.name)] = self._name(line, parents[parent])
                    except OSError:
                        continue
        for pid, name in parents.items():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            numbers = {
                key: int(value) for key, value in re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.M)
            }
            if numbers:
                found.setdefault(name, []).append((numbers["Rss"] // 1024, numbers["Pss"] // 1024))
        return {
            f"{name} x{len(sizes)}": (sum(s[0] for s in sizes), sum(s[1] for s in sizes))
            for name, sizes in sorted(found.items())
        }

    @staticmethod
    def _name(line: str, parent: str) -> str:
        for part, name in (
            ("gunicorn", "web"),
            ("worker@", "worker"),
            ("market@", "market worker"),
            ("celery --quiet -A exitus.celery beat", "beat"),
            ("redis-server", "redis"),
            ("postgres", "postgres"),
        ):
            if part in line:
                return name + (
                    " child"
                    if parent == name and name in {"web", "worker", "market worker"}
                    else ""
                )
        return parent


class Person:
    """Somebody with a token and a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.name = f"bench{uuid.uuid4().hex[:8]}"
        self.api(
            "POST",
            "auth/register/",
            {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD},
            token=False,
        )
        answer = self.api(
            "POST", "auth/token/", {"username": self.name, "password": PASSWORD}, token=False
        )
        self.token = answer["access"]
        self.workspace = self.api("GET", "workspaces/")["results"][0]["id"]

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """One request; an error answer ends the benchmark with its text."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=body, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error

    def api(self, method: str, path: str, body: object = None, *, token: bool = True) -> Any:
        """One JSON request."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.request(method, f"/api/v1/{path}", data, headers) or b"null")

    def upload(self, name: str, content: bytes) -> float:
        """Imports a file; seconds until it is applied and the positions are rebuilt."""
        boundary = uuid.uuid4().hex
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="auto_apply"\r\n\r\ntrue\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = parts + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        began = time.perf_counter()
        batch = json.loads(self.request("POST", "/api/v1/imports/", body, headers))
        while True:
            batch = self.api("GET", f"imports/{batch['id']}/")
            if batch["status"] == "applied":
                break
            if batch["status"] in {"failed", "parsed"} and time.perf_counter() - began > 60:
                raise SystemExit(f"import of {name}: {batch}")
            time.sleep(0.05)
        self.settled(began)
        return time.perf_counter() - began

    def settled(self, began: float) -> None:
        """Waits until the derived figures are those of the ledger."""
        while self.api("GET", "dashboard/")["is_stale"]:
            if time.perf_counter() - began > 120:
                raise SystemExit("the positions were not rebuilt within two minutes")
            time.sleep(0.02)

    def cookies(self) -> str:
        """A session, as a browser has it."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        login = f"http://127.0.0.1:{self.port}/conta/login/"
        opener.open(login).read()
        token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
        form = {"login": self.name, "password": PASSWORD, "csrfmiddlewaretoken": token or ""}
        opener.open(login, urllib.parse.urlencode(form).encode()).read()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def rest(limit: float = 180) -> None:
    """Waits until the processors rest: the histories of an import are filled in the background."""
    deadline = time.perf_counter() + limit
    calm = 0
    while calm < 3 and time.perf_counter() < deadline:
        before = processor_times()
        time.sleep(1)
        busy, idle = (now - was for now, was in zip(processor_times(), before, strict=True))
        calm = calm + 1 if busy < 0.2 * (busy + idle) else 0


def processor_times() -> tuple[int, int]:
    """Ticks spent working and resting since the machine started."""
    user, nice, system, idle, wait, *more = (
        int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return user + nice + system + sum(more), idle + wait


# Load --------------------------------------------------------------------------------------------


def load(port: int, path: str, headers: dict[str, str], seconds: float) -> dict[str, float]:
    """p50, p95 (milliseconds) and requests a second over keep-alive connections."""
    times: list[float] = []
    deadline = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < deadline:
            began = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"GET {path}: {answer.status}")
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if len(times) < 2:
        raise SystemExit(f"GET {path}: no answers")
    cuts = statistics.quantiles(times, n=20)
    return {
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p95_ms": round(cuts[18] * 1000, 2),
        "rps": round(len(times) / took, 1),
    }


def cold(empty: Callable[[], object], port: int, path: str, headers: dict[str, str]) -> float:
    """Median milliseconds of the first request on an empty cache."""
    times = []
    for _ in range(5):
        empty()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
        times.append(time.perf_counter() - began)
    return round(statistics.median(times) * 1000, 2)


# The table ---------------------------------------------------------------------------------------


def engine_rows(quick: bool) -> list[dict[str, object]]:
    """Holdings (and what else the engine measures) on the three seeded ledgers."""
    from apps.engine import bench

    sizes = ("A", "B") if quick else ("A", "B", "C")
    return [
        row(
            f"engine {found.name}",
            warm_ms=round(found.warm * 1000, 2),
            cold_ms=None if found.cold is None else round(found.cold * 1000, 1),
        )
        for found in bench.measure(sizes)
    ]


def app_rows(quick: bool) -> Iterator[dict[str, object]]:
    """Imports, a rebuild, pages and memory on a private installation."""
    count = 1_000 if quick else 10_000
    seconds = 2.0 if quick else 6.0
    root = Path(tempfile.mkdtemp(prefix="exitus-bench-"))
    environment = dict(os.environ)
    installation = Installation(root, environment)
    try:
        with vendors(installation.environment):
            yield row("first start (empty data)", seconds=round(installation.start(), 2))
            installation.stop()
            yield row("later start", seconds=round(installation.start(), 2))
            try:
                yield from _app_rows(installation, count, seconds, quick)
            finally:
                installation.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _app_rows(
    installation: Installation, count: int, seconds: float, quick: bool
) -> Iterator[dict[str, object]]:
    from exitus import embedded, env

    port = installation.port
    person = Person(port)
    took = person.upload("ledger.csv", exitus_csv(count, 200, 10))
    yield row(f"import {count:,} CSV rows, positions rebuilt", seconds=round(took, 2))
    person = Person(port)
    took = person.upload("negociacao.xlsx", b3_negociacao(count, 200, 10))
    yield row(f"import {count:,} B3 rows, positions rebuilt", seconds=round(took, 2))
    for name, (rss, pss) in installation.memory().items():
        if "worker" in name:
            yield row(f"memory after the imports: {name}", rss_mb=rss, pss_mb=pss)

    rows, assets = (1_500, 25) if quick else (15_000, 250)
    person = Person(port)
    person.upload("big.csv", exitus_csv(rows, assets, 12))
    label = f"{rows:,} rows, {assets} assets, 12 years"
    rest()

    newest = person.api("GET", "transactions/?ordering=-trade_date&page_size=1")["results"][0]
    began = time.perf_counter()
    person.api("PATCH", f"transactions/{newest['id']}/", {"note": "", "fees": "9.87"})
    saved = time.perf_counter() - began
    person.settled(began)
    yield row(
        f"edited trade ({label})",
        saved_ms=round(saved * 1000, 1),
        rebuilt_ms=round((time.perf_counter() - began) * 1000, 1),
    )

    rest()
    import redis

    layout = embedded.Layout(installation.root)
    cache = redis.Redis.from_url(env.redis_database(layout.redis_url, 1))
    bearer = {"Authorization": f"Bearer {person.token}"}
    session = {"Cookie": person.cookies()}
    for name, path, headers in (
        ("only authenticates (API me/)", "/api/v1/me/", bearer),
        ("API dashboard/", "/api/v1/dashboard/", bearer),
        ("API positions/", "/api/v1/positions/", bearer),
        ("page Resumo", f"/w/{person.workspace}/", session),
        ("page Carteira", f"/w/{person.workspace}/carteira/", session),
    ):
        first = cold(cache.flushdb, port, path, headers)
        load(port, path, headers, 1.0)
        warm = load(port, path, headers, seconds)
        yield row(f"{name} ({label})", cold_ms=first, **warm)
    for name, (rss, pss) in installation.memory().items():
        yield row(f"memory: {name}", rss_mb=rss, pss_mb=pss)


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
    parser.add_argument("--quick", action="store_true", help="small ledgers, short loads")
    parser.add_argument("--engine", action="store_true", help="engine rows only")
    arguments = parser.parse_args()
    rows: list[Any] = []
    stream = sys.stderr if arguments.json else sys.stdout
    show(engine_rows(arguments.quick), rows, stream)
    if not arguments.engine:
        show(app_rows(arguments.quick), rows, stream)
    if arguments.json:
        machine = {"cpus": os.cpu_count(), "python": sys.version.split()[0]}
        print(json.dumps({"machine": machine, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
