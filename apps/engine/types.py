"""The plain data the engine reads and answers with.

Money, quantities and rates are ``Decimal``; dates are calendar dates in the zone of the
exchange. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from apps.engine.kinds import AssetClass, Indexer, Kind

DEFAULT_HOLDER = "default"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a figure cannot hide: ``code`` names it, ``where`` is the row reference (or
    asset) it concerns, ``params`` are the plain values a message needs."""

    code: str
    where: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, unsafe_hash=True)
class Row:
    """One ledger row.

    ``ref`` identifies the row to the caller (file line or database id) and ``seq`` is its place
    in the file, the last tie-breaker within a day. Quantities are positive: the kind gives the
    sign. ``amount`` is the gross total and wins over ``unit_price``. ``to_asset`` holds the other
    asset of an event, or the other currency of an ``fx`` row. ``fees`` and ``tax_withheld`` are
    ``None`` when unknown.

    Nobody changes a row. It is not frozen because a frozen one takes eight times as long to make,
    and they are made by the ten thousand.
    """

    ref: str
    seq: int
    date: date
    kind: Kind
    account: str
    currency: str
    asset: str | None = None
    time: time | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    fees: Decimal | None = None
    tax_withheld: Decimal | None = None
    fx_rate: Decimal | None = None
    ratio: Decimal | None = None
    to_asset: str | None = None
    cost_share: Decimal | None = None
    bucket: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FixedIncomeTerms:
    """How a fixed-income paper yields.

    ``percent`` is a fraction of the index (1.10 = 110 % of CDI), ``rate`` the yearly rate or
    spread as a fraction (0.06 = 6 % a year over 252 business days), ``unit_value`` the price of
    one unit on ``issue_date`` (the day it starts to yield). ``index_lag`` is how many months before
    a period's first month the monthly index that corrects it lies (0 = Treasury, 1 = most papers).
    """

    indexer: Indexer
    issue_date: date
    maturity: date | None
    unit_value: Decimal
    percent: Decimal = Decimal(1)
    rate: Decimal = Decimal(0)
    index_lag: int = 1


@dataclass(frozen=True, slots=True)
class Asset:
    """What the engine must know of an asset. ``code`` is the key used by ledger rows.

    ``country`` (ISO code) is where its income is taxed at source, ``cnpj`` that of the issuer or
    fund. ``tax_class`` says what the class of a fund leaves open: ``long`` (also when empty),
    ``short``, ``equity``, ``entity`` (FIDC, FIP) or ``exempt``; of a share ``sme``, one of a
    small or medium company.
    """

    code: str
    asset_class: AssetClass | None = None
    market: str = ""
    currency: str = ""
    issuer: str = ""
    underlying: str | None = None
    option_type: str = ""
    strike: Decimal | None = None
    expiry: date | None = None
    multiplier: Decimal = Decimal(1)
    term_days: int | None = None
    name: str = ""
    terms: FixedIncomeTerms | None = None
    country: str = ""
    isin: str = ""
    cnpj: str = ""
    tax_class: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Where rows happen. Legal cost is kept per ``holder`` across accounts."""

    code: str
    institution: str = ""
    holder: str = DEFAULT_HOLDER
    currency: str = ""
