"""Fees of a brokerage note, spread over its trades by value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.brokers.models import Account
from apps.common.errors import Invalid, NotFound
from apps.ledger.models import BrokerageNote, Kind, Transaction
from apps.ledger.services.write import changed

CENT = Decimal("0.01")
_TRADES = [Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER]


def allocate(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """``total`` in cents shared by ``weights``; the parts add up to it exactly.

    Each part is cut to the cent and the cents left go, one each, to the largest remainders (the
    earlier first among equals). Equal shares when every weight is zero.
    """
    weight = sum(weights, Decimal(0))
    if weight == 0:
        weights, weight = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [total * w / weight for w in weights]
    parts = [e.quantize(CENT, rounding=ROUND_DOWN) for e in exact]
    left = int((total - sum(parts, Decimal(0))) / CENT)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[:left]:
        parts[index] += CENT
    residue = total - sum(parts, Decimal(0))
    if parts and residue:
        parts[order[0]] += residue
    return parts


def _value(row: Transaction) -> Decimal:
    if row.amount is not None:
        return row.amount
    return (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))


def _trades(account: Account, trade_date: dt.date) -> QuerySet[Transaction]:
    return Transaction.objects.select_for_update().filter(
        account=account, trade_date=trade_date, kind__in=_TRADES
    )


@transaction.atomic
def brokerage_note_record(
    *,
    access: Access,
    account: Account,
    trade_date: dt.date,
    fees: Decimal,
    number: str = "",
    irrf: Decimal | None = None,
    trade_ids: Sequence[object] | None = None,
) -> BrokerageNote:
    """Records a note's fees and spreads them by value over the account's trades of the day.

    With several notes a day, ``trade_ids`` says which trades are this note's; otherwise they are
    those without a note yet, or this note's own when it is recorded again. ``irrf`` goes to the
    sales. Raises :class:`Invalid` when there is no trade to carry the fees.
    """
    access.require_editor()
    if account.workspace_id != access.workspace.pk:
        raise NotFound("not_found", _("Não encontramos esta conta."))
    if fees < 0 or (irrf is not None and irrf < 0):
        raise Invalid("negative", _("Não pode ser negativo."), field="fees")
    note, _created = BrokerageNote.objects.update_or_create(
        workspace=access.workspace,
        account=account,
        trade_date=trade_date,
        number=number.strip(),
        defaults={"fees": fees, "irrf": irrf},
    )
    rows = list(_trades(account, trade_date).order_by("sequence"))
    if trade_ids is not None:
        wanted = {str(key) for key in trade_ids}
        chosen = [row for row in rows if str(row.pk) in wanted]
    else:
        chosen = [row for row in rows if row.brokerage_note_id in (None, note.pk)]
    if not chosen:
        raise Invalid(
            "no_trades",
            _("Não há negócios desta conta neste dia para receber as taxas."),
            field="trade_date",
        )
    for row, part in zip(chosen, allocate(fees, [_value(r) for r in chosen]), strict=True):
        row.fees = part
        row.brokerage_note = note
    sales = [row for row in chosen if row.kind in (Kind.SELL, Kind.SHORT_SELL)]
    if irrf is not None and sales:
        for row, part in zip(sales, allocate(irrf, [_value(r) for r in sales]), strict=True):
            row.tax_withheld = part
    Transaction.objects.bulk_update(chosen, ["fees", "tax_withheld", "brokerage_note"])
    changed(access, trade_date)
    return note


@transaction.atomic
def brokerage_note_delete(*, access: Access, note: BrokerageNote) -> None:
    """Takes a note back: its trades' fees become unknown again."""
    access.require_editor()
    if note.workspace_id != access.workspace.pk:
        raise NotFound("not_found", _("Não encontramos esta nota."))
    Transaction.objects.filter(brokerage_note=note).update(fees=None)
    trade_date = note.trade_date
    note.delete()
    changed(access, trade_date)
