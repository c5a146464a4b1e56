"""Load over keep-alive connections.

Run as a program it is the load generator: one process and one thread, a few system calls for each
request, so that it takes as little as possible from the processors it shares with what it measures.
"""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECTIONS = 4
LEAST = 400  # requests that a 95th percentile is told from
LONGEST = 30.0  # seconds


@dataclass
class Connection:
    """A keep-alive connection and the answer it waits for."""

    socket: socket.socket
    began: float = 0.0
    body: bytearray = field(default_factory=bytearray)
    awaited: int = -1


def head_of(answer: bytearray) -> int:
    """Where the answer will end; -1 while its head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return -1
    head = bytes(answer[:end])
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode("latin-1"))
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return end + 4 + int(value)
    raise SystemExit("an answer without a length")


def generate(port: int, request: bytes, seconds: float, least: int) -> tuple[list[float], float]:
    """Each answer's seconds, and how long the whole took."""
    times: list[float] = []
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        link = socket.create_connection(("127.0.0.1", port), timeout=60)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(link, selectors.EVENT_READ, Connection(link))
    began = time.perf_counter()
    for key in selector.get_map().values():
        key.data.began = time.perf_counter()
        key.data.socket.sendall(request)
    while selector.get_map():
        for key, _events in selector.select():
            connection: Connection = key.data
            chunk = connection.socket.recv(1 << 20)
            if not chunk:
                raise SystemExit("the server closed a connection")
            connection.body += chunk
            if connection.awaited < 0:
                connection.awaited = head_of(connection.body)
            if connection.awaited < 0 or len(connection.body) < connection.awaited:
                continue
            now = time.perf_counter()
            times.append(now - connection.began)
            enough = len(times) >= least and now - began >= seconds
            if enough or now - began > LONGEST:
                selector.unregister(connection.socket)
                connection.socket.close()
                continue
            connection.body.clear()
            connection.awaited = -1
            connection.began = time.perf_counter()
            connection.socket.sendall(request)
    return times, time.perf_counter() - began


def load(port: int, path: str, headers: dict[str, str], seconds: float) -> dict[str, float]:
    """p50, p95 (milliseconds) and requests a second after a warm-up."""
    order = {"port": port, "path": path, "headers": headers, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-S", __file__], input=json.dumps(order), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"GET {path}: {done.stderr}")
    result: dict[str, float] = json.loads(done.stdout)
    return result


def firsts(port: int, paths: list[str], headers: dict[str, str]) -> dict[str, float]:
    """p50 and p95 (milliseconds) of questions nobody asked before, each asked once, over one
    connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        if answer.status != 200:
            raise SystemExit(f"GET {path}: {answer.status}")
    return {
        "first_p50_ms": round(statistics.median(times) * 1000, 2),
        "first_p95_ms": round(statistics.quantiles(times, n=20)[18] * 1000, 2),
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


def main() -> None:
    """Reads what to ask from standard input and writes what it took."""
    order = json.load(sys.stdin)
    lines = [f"GET {order['path']} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in order["headers"].items()]
    request = "\r\n".join([*lines, "", ""]).encode("latin-1")
    generate(order["port"], request, 1.0, 40)
    times, took = generate(order["port"], request, order["seconds"], LEAST)
    result = {
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[18] * 1000, 2),
        "rps": round(len(times) / took, 1),
        "requests": len(times),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
