"""Returns and risk: a ledger is laid over days once (``build``), then any part of it is measured
over any period (``measure``, ``table_by`` and the rest), each in a few milliseconds."""

from apps.engine.returns.benchmarks import Levels
from apps.engine.returns.build import build
from apps.engine.returns.columns import Columns, columns_of
from apps.engine.returns.figures import Figures, GroupRow
from apps.engine.returns.grids import PriceGrid
from apps.engine.returns.income import income_by_asset, income_by_month, periodicity
from apps.engine.returns.measure import measure
from apps.engine.returns.model import Line, Timeline
from apps.engine.returns.periods import heat_map, rolling
from apps.engine.returns.store import StoreError, from_bytes, to_bytes
from apps.engine.returns.tables import KEYS, concentration, table_by
from apps.engine.returns.trades import Trade, trades

__all__ = [
    "KEYS",
    "Columns",
    "Figures",
    "GroupRow",
    "Levels",
    "Line",
    "PriceGrid",
    "StoreError",
    "Timeline",
    "Trade",
    "build",
    "columns_of",
    "concentration",
    "from_bytes",
    "heat_map",
    "income_by_asset",
    "income_by_month",
    "measure",
    "periodicity",
    "rolling",
    "table_by",
    "to_bytes",
    "trades",
]
