"""A ledger with the names people and the law use: tickers for assets, names for institutions.

The engine's annual return, payers and odd-lot tickers are read off those names; the tables of the
app know ids. ``codes`` lead back from a name to its id.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from apps.assets.models import Asset
from apps.brokers.models import Institution
from apps.engine import types as engine
from apps.portfolios.loading import Ledger


@dataclass(frozen=True, slots=True)
class Coded:
    """``ledger`` by names; ``codes`` gives the id of each asset's name, ``cnpjs`` those of the
    institutions by name."""

    ledger: Ledger
    codes: dict[str, str]
    cnpjs: dict[str, str]


def coded(ledger: Ledger) -> Coded:
    """The ledger by names. Two queries."""
    names = _names(ledger.assets)
    assets = {
        names[pk]: replace(
            asset,
            code=names[pk],
            underlying=names.get(asset.underlying or "", asset.underlying),
        )
        for pk, asset in ledger.assets.items()
        if pk in names
    }
    accounts, cnpjs = _accounts(ledger.accounts)
    rows = [_row(row, names) if row.asset or row.to_asset else row for row in ledger.rows]
    codes = {name: pk for pk, name in names.items()}
    return Coded(Ledger(rows, assets, accounts, ledger.fx), codes, cnpjs)


def _row(row: engine.Row, names: Mapping[str, str]) -> engine.Row:
    asset = names.get(row.asset, row.asset) if row.asset else None
    other = names.get(row.to_asset, row.to_asset) if row.to_asset else None
    return engine.Row(
        row.ref,
        row.seq,
        row.date,
        row.kind,
        row.account,
        row.currency,
        asset,
        row.time,
        row.quantity,
        row.unit_price,
        row.amount,
        row.fees,
        row.tax_withheld,
        row.fx_rate,
        row.ratio,
        other,
        row.cost_share,
        row.bucket,
        row.note,
    )


def _names(assets: Mapping[str, engine.Asset]) -> dict[str, str]:
    """A name for each asset: its ticker; two of one ticker are told apart."""
    rows = Asset.objects.filter(pk__in=[uuid.UUID(pk) for pk in assets]).order_by(
        "ticker", "workspace_id", "market", "pk"
    )
    found: dict[str, str] = {}
    taken: set[str] = set()
    for pk, ticker, market in rows.values_list("pk", "ticker", "market"):
        name, number = ticker, 1
        while name in taken:
            name = f"{ticker}:{market}" if number == 1 else f"{ticker}:{number}"
            number += 1
        taken.add(name)
        found[str(pk)] = name
    return found


def _accounts(
    accounts: Mapping[str, engine.Account],
) -> tuple[dict[str, engine.Account], dict[str, str]]:
    ids = {uuid.UUID(account.institution) for account in accounts.values()}
    names: dict[str, str] = {}
    cnpjs: dict[str, str] = {}
    for pk, name, cnpj in (
        Institution.objects.filter(pk__in=ids)
        .order_by("name", "pk")
        .values_list("pk", "name", "cnpj")
    ):
        unique = name if name not in names.values() else f"{name} ({str(pk)[:4]})"
        names[str(pk)] = unique
        cnpjs[unique] = cnpj
    return {
        code: replace(account, institution=names.get(account.institution, account.institution))
        for code, account in accounts.items()
    }, {name: cnpj for name, cnpj in cnpjs.items() if cnpj}
