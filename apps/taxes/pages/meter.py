"""How far the sale being typed is from the month's exemption."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.accounts.access import Access
from apps.accounts.selectors import holder_default
from apps.assets.models import AssetClass
from apps.brokers.selectors import accounts_of
from apps.ledger.selectors import asset_by_text
from apps.taxes import selectors

#: Classes whose sales count against the limit.
SHARES = frozenset({AssetClass.STOCK, AssetClass.UNIT})


def meter_page(*, access: Access, typed: dict[str, Any]) -> dict[str, Any]:
    """The meter with the sale, None where what is typed is no sale of shares or gold."""
    if typed.get("kind") != "sell" or not typed.get("asset"):
        return {"meter": None}
    asset = asset_by_text(access=access, text=typed["asset"])
    if asset is None or asset.asset_class not in {*SHARES, AssetClass.GOLD}:
        return {"meter": None}
    account = None
    if typed.get("account"):
        account = accounts_of(access=access).filter(pk=typed["account"]).first()
    holder = account.holder if account else holder_default(access=access)
    found = selectors.exemption_meter(
        access=access,
        holder=holder,
        on=typed.get("trade_date"),
        sale=_sale(typed),
        gold=asset.asset_class == AssetClass.GOLD,
    )
    return {"meter": found, "holder": holder}


def _sale(typed: dict[str, Any]) -> Decimal:
    quantity, price = typed.get("quantity"), typed.get("unit_price")
    return quantity * price if quantity and price else Decimal(0)
