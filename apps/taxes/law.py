"""The rules as the engine reads them, and marks that tell versions of rules and rates apart."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import uuid
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Max, Sum

from apps.assets.models import Asset
from apps.engine.prices import IndexTable
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.taxes.scope import HOME
from apps.ledger.models import Transaction
from apps.market_data.models import FxRate, IndexValue
from apps.taxes.models import TaxRule

SELIC = ("SELIC_MONTHLY", "SELIC")
_LOCK = threading.Lock()


def rules_mark() -> str:
    """Tells versions of the rules apart. One query."""
    known = TaxRule.objects.aggregate(n=Count("pk"), newest=Max("updated_at"), last=Max("pk"))
    newest = known["newest"]
    return f"{known['n']}:{known['last'] or 0}:{newest.timestamp() if newest else 0:.6f}"


def rule_book() -> RuleBook:
    """The rules in force, from the tables; those shipped with the program where there are none
    (before the first seeding). One query, two when they changed."""
    with _LOCK:
        return _book(rules_mark())


@lru_cache(maxsize=2)
def _book(_mark: str) -> RuleBook:
    rows = TaxRule.objects.values_list(
        "rule_id", "valid_from", "valid_to", "value", "law", "status", "source"
    )
    rules = [Rule(*row) for row in rows]
    return RuleBook(rules) if rules else RuleBook.shipped()


def market_mark(*, workspace_id: uuid.UUID) -> str:
    """Tells apart the rates, indexes and terms of assets that a workspace's rows rest on. Four
    queries."""
    last = Transaction.objects.of(workspace_id).aggregate(last=Max("trade_date"))["last"]
    if last is None:
        return ""
    rates = FxRate.objects.filter(date__lte=last).aggregate(n=Count("pk"), total=Sum("rate"))
    values = IndexValue.objects.filter(date__lte=last).aggregate(n=Count("pk"), total=Sum("value"))
    traded = Transaction.objects.of(workspace_id).values("asset_id")
    terms = Asset.objects.filter(pk__in=traded).aggregate(newest=Max("updated_at"))["newest"]
    said = repr((rates, values, terms))
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def selic_since(day: dt.date) -> IndexTable:
    """The Selic of each month, or of each day, from the month of ``day`` on. One query."""
    series: dict[str, list[tuple[dt.date, Decimal]]] = {}
    rows = IndexValue.objects.filter(index__in=SELIC, date__gte=day.replace(day=1))
    for name, date, value in rows.values_list("index", "date", "value"):
        series.setdefault(name, []).append((date, value))
    return IndexTable(series)


def home_rates(currencies: Iterable[str]) -> dict[str, Decimal]:
    """The last known rate in reais of each currency; unknown ones are absent. One query at most."""
    wanted = set(currencies) - {HOME}
    found = {HOME: Decimal(1)}
    if wanted:
        rows = FxRate.objects.filter(base__in=wanted, quote=HOME).order_by("base", "-date")
        found |= dict(rows.distinct("base").values_list("base", "rate"))
    return found
