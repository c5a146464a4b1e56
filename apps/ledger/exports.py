"""The ledger as the exchange files of Exitus: what another workspace needs to rebuild it.

Columns are those of the engine's files (``apps.engine.io``). Decimals are plain, with a point and
without exponent; unknown is empty. Free-text notes are protected from spreadsheets that would run
them: an apostrophe stands before a leading ``=``, ``+``, ``-`` or ``@``.
"""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.selectors import accounts_of
from apps.engine.io.ledger import LEDGER_COLUMNS
from apps.engine.io.tables import ACCOUNT_COLUMNS, ASSET_COLUMNS
from apps.ledger.models import Transaction
from apps.ledger.selectors import held_asset_ids

CHUNK = 2000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Decimal | None) -> str:
    """``value`` without exponent and trailing zeros; empty when unknown."""
    if value is None:
        return ""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def protected(text: str) -> str:
    """Free text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _lines(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")

    def taken() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    writer.writerow(columns)
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > 32_768:
            yield taken()
    yield taken()


def _codes(assets: Iterable[Asset]) -> dict[uuid.UUID, str]:
    """A code for each asset: its ticker, with market where two would be the same."""
    codes: dict[uuid.UUID, str] = {}
    taken: set[str] = set()
    for asset in assets:
        code = asset.ticker
        number = 1
        while code in taken:
            code = f"{asset.ticker}:{asset.market}" if number == 1 else f"{asset.ticker}:{number}"
            number += 1
        taken.add(code)
        codes[asset.pk] = code
    return codes


def _named_assets(access: Access) -> list[Asset]:
    named = held_asset_ids(workspace_id=access.workspace.pk)
    found = Asset.objects.select_related("underlying").filter(pk__in=named)
    return list(found.order_by("ticker", "market", "pk"))


def ledger_csv(*, access: Access) -> Iterator[str]:
    """``ledger.csv`` in pieces, in the order of the ledger. A fixed number of queries."""
    codes = _codes(_named_assets(access))
    rows = (
        Transaction.objects.of(access.workspace.pk)
        .select_related("account")
        .chronological()
        .iterator(chunk_size=CHUNK)
    )
    return _lines(LEDGER_COLUMNS, (_ledger_row(row, codes) for row in rows))


def _ledger_row(row: Transaction, codes: dict[uuid.UUID, str]) -> list[str]:
    target = codes[row.to_asset_id] if row.to_asset_id else row.to_currency
    return [
        row.trade_date.isoformat(),
        row.trade_time.isoformat() if row.trade_time else "",
        row.kind,
        codes[row.asset_id] if row.asset_id else "",
        row.account.name,
        plain(row.quantity),
        plain(row.unit_price),
        plain(row.amount),
        plain(row.fees),
        plain(row.tax_withheld),
        row.currency,
        plain(row.fx_rate),
        plain(row.ratio),
        target,
        plain(row.cost_share),
        protected(row.note),
        row.bucket,
    ]


def assets_csv(*, access: Access) -> Iterator[str]:
    """``assets.csv``: every asset the ledger names."""
    assets = _named_assets(access)
    codes = _codes(assets)
    return _lines(ASSET_COLUMNS, (_asset_row(asset, codes) for asset in assets))


def _asset_row(asset: Asset, codes: dict[uuid.UUID, str]) -> list[str]:
    underlying = asset.underlying
    return [
        codes[asset.pk],
        asset.asset_class,
        asset.market,
        asset.currency,
        asset.issuer,
        codes.get(underlying.pk, underlying.ticker) if underlying is not None else "",
        asset.option_type,
        plain(asset.strike),
        asset.expiry.isoformat() if asset.expiry else "",
        plain(asset.multiplier),
        "",
        protected(asset.name),
    ]


def accounts_csv(*, access: Access) -> Iterator[str]:
    """``accounts.csv``: every account of the workspace."""
    rows = (
        [account.name, account.institution.name, account.holder.name, account.currency]
        for account in accounts_of(access=access)
    )
    return _lines(ACCOUNT_COLUMNS, rows)


def workspace_zip(*, access: Access) -> bytes:
    """The three files in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in (
            ("ledger.csv", ledger_csv(access=access)),
            ("assets.csv", assets_csv(access=access)),
            ("accounts.csv", accounts_csv(access=access)),
        ):
            with archive.open(name, "w") as member:
                for piece in pieces:
                    member.write(piece.encode())
    return buffer.getvalue()
