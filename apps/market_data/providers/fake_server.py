"""A local HTTP server that answers as the vendors do, refusals and bad days included.

Special symbols (``ERRO429`` and the like, see :data:`SCENARIOS`) always misbehave; a test can
make any vendor misbehave by :meth:`FakeServer.force`, and reads what was asked in
:attr:`FakeServer.requests`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

from apps.market_data.providers.bcb_sgs import fake as bcb_sgs
from apps.market_data.providers.brapi import fake as brapi
from apps.market_data.providers.fake_market import FakeMarket
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply
from apps.market_data.providers.frankfurter import fake as frankfurter
from apps.market_data.providers.ptax import fake as ptax
from apps.market_data.providers.yahoo import fake as yahoo

Responder = Callable[[FakeRequest, FakeMarket], FakeReply]

RESPONDERS: Mapping[str, Responder] = {
    "brapi": brapi.respond,
    "yahoo": yahoo.respond,
    "bcb_sgs": bcb_sgs.respond,
    "ptax": ptax.respond,
    "frankfurter": frankfurter.respond,
}

#: Symbol to scenario. Each vendor answers a scenario in its own shape.
SCENARIOS: Mapping[str, str] = {
    "ERRO401": "401",
    "ERRO402": "402",
    "ERRO404": "404",
    "ERRO429": "429",
    "ERRO500": "500",
    "ERROHTML": "html",
    "ERROLENTO": "slow",
    "ERRONULO": "nulls",
    "ERROVAZIO": "empty",
    "ERROMOEDA": "no_currency",
}


@dataclass
class FakeServer:
    """Use as a context manager; ``url("brapi")`` is the base address of a vendor."""

    market: FakeMarket = field(default_factory=FakeMarket)
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[FakeRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._forced: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._release = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: requests are kept in :attr:`FakeServer.requests`."""

        self._http = ThreadingHTTPServer((self.host, self.port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]

    def url(self, source: str) -> str:
        """Base address of a vendor on this server."""
        return f"http://{self.host}:{self.port}/{source}"

    def force(self, source: str, *scenarios: str) -> None:
        """Makes the vendor's next answers misbehave: one per scenario, the last for good.
        ``"ok"`` is a good answer; without scenarios the vendor is well again."""
        with self._lock:
            self._forced[source] = list(scenarios)

    def asked(self, source: str) -> list[FakeRequest]:
        """What was asked of a vendor."""
        return [request for request in self.requests if request.source == source]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        parts = urlsplit(handler.path)
        _, source, *rest = parts.path.split("/", 2)
        request = FakeRequest(
            source=source,
            path="/" + unquote(rest[0] if rest else ""),
            query={key: values[-1] for key, values in parse_qs(parts.query).items()},
            raw_query=unquote(parts.query),
            headers={key.lower(): value for key, value in handler.headers.items()},
        )
        self.requests.append(request)
        request.scenario = self._scenario(request)
        if request.scenario == "slow":
            # Until the client gave up and the server ends; never a fixed sleep.
            self._release.wait(60)
        responder = RESPONDERS.get(source)
        if responder is None:
            reply = json_reply({"message": "not found"}, status=404)
        elif request.scenario == "html":
            reply = FakeReply(200, "text/html", "<!doctype html><title>manutenção</title>")
        elif request.scenario == "500":
            reply = FakeReply(500, "text/plain", "Internal Server Error")
        else:
            reply = responder(request, self.market)
        self._send(handler, reply)

    def _scenario(self, request: FakeRequest) -> str:
        with self._lock:
            forced = self._forced.get(request.source)
            if forced:
                return forced.pop(0) if len(forced) > 1 else forced[0]
        for symbol, scenario in SCENARIOS.items():
            if symbol in request.path.upper():
                return scenario
        return "ok"

    def _send(self, handler: BaseHTTPRequestHandler, reply: FakeReply) -> None:
        body = reply.body.encode()
        try:
            handler.send_response(reply.status)
            handler.send_header("Content-Type", reply.content_type)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # The client gave up waiting, which is what the slow scenario is for.
            handler.close_connection = True

    def start(self) -> FakeServer:
        """Serves in a thread."""
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def serve_forever(self) -> None:
        """Serves in this thread."""
        self._http.serve_forever()

    def stop(self) -> None:
        """Ends the server and whoever waits in it."""
        self._release.set()
        self._http.shutdown()
        self._http.server_close()

    def close(self) -> None:
        """Frees the port after :meth:`serve_forever`, which has ended by itself."""
        self._release.set()
        self._http.server_close()

    def __enter__(self) -> FakeServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def fixed_market(now: datetime) -> FakeMarket:
    """A market whose clock stands still."""
    return FakeMarket(now=lambda: now)
