"""Arguments of the ``returns`` command, apart from it: what it needs is loaded when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any


def _run(args: argparse.Namespace) -> dict[str, Any]:
    from apps.engine.returns.command import returns  # NumPy: the other commands do without it

    return returns(args)


def add_parser(commands: Any, day: Callable[[str], date]) -> None:
    """Add the command to those of the root parser."""
    each = commands.add_parser("returns", help="returns, risk and where the gain comes from")
    each.add_argument("--ledger", required=True, metavar="FILE")
    each.add_argument("--prices", required=True, metavar="FILE")
    each.add_argument("--assets", metavar="FILE")
    each.add_argument("--accounts", metavar="FILE")
    each.add_argument("--fx", metavar="FILE")
    each.add_argument("--indexes", metavar="FILE")
    each.add_argument(
        "--risk-free",
        metavar="INDEX",
        help="an index of daily rates, or a yearly rate such as 0.05 (default: CDI where given)",
    )
    each.add_argument(
        "--from", dest="start", type=day, metavar="DATE", help="default: before the first row"
    )
    each.add_argument("--to", type=day, metavar="DATE", help="default: the last price")
    each.add_argument(
        "--currency", type=str.upper, metavar="CODE", help="default: that of most rows"
    )
    each.add_argument("--cash", action="store_true", help="count cash; only deposits are flows")
    each.add_argument("--series", action="store_true", help="add one entry per day")
    each.set_defaults(run=_run)
