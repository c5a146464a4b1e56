"""Reads for lists and forms."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import DecimalField, F, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.accounts.access import Access
from apps.assets.classes import strip_fractional
from apps.assets.models import Asset, TickerHistory
from apps.assets.selectors import asset_index, assets_of
from apps.brokers.models import Account
from apps.ledger.kinds import TRADES
from apps.ledger.models import Transaction
from apps.ledger.selectors.rows import transactions_of

AssetLookup = Callable[[str], Asset | None]
MONEY: DecimalField[object, object] = DecimalField(max_digits=40, decimal_places=20)


@dataclass(frozen=True, slots=True)
class TransactionFilters:
    """What a list narrows by; empty fields do not narrow."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    account_id: uuid.UUID | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    batch_id: uuid.UUID | None = None
    fees_unknown: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether every row passes."""
        return self == TransactionFilters()


def transactions_search(*, access: Access, filters: TransactionFilters) -> QuerySet[Transaction]:
    """Rows that pass ``filters``, newest first, each with its gross ``value``. One query.

    ``value`` is the gross amount, else quantity times price (times the contract's multiplier);
    null when neither is known.
    """
    rows = transactions_of(access=access).annotate(
        value=Coalesce(
            F("amount"),
            F("quantity") * F("unit_price") * Coalesce(F("asset__multiplier"), Value(1)),
            output_field=MONEY,
        )
    )
    if filters.text:
        rows = rows.filter(
            Q(asset__ticker__icontains=filters.text) | Q(asset__name__icontains=filters.text)
        )
    if filters.kinds:
        rows = rows.filter(kind__in=filters.kinds)
    if filters.account_id:
        rows = rows.filter(account_id=filters.account_id)
    if filters.start:
        rows = rows.filter(trade_date__gte=filters.start)
    if filters.end:
        rows = rows.filter(trade_date__lte=filters.end)
    if filters.batch_id:
        rows = rows.filter(batch_id=filters.batch_id)
    if filters.fees_unknown:
        rows = rows.filter(fees__isnull=True, kind__in=TRADES)
    return rows


def transactions_by_ids(*, access: Access, ids: Iterable[object]) -> list[Transaction]:
    """The workspace's rows among ``ids``, newest first; malformed and foreign ids are left out."""
    keys = set()
    for key in ids:
        try:
            keys.add(uuid.UUID(str(key)))
        except ValueError:
            continue
    found = transactions_search(access=access, filters=TransactionFilters())
    return list(found.filter(pk__in=keys))


def transaction_was_deleted(*, access: Access, transaction_id: uuid.UUID) -> bool:
    """Whether a row of this workspace existed and was deleted, by its history."""
    history = apps.get_model("ledger", "TransactionEvent")._default_manager
    found: bool = history.filter(
        pgh_obj_id=transaction_id, pgh_label="delete", workspace_id=access.workspace.pk
    ).exists()
    return found


def asset_by_text(*, access: Access, text: str) -> Asset | None:
    """The visible asset a person means by ``PETR4``, ``petr4f`` or ``AAPL:US``.

    The workspace's own assets win over the installation's, current codes over former ones, and
    the Brazilian market over the others. ``None`` when nothing has this code. One or two queries.
    """
    code, _colon, market = text.strip().partition(":")
    code, market = " ".join(code.split()), market.strip().upper()
    if not code:
        return None
    codes = {code, strip_fractional(code)}
    wanted = Q()
    for spelling in codes:
        wanted |= Q(ticker__iexact=spelling)
    visible = assets_of(access=access)
    if market:
        visible = visible.filter(market=market)
    found = sorted(visible.filter(wanted), key=lambda asset: _preference(asset, code))
    if found:
        return found[0]
    former = TickerHistory.objects.select_related("asset").filter(wanted, asset__in=visible)
    aliases = sorted((alias.asset for alias in former), key=lambda a: _preference(a, code))
    return aliases[0] if aliases else None


def _preference(asset: Asset, code: str) -> tuple[bool, bool, bool, str]:
    exact = asset.ticker.upper() == code.upper()
    return (not exact, asset.workspace_id is None, asset.market != "BR", asset.market)


def asset_lookup(*, access: Access) -> AssetLookup:
    """Answers :func:`asset_by_text` for many codes from two queries."""
    index = asset_index(access=access)
    markets: dict[str, list[str]] = {}
    for code, market in index:
        markets.setdefault(code, []).append(market)

    def find(text: str) -> Asset | None:
        typed, _colon, market = text.strip().upper().partition(":")
        for code in (" ".join(typed.split()), strip_fractional(typed)):
            known = sorted(markets.get(code, ()), key=lambda m: (m != "BR", m))
            if market.strip():
                known = [name for name in known if name == market.strip()]
            if known:
                return index[code, known[0]]
        return None

    return find


def account_last_used(*, access: Access) -> Account | None:
    """The account of the row recorded last, the likely one of the next. One query."""
    row = (
        Transaction.objects.of(access.workspace.pk)
        .select_related("account")
        .order_by("-sequence")
        .first()
    )
    return row.account if row is not None else None


def first_trade_date(*, access: Access) -> dt.date | None:
    """When the ledger begins; ``None`` when it is empty."""
    first: dt.date | None = Transaction.objects.of(access.workspace.pk).aggregate(
        first=Min("trade_date")
    )["first"]
    return first
