"""Positions held before the ledger begins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.ledger.models import Kind, Origin, Transaction
from apps.ledger.services.input import TransactionInput
from apps.ledger.services.write import transaction_record


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
    return transaction_record(
        access=access,
        data=TransactionInput(
            account=account,
            asset=asset,
            kind=Kind.TRANSFER_IN,
            trade_date=date,
            quantity=quantity,
            amount=total_cost,
            note=note,
        ),
        origin=Origin.OPENING,
    )
