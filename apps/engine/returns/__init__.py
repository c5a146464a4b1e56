"""Returns and risk: a ledger is laid over days once (``build``), then any part of it is measured
over any period (``measure``, ``table_by`` and the rest), each in a few milliseconds."""

from apps.engine.returns.benchmarks import Levels
from apps.engine.returns.build import build
from apps.engine.returns.figures import Figures
from apps.engine.returns.measure import measure
from apps.engine.returns.model import Line, Timeline

__all__ = ["Figures", "Levels", "Line", "Timeline", "build", "measure"]
