"""Corporate events of the market, expanded into rows for whoever held at the ex-date."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from apps.corporate_events.models import CorporateEvent
from apps.engine.holdings import fold
from apps.engine.kinds import AssetClass, Kind
from apps.engine.types import Account, Asset, Row

# A ledger row of the same kind this close to the ex-date is the same event, as booked.
SAME_EVENT_DAYS = 15
EVENT_REF = "event:"

# Shares that a broker credits whole; the fraction goes to auction.
_WHOLE = frozenset(
    {
        AssetClass.STOCK,
        AssetClass.UNIT,
        AssetClass.FII,
        AssetClass.FIAGRO,
        AssetClass.FI_INFRA,
        AssetClass.ETF,
        AssetClass.BDR,
        AssetClass.RIGHT,
    }
)


def expand(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    events: Iterable[CorporateEvent],
) -> list[Row]:
    """Rows for ``events``, one for each account that held the asset at the open of the ex-date.

    An account that already has a row of the same kind for the asset within
    ``SAME_EVENT_DAYS`` keeps its own: the ledger wins. ``events`` come in order of ex-date;
    earlier expansions count when the quantity of a later one is found.
    """
    wanted = sorted(events, key=lambda e: (e.ex_date, str(e.pk)))
    if not wanted:
        return []
    named = {str(e.asset_id) for e in wanted} | {str(e.to_asset_id) for e in wanted}
    related = [row for row in rows if row.asset in named or row.to_asset in named]
    booked: dict[tuple[str, str, Kind], list[dt.date]] = defaultdict(list)
    for row in related:
        if row.asset is not None:
            booked[row.account, row.asset, row.kind].append(row.date)
    made: list[Row] = []
    for event in wanted:
        made += _expand_one(event, [*related, *made], booked, assets, accounts)
    return made


def _expand_one(
    event: CorporateEvent,
    rows: Sequence[Row],
    booked: Mapping[tuple[str, str, Kind], list[dt.date]],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
) -> list[Row]:
    asset = str(event.asset_id)
    kind = Kind(event.kind)
    eve = event.ex_date - dt.timedelta(days=1)
    held = fold(
        [row for row in rows if row.date <= eve], assets, accounts, by="account", on=eve
    ).holdings
    made: list[Row] = []
    for (_holder, account, code), holding in held.items():
        if code != asset or account is None or holding.quantity <= 0:
            continue
        near = booked.get((account, asset, kind), ())
        if any(abs((day - event.ex_date).days) <= SAME_EVENT_DAYS for day in near):
            continue
        row = _row(event, kind, account, holding.quantity, assets.get(asset), len(made))
        if row is not None:
            made.append(row)
    return made


def _row(
    event: CorporateEvent,
    kind: Kind,
    account: str,
    held: Decimal,
    asset: Asset | None,
    place: int,
) -> Row | None:
    ratio, unit = event.ratio, event.unit_amount
    quantity: Decimal | None = None
    if kind in (Kind.BONUS, Kind.SPIN_OFF) and ratio is not None:
        quantity = held * ratio
        if asset is None or asset.asset_class in _WHOLE:
            quantity = quantity.to_integral_value(rounding=ROUND_DOWN)
        if quantity == 0:
            return None
    amount = None
    if kind in (Kind.RETURN_OF_CAPITAL, Kind.MERGER) and unit is not None:
        amount = held * unit
    return Row(
        ref=f"{EVENT_REF}{event.pk}:{account}",
        seq=place,
        date=event.ex_date,
        kind=kind,
        account=account,
        currency=asset.currency if asset is not None and asset.currency else "BRL",
        asset=str(event.asset_id),
        quantity=quantity,
        unit_price=unit if kind == Kind.BONUS else None,
        amount=amount,
        ratio=ratio if kind in (Kind.SPLIT, Kind.MERGER) else None,
        to_asset=str(event.to_asset_id) if event.to_asset_id else None,
        cost_share=event.cost_share,
        note=event.source,
    )
