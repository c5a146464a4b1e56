"""Positions held before the ledger begins."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import FieldError, Invalid
from apps.ledger.models import Kind, Origin, Transaction
from apps.ledger.services.change import lock
from apps.ledger.services.entry import asset_stored
from apps.ledger.services.input import TransactionInput
from apps.ledger.services.write import transaction_record, transactions_record_bulk


@dataclass(frozen=True, slots=True)
class OpeningPosition:
    """What was held of an asset and what it cost in all; ``total_cost`` is ``None`` if unknown.

    An asset that is not stored yet is made on the way.
    """

    asset: Asset
    quantity: Decimal
    total_cost: Decimal | None
    note: str = ""


def opening_position_record(
    *,
    access: Access,
    account: Account,
    asset: Asset,
    date: dt.date,
    quantity: Decimal,
    total_cost: Decimal | None,
    note: str = "",
) -> Transaction:
    """Records what was held on ``date`` and what it cost in all; an unknown cost stays unknown.

    It is a transfer in: it brings quantity and cost without a purchase.
    """
    position = OpeningPosition(asset, quantity, total_cost, note)
    return transaction_record(
        access=access, data=_input(account, date, position, asset), origin=Origin.OPENING
    )


def _input(
    account: Account, date: dt.date, position: OpeningPosition, asset: Asset | None
) -> TransactionInput:
    return TransactionInput(
        account=account,
        asset=asset,
        kind=Kind.TRANSFER_IN,
        trade_date=date,
        quantity=position.quantity,
        amount=position.total_cost,
        note=position.note,
    )


@transaction.atomic
def opening_positions_record(
    *,
    access: Access,
    account: Account,
    date: dt.date,
    positions: Sequence[OpeningPosition],
) -> int:
    """Records many opening positions, all or none; tells how many.

    Raises :class:`Invalid` whose errors name ``positions.<index>``: an asset given twice, or one
    that already has an opening position in this account on this day.
    """
    access.require_editor()
    if not positions:
        raise Invalid("empty", _("Informe ao menos uma posição."))
    lock(access=access)
    assets = [asset_stored(access=access, asset=position.asset) for position in positions]
    _refuse_repeated(access, account, date, assets)
    inputs = [
        _input(account, date, position, asset)
        for position, asset in zip(positions, assets, strict=True)
    ]
    try:
        ids = transactions_record_bulk(access=access, inputs=inputs, origin=Origin.OPENING)
    except Invalid as error:
        index = error.params.get("index", 0)
        named = [
            FieldError(f"positions.{index}.{e.field}", e.code, e.message) for e in error.errors
        ]
        raise Invalid(error.code, error.message, errors=named) from None
    return len(ids)


def _refuse_repeated(
    access: Access, account: Account, date: dt.date, assets: Sequence[Asset | None]
) -> None:
    present: set[uuid.UUID | None] = set(
        Transaction.objects.of(access.workspace.pk)
        .filter(account=account, trade_date=date, origin=Origin.OPENING)
        .values_list("asset_id", flat=True)
    )
    errors: list[FieldError] = []
    for index, asset in enumerate(assets):
        key = asset.pk if asset is not None else None
        if key in present:
            message = _("Este ativo já tem posição de abertura nesta conta e data.")
            errors.append(FieldError(f"positions.{index}.asset", "repeated", message))
        present.add(key)
    if errors:
        raise Invalid("repeated", _("Há posições repetidas."), errors=errors)
