"""Reads the ledger file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from apps.engine.io.tables import BadCell, CellReader, bad_row, no_extra, read_text, table_of
from apps.engine.kinds import AssetClass, Bucket, Kind
from apps.engine.types import Account, Asset, Issue, Row

LEDGER_COLUMNS = [
    "date",
    "time",
    "kind",
    "asset",
    "account",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "currency",
    "fx_rate",
    "ratio",
    "to_asset",
    "cost_share",
    "note",
    "bucket",
]

_KINDS = {kind.value: kind for kind in Kind}
# Declarations to the Brazilian revenue, always in its currency.
_TAX_KINDS = frozenset({Kind.OPENING_LOSS, Kind.DARF_PAYMENT})
_HOME = "BRL"
_HOME_MARKETS = frozenset({"B3", "BR"})
# Classes that only Brazil has, whatever their market.
_HOME_CLASSES = frozenset(
    {
        AssetClass.STOCK,
        AssetClass.UNIT,
        AssetClass.FII,
        AssetClass.FIAGRO,
        AssetClass.FI_INFRA,
        AssetClass.ETF,
        AssetClass.ETF_FIXED_INCOME,
        AssetClass.BDR,
        AssetClass.TREASURY,
        AssetClass.CDB,
        AssetClass.LCI,
        AssetClass.LCA,
        AssetClass.CRI,
        AssetClass.CRA,
        AssetClass.DEBENTURE,
        AssetClass.DEBENTURE_INFRA,
    }
)
_BUCKETS = frozenset(bucket.value for bucket in Bucket)


@dataclass(slots=True)
class Ledger:
    """Rows read from a ledger file and what was wrong with the others."""

    rows: list[Row]
    issues: list[Issue]


def read_ledger(
    path: str,
    assets: Mapping[str, Asset] | None = None,
    accounts: Mapping[str, Account] | None = None,
) -> Ledger:
    """Ledger rows; ``ref`` is the line. An empty currency is the asset's, else the account's, else
    that of the only country that has such assets."""
    header, table = table_of(path, read_text(path), LEDGER_COLUMNS, ["date", "kind"])
    width = len(header)
    at = [header.index(name) if name in header else width for name in LEDGER_COLUMNS]
    reader = CellReader()
    days, number = reader.days, reader.number
    rows: list[Row] = []
    issues: list[Issue] = []
    for line, cells in table:
        try:
            if len(cells) != width:
                no_extra(cells, width)
                del cells[width:]
            cells.append("")  # where absent columns point to
            (
                day,
                clock,
                kind,
                asset,
                account,
                quantity,
                unit_price,
                amount,
                fees,
                withheld,
                currency,
                fx_rate,
                ratio,
                to_asset,
                cost_share,
                note,
                bucket,
            ) = [cells[place] for place in at]
            known = _KINDS.get(kind) or _KINDS.get(kind.strip())
            if known is None:
                raise BadCell("unknown kind", "kind", kind)
            if bucket and known in _TAX_KINDS and bucket.strip() not in _BUCKETS:
                raise BadCell("unknown bucket", "bucket", bucket)
            if currency and not currency.isalpha():
                raise BadCell("not a currency code", "currency", currency)
            row = Row(
                str(line),
                line,
                days.get(day) or reader.day(day),
                known,
                account,
                currency or _currency(known, asset, account, assets, accounts),
                asset or None,
                _clock(clock) if clock else None,
                number(quantity, "quantity") if quantity else None,
                number(unit_price, "unit_price") if unit_price else None,
                number(amount, "amount") if amount else None,
                number(fees, "fees") if fees else None,
                number(withheld, "tax_withheld") if withheld else None,
                number(fx_rate, "fx_rate") if fx_rate else None,
                number(ratio, "ratio") if ratio else None,
                to_asset or None,
                number(cost_share, "cost_share") if cost_share else None,
                bucket.strip() or None,
                note,
            )
            if not row.currency and (row.amount is not None or row.unit_price is not None):
                raise BadCell("empty", "currency", "")
        except BadCell as error:
            issues.append(bad_row(path, line, error))
            continue
        rows.append(row)
    return Ledger(rows, issues)


def _clock(text: str) -> time | None:
    try:
        found = time.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise BadCell("not an ISO time", "time", text) from error
    return None if found is None else found.replace(tzinfo=None)


def _currency(
    kind: Kind,
    asset: str,
    account: str,
    assets: Mapping[str, Asset] | None,
    accounts: Mapping[str, Account] | None,
) -> str:
    if asset and assets and asset in assets and assets[asset].currency:
        return assets[asset].currency
    if kind in _TAX_KINDS:
        return _HOME
    stated = accounts[account].currency if accounts and account in accounts else ""
    known = assets.get(asset) if assets and not stated else None
    if known is not None and (
        known.market in _HOME_MARKETS or (not known.market and known.asset_class in _HOME_CLASSES)
    ):
        return _HOME
    return stated
