"""Runs the engine over a workspace's ledger and turns what it says into plain JSON.

Keys are those of ``python -m apps.engine taxes``; decimals are text, dates ISO, unknown is null.
"""

from __future__ import annotations

import datetime as dt
import gc
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from django.utils import timezone

from apps.accounts.models import Holder
from apps.engine.prices import IndexTable
from apps.engine.taxes.annual import annual_return
from apps.engine.taxes.assess import TaxLedger, assess
from apps.engine.taxes.beside import OtherDarf
from apps.engine.taxes.held import Held, held_of
from apps.engine.taxes.model import MonthAssessment, Opening
from apps.engine.taxes.monthly import month_index
from apps.engine.taxes.rules import RuleBook, RuleMissing
from apps.engine.taxes.scope import HOME
from apps.engine.taxes.standing import standing_json, standing_of
from apps.engine.taxes.year import TaxYear, tax_year
from apps.engine.types import Issue, Row
from apps.market_data.selectors import index_table
from apps.portfolios.loading import Ledger, ledger_load
from apps.taxes.choices import parsed
from apps.taxes.coding import coded
from apps.taxes.law import rule_book
from apps.taxes.models import ANNUAL

# Raised when the engine answers otherwise for the same rows, or other figures are stored.
LAYOUT = 4
#: Returns made with the months: those of this year and of the last; older ones when asked for.
RETURNS_BACK = 1
_MONTH = (
    "month",
    "stock_sales",
    "gold_sales",
    "exempt_gain",
    "exempt_gain_gold",
    "buckets",
    "tax_due",
    "darf",
    "incomplete",
)
_YEAR = (
    "crypto",
    "gcap",
    "monthly_income",
    "dividends",
    "withheld_at_source",
    "irpfm",
    "issues",
)
_ANNUAL = (
    "filing",
    "assets",
    "exempt",
    "exclusive",
    "sheets",
    "fund_sheets",
    "debts",
    "losses",
    "withheld_left",
    "revar",
    "totals",
    "issues",
)
_ABROAD = ("lines", "parts", "issues")
INDEXES = ("CDI", "SELIC", "SELIC_MONTHLY", "IPCA", "IGPM")


@dataclass(frozen=True, slots=True)
class Piece:
    """A month, a year (``month`` 0), an annual return (13), or what is held (year 0): what lists
    show and what explains it."""

    year: int
    month: int
    figures: dict[str, Any]
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assessed:
    """A holder, whole."""

    pieces: list[Piece]
    issues: list[Issue]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What assessing any holder of a workspace needs, read once."""

    ledger: Ledger
    codes: dict[str, str]
    cnpjs: dict[str, str]
    rules: RuleBook
    indexes: IndexTable
    today: dt.date

    def ledger_of(
        self, *, holder: Holder, extra: Sequence[Row] = (), until: int | None = None
    ) -> TaxLedger:
        """The engine's assessment of a holder, with rows that did not happen after the others."""
        settings = getattr(holder, "tax_settings", None)
        last = max((row.date.year for row in self.ledger.rows), default=self.today.year)
        return assess(
            [*self.ledger.rows, *extra],
            self.ledger.assets,
            self.ledger.accounts,
            rules=self.rules,
            until=until or max(last, self.today.year),
            settings=parsed(settings.values if settings else {}),
            opening=opening_of(holder),
            fx=self.ledger.fx,
            indexes=self.indexes,
            holder=str(holder.pk),
        )

    def assess(self, *, holder: Holder) -> Assessed:
        """Every month and year of a holder, as stored. Empty for one who never had a row."""
        own = {c for c, a in self.ledger.accounts.items() if a.holder == str(holder.pk)}
        if not any(row.account in own for row in self.ledger.rows):
            return Assessed([], [])
        return assessed(self.ledger_of(holder=holder), self)


@contextmanager
def uncollected() -> Iterator[None]:
    """No collector meanwhile: nothing that is read and made of a ledger is cyclic, and it would
    walk all of it many times."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def inputs_load(
    *, workspace_id: uuid.UUID, asset_ids: Collection[uuid.UUID | None] | None = None
) -> Inputs:
    """Rows, assets, accounts, rates, indexes and rules. A fixed number of queries.

    With ``asset_ids`` only rows of those assets, and no index: they serve late payments alone.
    """
    found = coded(ledger_load(workspace_id=workspace_id, asset_ids=asset_ids, home=HOME))
    return Inputs(
        found.ledger,
        found.codes,
        found.cnpjs,
        rule_book(),
        index_table(names=INDEXES) if asset_ids is None else IndexTable(),
        timezone.localdate(),
    )


def opening_of(holder: Holder) -> Opening:
    """What the holder brings, as the engine takes it. Costs are in the ledger already."""
    opening = getattr(holder, "tax_opening", None)
    if opening is None:
        return Opening()
    items = list(opening.items.all())
    return Opening(
        date=opening.date,
        losses={item.bucket: item.loss for item in items},
        withheld={item.bucket: item.withheld for item in items},
        darf=opening.darf,
    )


def assessed(found: TaxLedger, inputs: Inputs) -> Assessed:
    """A holder's assessment as pieces: every month, every year, what is held."""
    pieces: list[Piece] = []
    issues: dict[str, Issue] = {}
    for year in range(_first_year(found), found.until + 1):
        try:
            whole = tax_year(found, year)
            if year >= inputs.today.year - RETURNS_BACK:
                pieces.append(annual_piece(found, year, inputs, whole))
        except RuleMissing as error:
            params = {"rule": error.rule_id, "date": error.day.isoformat()}
            issue = Issue("tax_rule_missing", str(year), params)
            issues.setdefault(repr(issue), issue)
            pieces += [month_piece(found, month) for month in found.months(year)]
            continue
        pieces += [month_piece(found, month) for month in whole.months]
        pieces.append(year_piece(whole))
        for issue in whole.issues:
            issues.setdefault(repr(issue), issue)
    held = [_held(each) for each in held_of(found)]
    pieces.append(Piece(0, 0, {}, {"held": held, "codes": inputs.codes}))
    return Assessed(pieces, list(issues.values()))


def _first_year(found: TaxLedger) -> int:
    """That of the first row, unless an opening says what came before."""
    first = min((row.date.year for row in found.ctx.rows), default=found.until)
    opening = found.ctx.opening.date
    return max(first, opening.year) if opening else first


def _held(each: Held) -> dict[str, Any]:
    kept: dict[str, Any] = plain(each)
    return {name: value for name, value in kept.items() if value not in ([], "")}


def month_piece(found: TaxLedger, month: MonthAssessment) -> Piece:
    """One month of the exchange, with where it stands for sales that are only supposed."""
    year, number = month.month.split("-")
    figures = {name: plain(getattr(month, name)) for name in _MONTH}
    figures["issues"] = plain(month.blocking)
    detail = {"parts": plain(month.parts)}
    standing = standing_of(found, month_index(dt.date(int(year), int(number), 1)))
    if standing is not None:
        detail["standing"] = standing_json(standing)
    return Piece(int(year), int(number), figures, detail)


def year_piece(year: TaxYear) -> Piece:
    """One year beside its months. Of what is abroad lists show the sums only."""
    abroad = plain(year.abroad)
    lines = {name: plain(getattr(year.abroad, name)) for name in _ABROAD} if abroad else {}
    for name in lines:
        abroad.pop(name, None)
    figures = {"year": year.year, "abroad": abroad, "withheld_left": plain(year.withheld_left)}
    figures["other_darfs"] = [_form(form) for form in year.other_darfs]
    detail = {name: plain(getattr(year, name)) for name in _YEAR}
    return Piece(year.year, 0, figures, {"abroad_lines": lines, **detail})


def _form(form: OtherDarf) -> dict[str, Any]:
    """A form of another code than the exchange's, as those of the months are kept."""
    kept: dict[str, Any] = plain(form)
    return {**kept.pop("darf"), **kept}


def annual_piece(
    found: TaxLedger, year: int, inputs: Inputs, whole: TaxYear | None = None
) -> Piece:
    """The annual return of a year; what its year says already is not kept twice."""
    annual = annual_return(found, year, cnpjs=inputs.cnpjs, found=whole)
    return Piece(year, ANNUAL, {}, {name: plain(getattr(annual, name)) for name in _ANNUAL})


def plain(value: Any) -> Any:
    """Whatever the engine answers as JSON."""
    kind = type(value)
    return value if kind is str or value is None else _writer(kind)(value)  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _writer(kind: type) -> Callable[[Any], Any]:
    """How values of a type are written: an assessment holds hundreds of thousands of few types."""
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, str | int):
        return lambda value: value
    if issubclass(kind, Decimal):
        return number
    if issubclass(kind, dt.date):
        return kind.isoformat
    if issubclass(kind, Mapping):
        return _mapping
    names = [each.name for each in fields(kind) if each.repr] if is_dataclass(kind) else None
    names = list(getattr(kind, "_fields", ())) if names is None else names
    if names:
        return partial(_record, names)
    if issubclass(kind, Iterable):
        return lambda values: [plain(each) for each in values]
    raise TypeError(f"no JSON for {kind.__name__}")


def _mapping(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): plain(each) for key, each in values.items()}


def _record(names: Sequence[str], value: Any) -> dict[str, Any]:
    return {name: plain(getattr(value, name)) for name in names}


def number(value: Decimal) -> str:
    """A decimal without exponent and trailing zeros; at most ten decimals, as amounts are kept."""
    text = format(value, "f")
    dot = text.find(".")
    if dot < 0:
        return "0" if text == "-0" else text
    if len(text) - dot > 11:
        text = format(round(value, 10), "f")
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
