"""Recording what a person typed: new codes become assets of the workspace on the way."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import assets_of
from apps.assets.services import asset_create
from apps.common.errors import Conflict
from apps.ledger.models import Transaction
from apps.ledger.services.input import TransactionInput
from apps.ledger.services.write import transaction_record, transaction_update


@transaction.atomic
def transaction_enter(
    *,
    access: Access,
    data: TransactionInput,
    row: Transaction | None = None,
    unchanged_since: str = "",
) -> Transaction:
    """Records ``data``, or changes ``row`` to it, making its assets that are not stored yet.

    ``unchanged_since`` is the ``updated_at`` (ISO) the person saw. Raises :class:`Invalid`,
    :class:`NotFound` when the row was deleted meanwhile, :class:`Conflict` when it was changed.
    """
    access.require_editor()
    data = replace(
        data,
        asset=asset_stored(access=access, asset=data.asset),
        to_asset=asset_stored(access=access, asset=data.to_asset),
    )
    if row is None:
        return transaction_record(access=access, data=data)
    if unchanged_since and row.updated_at.isoformat() != unchanged_since:
        raise Conflict(
            "changed_meanwhile",
            _("Este lançamento mudou enquanto você o editava; confira e grave de novo."),
        )
    return transaction_update(access=access, row=row, data=data)


def asset_stored(*, access: Access, asset: Asset | None) -> Asset | None:
    """``asset`` itself, or the workspace's new one when it is not stored yet."""
    if asset is None or not asset._state.adding:
        return asset
    # The same new code may stand on several lines of one form.
    made = assets_of(access=access).filter(ticker__iexact=asset.ticker, market=asset.market).first()
    if made is not None:
        return made
    return asset_create(
        access=access,
        ticker=asset.ticker,
        asset_class=asset.asset_class,
        market=asset.market,
        currency=asset.currency,
    )
