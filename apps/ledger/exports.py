"""The ledger as the exchange files of Exitus: what another workspace needs to rebuild it.

Columns are those of the engine's files (``apps.engine.io``). Decimals are plain, with a point and
without exponent; unknown is empty. Free-text notes are protected from spreadsheets that would run
them: an apostrophe stands before a leading ``=``, ``+``, ``-`` or ``@``; the import takes it off.
Events of the market are written out as rows, so that whoever reads the files needs no list of them.
"""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import engine_assets
from apps.brokers.models import Account
from apps.brokers.selectors import accounts_of
from apps.corporate_events.expansion import expand
from apps.corporate_events.selectors import events_for_assets
from apps.engine import types as engine
from apps.engine.io.ledger import LEDGER_COLUMNS
from apps.engine.io.tables import ACCOUNT_COLUMNS, ASSET_COLUMNS
from apps.ledger.models import Transaction
from apps.ledger.selectors import engine_rows, held_asset_ids

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


@dataclass(frozen=True, slots=True)
class _Named:
    """What the files name: assets with their codes, accounts, and the events written as rows."""

    assets: Sequence[Asset]
    codes: Mapping[uuid.UUID, str]
    accounts: Sequence[Account]
    events: Sequence[engine.Row]


def _named(access: Access) -> _Named:
    ids = held_asset_ids(workspace_id=access.workspace.pk)
    accounts = list(accounts_of(access=access))
    events = _events(access, ids, accounts)
    ids |= {uuid.UUID(row.to_asset) for row in events if row.to_asset}
    found = Asset.objects.select_related("underlying", "terms")
    by_id = {asset.pk: asset for asset in found.filter(pk__in=ids)}
    beneath = {asset.underlying_id for asset in by_id.values() if asset.underlying_id} - set(by_id)
    by_id |= {asset.pk: asset for asset in found.filter(pk__in=beneath)}
    assets = sorted(by_id.values(), key=lambda a: (a.ticker, a.market, str(a.pk)))
    return _Named(assets, _codes(assets), accounts, events)


def _events(
    access: Access, ids: set[uuid.UUID], accounts: Iterable[Account]
) -> Sequence[engine.Row]:
    """Events of the market as rows of those who held: another installation may not know them."""
    workspace_id = access.workspace.pk
    events = events_for_assets(workspace_id=workspace_id, asset_ids=ids)
    if not events:
        return ()
    ids = ids | {event.to_asset_id for event in events if event.to_asset_id is not None}
    named = {
        str(a.pk): engine.Account(str(a.pk), str(a.institution_id), str(a.holder_id), a.currency)
        for a in accounts
    }
    rows = engine_rows(workspace_id=workspace_id)
    return sorted(expand(rows, engine_assets(asset_ids=ids), named, events), key=lambda r: r.date)


def ledger_csv(*, access: Access) -> Iterator[str]:
    """``ledger.csv`` in pieces, in the order of the ledger. A fixed number of queries."""
    return _ledger(access, _named(access))


def _ledger(access: Access, named: _Named) -> Iterator[str]:
    rows = (
        Transaction.objects.of(access.workspace.pk)
        .select_related("account")
        .chronological()
        .iterator(chunk_size=CHUNK)
    )
    return _lines(LEDGER_COLUMNS, _with_events(rows, named))


def _with_events(rows: Iterable[Transaction], named: _Named) -> Iterator[list[str]]:
    """The ledger's rows, each day's events before them: they take effect at the open."""
    accounts = {str(account.pk): account.name for account in named.accounts}
    waiting = list(reversed(named.events))
    for row in rows:
        while waiting and waiting[-1].date <= row.trade_date:
            yield _event_row(waiting.pop(), named.codes, accounts)
        yield _ledger_row(row, named.codes)
    while waiting:
        yield _event_row(waiting.pop(), named.codes, accounts)


def _ledger_row(row: Transaction, codes: Mapping[uuid.UUID, str]) -> list[str]:
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


def _event_row(
    row: engine.Row, codes: Mapping[uuid.UUID, str], accounts: Mapping[str, str]
) -> list[str]:
    return [
        row.date.isoformat(),
        "",
        row.kind.value,
        codes[uuid.UUID(row.asset)] if row.asset else "",
        accounts[row.account],
        plain(row.quantity),
        plain(row.unit_price),
        plain(row.amount),
        "",
        "",
        row.currency,
        "",
        plain(row.ratio),
        codes[uuid.UUID(row.to_asset)] if row.to_asset else "",
        plain(row.cost_share),
        protected(row.note),
        "",
    ]


def assets_csv(*, access: Access) -> Iterator[str]:
    """``assets.csv``: every asset the ledger names, and what their options stand on."""
    return _assets(_named(access))


def _assets(named: _Named) -> Iterator[str]:
    return _lines(ASSET_COLUMNS, (_asset_row(asset, named.codes) for asset in named.assets))


def _asset_row(asset: Asset, codes: Mapping[uuid.UUID, str]) -> list[str]:
    underlying = asset.underlying
    return [
        codes[asset.pk],
        asset.asset_class,
        asset.market,
        asset.currency,
        protected(asset.issuer),
        codes.get(underlying.pk, underlying.ticker) if underlying is not None else "",
        asset.option_type,
        plain(asset.strike),
        asset.expiry.isoformat() if asset.expiry else "",
        plain(asset.multiplier),
        "" if asset.term_days is None else str(asset.term_days),
        protected(asset.name),
        *_terms(asset),
        asset.isin,
        asset.cnpj,
        protected(asset.sector),
        asset.country,
        asset.quote_symbol,
        asset.tax_class,
    ]


def _terms(asset: Asset) -> list[str]:
    terms = getattr(asset, "terms", None)
    if terms is None:
        return [""] * 7
    return [
        terms.indexer,
        plain(terms.percent),
        plain(terms.rate),
        plain(terms.unit_value),
        terms.issue_date.isoformat(),
        terms.maturity.isoformat() if terms.maturity else "",
        str(terms.index_lag),
    ]


def accounts_csv(*, access: Access) -> Iterator[str]:
    """``accounts.csv``: every account of the workspace."""
    return _accounts(accounts_of(access=access))


def _accounts(accounts: Iterable[Account]) -> Iterator[str]:
    rows = (
        [account.name, account.institution.name, account.holder.name, account.currency]
        for account in accounts
    )
    return _lines(ACCOUNT_COLUMNS, rows)


def workspace_zip(*, access: Access) -> bytes:
    """The three files in one archive; the import page takes it whole."""
    named = _named(access)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in (
            ("ledger.csv", _ledger(access, named)),
            ("assets.csv", _assets(named)),
            ("accounts.csv", _accounts(named.accounts)),
        ):
            with archive.open(name, "w") as member:
                for piece in pieces:
                    member.write(piece.encode())
    return buffer.getvalue()
