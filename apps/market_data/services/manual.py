"""Prices a person types: seen in their workspace only."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import asset_get
from apps.common.errors import Invalid, NotFound
from apps.market_data.models import Price
from apps.market_data.services.state import market_touch

MANUAL = "manual"
LARGEST = Decimal(10) ** 15
STEP = Decimal("1E-10")


@transaction.atomic
def price_record_manual(
    *, access: Access, asset: Asset | uuid.UUID | str, date: dt.date, price: Decimal
) -> Price:
    """Records or replaces the workspace's own price of a day, in the asset's currency.

    Raises ``NotFound`` for an asset the workspace does not see and ``Invalid`` for a price that
    is not above zero or a day to come.
    """
    access.require_editor()
    asset_id = asset.pk if isinstance(asset, Asset) else asset
    visible = asset_get(access=access, asset_id=asset_id)
    if not price.is_finite() or price <= 0 or price >= LARGEST:
        raise Invalid("invalid_price", _("Informe um preço acima de zero."), field="price")
    close = price.quantize(STEP, rounding=ROUND_HALF_EVEN)
    if close <= 0:
        raise Invalid("invalid_price", _("Informe um preço acima de zero."), field="price")
    if date > timezone.localdate():
        raise Invalid("future_date", _("O preço não pode ser de um dia futuro."), field="date")
    row, _created = Price.objects.update_or_create(
        workspace=access.workspace,
        asset=visible,
        date=date,
        defaults={"close": close, "source": MANUAL, "adjustment_factor": Decimal(1)},
    )
    market_touch(asset_ids=[visible.pk], workspace_id=access.workspace.pk)
    return row


@transaction.atomic
def price_delete_manual(*, access: Access, price_id: int) -> None:
    """Takes one of the workspace's own prices back. Raises ``NotFound``."""
    access.require_editor()
    row = Price.objects.filter(workspace=access.workspace, pk=price_id).first()
    if row is None:
        raise NotFound("not_found", _("Não encontramos este preço."))
    asset_id = row.asset_id
    row.delete()
    market_touch(asset_ids=[asset_id], workspace_id=access.workspace.pk)
