"""``manage.py fakeproviders``: the whole application without internet."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.market_data.providers.fake_server import RESPONDERS, SCENARIOS, FakeServer
from apps.market_data.sources import env_token_name, env_url_name


class Command(BaseCommand):
    help = (
        "Serves the vendors' addresses on this machine with clearly invented prices, so that the "
        "application can be tried without internet."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8900, help="0 takes any free port")

    def handle(self, *args: Any, **options: Any) -> None:
        server = FakeServer(host=options["host"], port=options["port"])
        self.stdout.write("Invented prices, the same for everyone every time. Set and restart:\n")
        for source in RESPONDERS:
            self.stdout.write(f"export {env_url_name(source)}={server.url(source)}")
        self.stdout.write(f"export {env_token_name('brapi')}=invented\n")
        symbols = ", ".join(f"{symbol} ({name})" for symbol, name in SCENARIOS.items())
        self.stdout.write(f"Symbols that misbehave: {symbols}; ZZZZ... is unknown.")
        self.stdout.write("Ctrl-C stops.")
        self.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("")
        finally:
            server.close()
