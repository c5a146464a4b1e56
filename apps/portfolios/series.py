"""The daily series of a workspace's worth."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone

from apps.assets.selectors import holidays_of
from apps.engine.grid import PriceArrays
from apps.engine.kinds import TRADE_KINDS
from apps.engine.series import daily_values
from apps.market_data.selectors import index_table, price_arrays
from apps.portfolios.loading import FUNDING_KINDS, Ledger
from apps.portfolios.pricing import BANK_CALENDAR, INDEXES


def evolution_series(*, workspace_id: uuid.UUID, ledger: Ledger, currency: str) -> dict[str, Any]:
    """Worth and net contributions for every day since the first row, as plain JSON.

    Values are text with two decimals (the series is a statistic, not a record); ``None`` where
    nothing is known.
    """
    today = timezone.localdate()
    if not ledger.rows:
        return {"currency": currency, "dates": [], "value": [], "net_invested": []}
    start = min(row.date for row in ledger.rows)
    with_cash = cash_is_tracked(ledger)
    prices = PriceArrays(
        price_arrays(
            workspace_id=workspace_id,
            asset_ids={uuid.UUID(code) for code in ledger.assets},
            until=today,
        )
    )
    series = daily_values(
        ledger.rows,
        ledger.assets,
        ledger.accounts,
        prices,
        ledger.fx,
        start=start,
        end=today,
        currency=currency,
        with_cash=with_cash,
        indexes=index_table(names=INDEXES),
        holidays=holidays_of(exchange_code=BANK_CALENDAR),
    )
    return {
        "currency": currency,
        "with_cash": with_cash,
        "estimated": bool(series.estimated.any()),
        "dates": [day.isoformat() for day in _days(start, today)],
        "value": [_text(v) for v in series.value.tolist()],
        "net_invested": [_text(v) for v in series.net_invested.tolist()],
    }


def cash_is_tracked(ledger: Ledger) -> bool:
    """Whether every account that traded also tells of the money that came and went.

    A file of trades alone says nothing of deposits: its cash would only fall.
    """
    funded = {row.account for row in ledger.rows if row.kind in FUNDING_KINDS}
    return {row.account for row in ledger.rows if row.kind in TRADE_KINDS} <= funded


def _days(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def _text(value: float) -> str | None:
    return None if value != value else f"{value:.2f}"
