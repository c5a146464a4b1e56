"""The ``taxes`` and ``annual`` commands: a year of one Holder's taxes, from files, as JSON."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.engine.io import (
    InputError,
    read_accounts,
    read_assets,
    read_fx,
    read_indexes,
    read_ledger,
)
from apps.engine.prices import FxTable, IndexTable
from apps.engine.taxes.model import Opening
from apps.engine.taxes.opening import OpeningError, opening_from_json
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import SettingError, TaxSettings
from apps.engine.types import Account, Asset, Issue

if TYPE_CHECKING:
    from apps.engine.taxes.assess import TaxLedger


def _year(text: str) -> int:
    if not (text.isdigit() and 1900 <= int(text) <= 9998):
        raise argparse.ArgumentTypeError(f"not a year: {text!r}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO date: {text!r}") from None


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text!r}")
    try:
        TaxSettings().having([(name.strip(), value.strip())])
    except SettingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return name.strip(), value.strip()


def add_parser(commands: Any) -> None:
    """Declare the commands and their arguments."""
    for name, run, what in (
        ("taxes", run_taxes, "a year's taxes of one holder, month by month"),
        ("annual", run_annual, "the annual return of a calendar year of one holder"),
    ):
        each = commands.add_parser(name, help=what)
        _arguments(each)
        each.set_defaults(run=run)


def _arguments(each: argparse.ArgumentParser) -> None:
    each.add_argument("--ledger", required=True, metavar="FILE")
    each.add_argument("--assets", metavar="FILE")
    each.add_argument("--accounts", metavar="FILE")
    each.add_argument("--fx", metavar="FILE")
    each.add_argument("--indexes", metavar="FILE")
    each.add_argument("--rules", metavar="FILE", help="default: the law shipped with the engine")
    each.add_argument("--opening", metavar="FILE", help="what comes from before the ledger (JSON)")
    each.add_argument("--holder", metavar="NAME", help="needed where there are several")
    each.add_argument("--year", required=True, type=_year, metavar="Y")
    each.add_argument("--setting", action="append", default=[], type=_setting, metavar="K=V")
    each.add_argument(
        "--reckoned", type=_day, metavar="DATE", help="add late charges of paying on that day"
    )


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(path, 0, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(path, 0, "not UTF-8 text") from error


def _rules(path: str | None) -> RuleBook:
    if path is None:
        return RuleBook.shipped()
    text = _text(path)
    try:
        found = RuleBook.from_json(text)
    except json.JSONDecodeError as error:
        raise InputError(path, error.lineno, error.msg) from error
    except (ValueError, RecursionError) as error:
        raise InputError(path, 0, str(error)) from error
    wrong = found.unreadable(RuleBook.shipped())
    if wrong is not None:
        rule, name = wrong
        line = text.count("\n", 0, max(text.find(f'"{rule.id}"'), 0)) + 1
        reason = f"rule {rule.id!r} from {rule.start.isoformat()}: {name!r} cannot be read"
        raise InputError(path, line, reason)
    return found


def _opening(path: str | None) -> Opening:
    if path is None:
        return Opening()
    try:
        return opening_from_json(_text(path))
    except json.JSONDecodeError as error:
        raise InputError(path, error.lineno, error.msg) from error
    except (OpeningError, RecursionError) as error:
        raise InputError(path, 0, str(error)) from error


def run_taxes(args: argparse.Namespace) -> dict[str, Any]:
    """Read the files, assess, and answer the year."""
    from apps.engine.taxes.year import plain, tax_year, year_json

    taxes, issues = _assessed(args)
    answer = year_json(tax_year(taxes, args.year))
    answer["issues"] = plain(issues) + answer["issues"]
    return answer


def run_annual(args: argparse.Namespace) -> dict[str, Any]:
    """Read the files, assess, and answer the annual return of the year."""
    from apps.engine.taxes.annual import annual_return
    from apps.engine.taxes.year import plain

    taxes, issues = _assessed(args)
    answer = annual_return(taxes, args.year).to_plain()
    answer["issues"] = plain(issues) + answer["issues"]
    return answer


def _assessed(args: argparse.Namespace) -> tuple[TaxLedger, list[Issue]]:
    # Imported here: the other commands should not wait for it.
    from apps.engine.taxes.assess import assess
    from apps.engine.taxes.prepare import holders_of

    issues: list[Issue] = []
    assets: dict[str, Asset] = {}
    accounts: dict[str, Account] = {}
    fx, indexes = FxTable(), IndexTable()
    if args.assets:
        assets, found = read_assets(args.assets)
        issues += found
    if args.accounts:
        accounts, found = read_accounts(args.accounts)
        issues += found
    if args.fx:
        fx, found = read_fx(args.fx)
        issues += found
    if args.indexes:
        indexes, found = read_indexes(args.indexes)
        issues += found
    rules, opening = _rules(args.rules), _opening(args.opening)
    ledger = read_ledger(args.ledger, assets, accounts)
    issues += ledger.issues
    holders = holders_of(ledger.rows, accounts)
    holder = args.holder or holders[0]
    if holder not in holders:
        raise InputError(args.accounts or args.ledger, 0, f"no holder {holder!r}")
    if args.holder is None and len(holders) > 1:
        raise InputError(args.accounts or args.ledger, 0, f"--holder is one of {holders}")
    taxes = assess(
        ledger.rows,
        assets,
        accounts,
        rules=rules,
        until=args.year,
        settings=TaxSettings().having(args.setting),
        opening=opening,
        fx=fx,
        indexes=indexes,
        holder=holder,
        reckoned=args.reckoned,
    )
    return taxes, issues
