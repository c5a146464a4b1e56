"""Reads of brokerage notes and of the trades that wait for one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.brokers.models import Account
from apps.common.errors import NotFound
from apps.ledger.kinds import TRADES
from apps.ledger.models import BrokerageNote, Transaction
from apps.ledger.selectors.lists import MONEY

_VALUE = Coalesce(
    F("amount"),
    F("quantity") * F("unit_price") * Coalesce(F("asset__multiplier"), Value(1)),
    output_field=MONEY,
)


def days_without_fees(*, access: Access) -> QuerySet[Transaction, Any]:
    """Days with trades whose fees are unknown, newest first. One query.

    Each has ``account_id``, ``account__name``, ``currency``, ``trade_date``, ``trades`` and
    ``traded`` (gross; trades without value left out).
    """
    return (
        Transaction.objects.of(access.workspace.pk)
        .filter(kind__in=TRADES, fees__isnull=True)
        .values("account_id", "account__name", "currency", "trade_date")
        .annotate(trades=Count("pk"), traded=Sum(_VALUE))
        .order_by("-trade_date", "account__name", "currency")
    )


def trades_of_day(
    *, access: Access, account: Account, trade_date: dt.date, note: BrokerageNote | None = None
) -> list[Transaction]:
    """Trades of the day that may belong to ``note`` (or to a new one), each with ``value``."""
    free = Q(brokerage_note__isnull=True)
    return list(
        Transaction.objects.of(access.workspace.pk)
        .select_related("asset")
        .filter(account=account, trade_date=trade_date, kind__in=TRADES)
        .filter(free if note is None else free | Q(brokerage_note=note))
        .annotate(value=_VALUE)
        .order_by("sequence")
    )


def notes_with_totals(*, access: Access) -> QuerySet[BrokerageNote]:
    """Notes, newest first, with ``trades_count`` and ``traded``. One query."""
    value = Coalesce(
        F("trades__amount"),
        F("trades__quantity")
        * F("trades__unit_price")
        * Coalesce(F("trades__asset__multiplier"), Value(1)),
        output_field=MONEY,
    )
    return (
        BrokerageNote.objects.select_related("account")
        .filter(workspace=access.workspace)
        .annotate(trades_count=Count("trades"), traded=Sum(value))
        .order_by("-trade_date", "number")
    )


def note_get(*, access: Access, note_id: object) -> BrokerageNote:
    """One note. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(note_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = (
        BrokerageNote.objects.select_related("account", "account__holder")
        .filter(workspace=access.workspace, pk=key)
        .first()
    )
    if found is None:
        raise NotFound("not_found", _("Não encontramos esta nota."))
    return found


def trades_among(rows: Sequence[Transaction], ids: Sequence[str]) -> list[Transaction]:
    """The rows whose ids were ticked, in their order."""
    wanted = set(ids)
    return [row for row in rows if str(row.pk) in wanted]
