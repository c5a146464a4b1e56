"""Folds a ledger into holdings: legal average cost, FIFO lots, gains with their parts, cash."""

from apps.engine.holdings.core import fold
from apps.engine.holdings.model import Fold, Holding, IncomePart, Lot, LotUse, Step

__all__ = ["Fold", "Holding", "IncomePart", "Lot", "LotUse", "Step", "fold"]
