"""What a file turns into: plain lines, each with its verdict. No Django models, no database."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, fields
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from apps.engine.kinds import AssetClass, Kind

Raw = str | Decimal | date | time | bool | None


class Format(StrEnum):
    """The kinds of file that can be read."""

    EXITUS_CSV = "exitus_csv"
    EXITUS_ZIP = "exitus_zip"
    B3_NEGOCIACAO = "b3_negociacao"
    B3_MOVIMENTACAO = "b3_movimentacao"
    B3_POSICAO = "b3_posicao"
    B3_OFFERS = "b3_offers"
    GENERIC_CSV = "generic_csv"


class Action(StrEnum):
    """What becomes of a line.

    ``record`` becomes a transaction; ``reconcile`` is the settlement of a trade and becomes one
    only where no Negociação covers it; ``context`` needs the ledger (``needs`` says what);
    ``decide`` waits for the person; ``ignore`` has no effect; ``position`` is a row of a custody
    position, compared with the ledger and never recorded.
    """

    RECORD = "record"
    RECONCILE = "reconcile"
    CONTEXT = "context"
    DECIDE = "decide"
    IGNORE = "ignore"
    POSITION = "position"


class Market(StrEnum):
    """Where an exchange trade was made."""

    SPOT = "spot"
    FRACTIONAL = "fractional"
    OPTION = "option"
    EXERCISE = "exercise"
    TERM = "term"
    FUTURE = "future"
    OFFER = "offer"
    FIXED_INCOME = "fixed_income"


@dataclass(slots=True)
class ParsedLine:
    """One row of the file.

    ``number`` is the row's place in the sheet as a person counts it. ``content_key`` is a hash of
    the normalised cells without the institution, and ``occurrence`` counts identical rows of one
    institution within the file, from 1. Quantities are positive. ``amount`` is gross; ``None``
    means the file does not say.
    """

    number: int
    sheet: str
    raw: dict[str, str]
    content_key: str
    occurrence: int = 1
    action: Action = Action.RECORD
    kind: Kind | None = None
    reason: str = ""
    params: dict[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    joins: tuple[int, ...] = ()
    trade_date: date | None = None
    time: time | None = None
    settlement_date: date | None = None
    ticker: str = ""
    product_name: str = ""
    institution: str = ""
    institution_key: str = ""
    account: str = ""
    side: str = ""
    movement: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    fees: Decimal | None = None
    tax_withheld: Decimal | None = None
    currency: str = ""
    fx_rate: Decimal | None = None
    ratio: Decimal | None = None
    to_ticker: str = ""
    cost_share: Decimal | None = None
    bucket: str = ""
    note: str = ""
    market: str = ""
    asset_class_guess: AssetClass | None = None
    isin: str = ""
    cnpj: str = ""
    option_type: str = ""
    expiry: date | None = None
    underlying: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON types; ``raw`` and the keys are left to the caller."""
        out: dict[str, Any] = {}
        for name in _PLAIN:
            value = getattr(self, name)
            if not value and not isinstance(value, Decimal):
                continue
            if type(value) is str:
                pass
            elif isinstance(value, Decimal):
                value = format(value, "f")
            elif isinstance(value, date | time):
                value = value.isoformat()
            elif isinstance(value, tuple):
                value = list(value)
            out[name] = str(value) if isinstance(value, StrEnum) else value
        return out

    @classmethod
    def from_dict(cls, data: MappingABC[str, Any], **given: Any) -> ParsedLine:
        """The inverse of :meth:`to_dict`; ``given`` holds number, sheet, raw and the keys."""
        values: dict[str, Any] = dict(given)
        for name in _PLAIN:
            if name not in data:
                continue
            value = data[name]
            if name in _DECIMALS:
                value = Decimal(value)
            elif name in ("trade_date", "settlement_date", "expiry"):
                value = date.fromisoformat(value)
            elif name == "time":
                value = time.fromisoformat(value)
            elif name in ("choices", "needs", "joins"):
                value = tuple(value)
            elif name == "kind":
                value = Kind(value)
            elif name == "action":
                value = Action(value)
            elif name == "asset_class_guess":
                value = AssetClass(value)
            values[name] = value
        return cls(**values)


_DECIMALS = frozenset(
    ["quantity", "unit_price", "amount", "fees", "tax_withheld", "fx_rate", "ratio", "cost_share"]
)
_PLAIN = tuple(
    f.name
    for f in fields(ParsedLine)
    if f.name not in ("number", "sheet", "raw", "content_key", "occurrence")
)


@dataclass(frozen=True, slots=True)
class Warn:
    """Something about the whole file that the person should know."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Parsed:
    """A file that was read. ``meta`` holds what the format adds: the columns of a CSV, what a
    mapping still lacks, the day of a position."""

    format: Format
    lines: list[ParsedLine]
    meta: dict[str, Any] = field(default_factory=dict)
    warnings: list[Warn] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file was recognised as. ``sheets`` are those that will be read."""

    format: Format
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the columns of a CSV read.

    ``columns`` maps our field to the header of the file. ``decimal`` is ``","``, ``"."`` or
    ``"auto"``; ``date_order`` is ``dmy``, ``mdy``, ``ymd`` or ``auto``; ``sign`` says where the
    direction of a trade is: in a ``kind`` column, or in the sign of ``quantity`` or ``amount``
    (of cash: a purchase is negative). ``kinds`` adds words of the file to those known.
    """

    columns: dict[str, str]
    decimal: str = "auto"
    date_order: str = "auto"
    sign: str = "kind"
    currency: str = ""
    account: str = ""
    kinds: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_dict(cls, data: MappingABC[str, Any]) -> Mapping:
        """From JSON, leaving out what is not known."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be. Sizes are bytes."""

    max_bytes: int = 20 * 1024 * 1024
    max_entries: int = 500
    max_unpacked: int = 200 * 1024 * 1024
    max_ratio: int = 200
    max_rows: int = 100_000
