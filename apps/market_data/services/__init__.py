"""Writes of market data. All but the typed prices are made by workers."""

from apps.market_data.services.cotahist import cotahist_load
from apps.market_data.services.history import (
    Outcome,
    history_ensure,
    history_known,
    history_missing,
)
from apps.market_data.services.manual import price_delete_manual, price_record_manual
from apps.market_data.services.quotes import (
    QuotesReport,
    quotes_refresh,
    quotes_refresh_request,
    quotes_refresh_run,
)
from apps.market_data.services.rates import (
    CURRENCIES,
    INDEXES,
    fx_ensure,
    indexes_ensure,
    rates_top_up,
)
from apps.market_data.services.seed import (
    periodic_ensure,
    seed_periodic_tasks,
    seed_sources,
    source_forgive,
    source_key_set,
)
from apps.market_data.services.state import market_touch

__all__ = [
    "CURRENCIES",
    "INDEXES",
    "Outcome",
    "QuotesReport",
    "cotahist_load",
    "fx_ensure",
    "history_ensure",
    "history_known",
    "history_missing",
    "indexes_ensure",
    "market_touch",
    "periodic_ensure",
    "price_delete_manual",
    "price_record_manual",
    "quotes_refresh",
    "quotes_refresh_request",
    "quotes_refresh_run",
    "rates_top_up",
    "seed_periodic_tasks",
    "seed_sources",
    "source_forgive",
    "source_key_set",
]
