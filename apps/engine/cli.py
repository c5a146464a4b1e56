"""The engine's commands: files in, JSON out, without Django.

Exit status 0 with issues inside the JSON; 2, and one line on stderr, for arguments or files that
cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from apps.engine.io import (
    InputError,
    read_accounts,
    read_assets,
    read_fx,
    read_ledger,
    read_prices,
)
from apps.engine.io.tables import FIRST_YEAR, LAST_YEAR
from apps.engine.legal import legal_fold
from apps.engine.prices import FxTable, PriceTable
from apps.engine.types import Account, Asset, Issue
from apps.engine.valuation import Valued, totals, value


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, without the usage text."""
        sys.stderr.write(f"{self.prog}: {message}\n")
        raise SystemExit(2)


def plain(number: Decimal | None) -> str | None:
    """A decimal as text without exponent and without sign of zero."""
    if number is None:
        return None
    return format(number, "f") if number else "0"


def _issues(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    return [
        {"code": issue.code, "where": issue.where, "params": dict(issue.params)} for issue in issues
    ]


def _holding(valued: Valued) -> dict[str, Any]:
    holding = valued.holding
    codes = [*holding.issue_codes, *(issue.code for issue in valued.issues)]
    return {
        "asset": holding.asset,
        "account": holding.account,
        "holder": holding.holder,
        "currency": valued.currency,
        "quantity": plain(holding.quantity),
        "average_cost": plain(holding.average_cost),
        "total_cost": plain(holding.total_cost),
        "price": plain(valued.price),
        "price_date": valued.price_date.isoformat() if valued.price_date else None,
        "price_currency": valued.price_currency,
        "market_value": plain(valued.market_value),
        "unrealised_gain": plain(valued.unrealised_gain),
        "realised_gain": plain(holding.realised_gain),
        "income": plain(holding.income),
        "income_withheld": plain(holding.income_withheld),
        "fees": plain(holding.fees),
        "fifo": {
            "cost": plain(holding.fifo_cost),
            "realised": plain(holding.fifo_realised),
            "unrealised": plain(valued.fifo_unrealised),
        },
        "issues": list(dict.fromkeys(codes)),
    }


def _listed(valued: Valued) -> bool:
    """Emptied positions stay only for what they left: a gain, income, or a question."""
    holding = valued.holding
    return bool(
        holding.quantity
        or holding.realised_gain is None
        or holding.realised_gain
        or holding.ever_closed
        or holding.raw_income
        or holding.issue_codes
    )


def holdings(args: argparse.Namespace) -> dict[str, Any]:
    """The ``holdings`` command: what is held, what it cost, what it is worth."""
    issues: list[Issue] = []
    assets: dict[str, Asset] = {}
    accounts: dict[str, Account] = {}
    fx = FxTable()
    prices = PriceTable()
    if args.assets:
        assets, found = read_assets(args.assets)
        issues += found
    if args.accounts:
        accounts, found = read_accounts(args.accounts)
        issues += found
    if args.fx:
        fx, found = read_fx(args.fx)
        issues += found
    ledger = read_ledger(args.ledger, assets, accounts)
    issues += ledger.issues
    if args.prices:
        prices, found = read_prices(args.prices, args.on or date.max)
        issues += found
    on: date | None = args.on
    if on is None:
        days = [row.date for row in ledger.rows]
        if prices.last_date is not None:
            days.append(prices.last_date)
        on = max(days, default=None)
    result = legal_fold(
        ledger.rows,
        assets,
        accounts,
        by="account" if args.by == "account" else "asset",
        on=on,
        currency=args.currency,
        fx=fx,
    )
    issues += result.issues
    valued = value(result, prices, fx, on=on, currency=args.currency, assets=assets) if on else []
    for each in valued:
        issues += each.issues
    used = {each.currency for each in valued} or {key[1] for key in result.cash}
    currency = args.currency or (used.pop() if len(used) == 1 else None)
    sums = totals(valued, result, fx, on=on, currency=currency) if on and currency else None
    names = (
        "market_value",
        "total_cost",
        "unrealised_gain",
        "realised_gain",
        "income",
        "income_withheld",
        "fees",
        "cash",
    )
    return {
        "on": on.isoformat() if on else None,
        "currency": currency,
        "holdings": [_holding(each) for each in valued if _listed(each)],
        "cash": [
            {
                "account": account,
                "currency": code,
                "balance": None if (account, code) in result.cash_incomplete else plain(balance),
            }
            for (account, code), balance in sorted(result.cash.items())
        ],
        "totals": {name: plain(getattr(sums, name)) if sums else None for name in names},
        "issues": _issues(issues),
    }


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO date: {text!r}") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        years = f"from {FIRST_YEAR} to {LAST_YEAR}"
        raise argparse.ArgumentTypeError(f"year not {years}: {text!r}")
    return found


def parser(wanted: str = "") -> argparse.ArgumentParser:
    """Arguments of every command, or of ``holdings`` alone where that is wanted: it should not
    wait for what the others import."""
    root = _Parser(prog="python -m apps.engine", description="Portfolio figures from CSV files.")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    each = commands.add_parser("holdings", help="positions, costs, gains, income and cash")
    each.add_argument("--ledger", required=True, metavar="FILE")
    each.add_argument("--assets", metavar="FILE")
    each.add_argument("--accounts", metavar="FILE")
    each.add_argument("--prices", metavar="FILE")
    each.add_argument("--fx", metavar="FILE")
    each.add_argument("--on", type=_day, metavar="DATE", help="default: the last date known")
    each.add_argument(
        "--currency", type=str.upper, metavar="CODE", help="default: each asset's own"
    )
    each.add_argument("--by", choices=("asset", "account"), default="asset")
    each.set_defaults(run=holdings)
    if wanted != "holdings":
        from apps.engine import returns_parser
        from apps.engine.taxes import command as taxes_command

        taxes_command.add_parser(commands)
        returns_parser.add_parser(commands, _day)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; answers the exit status."""
    given = sys.argv[1:] if argv is None else argv
    args = parser(*given[:1]).parse_args(given)
    try:
        answer = args.run(args)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough; the interpreter would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
