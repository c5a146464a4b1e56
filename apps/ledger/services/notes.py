"""Fees of a brokerage note, spread over its trades by value.

Whatever happens to the trades, the parts of a note add up to what the note says.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.brokers.models import Account
from apps.common.errors import Conflict, Invalid, NotFound
from apps.ledger.models import BrokerageNote, Kind, Transaction
from apps.ledger.services.change import changed, lock, touched_by

CENT = Decimal("0.01")
TRADES = (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER)
SALES = (Kind.SELL, Kind.SHORT_SELL)


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


def traded_value(row: Transaction) -> Decimal:
    """Gross value of a trade; zero where neither amount nor price is known."""
    if row.amount is not None:
        return row.amount
    multiplier = row.asset.multiplier if row.asset is not None else Decimal(1)
    return (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0)) * multiplier


def spread(
    rows: Sequence[Transaction], fees: Decimal, irrf: Decimal | None
) -> list[tuple[Transaction, Decimal, Decimal | None]]:
    """Each trade with its part of the fees and, for sales, of the tax withheld. Changes nothing."""
    parts = allocate(fees, [traded_value(row) for row in rows])
    sales = [row for row in rows if row.kind in SALES]
    withheld: dict[object, Decimal] = {}
    if irrf is not None and sales:
        shares = allocate(irrf, [traded_value(row) for row in sales])
        withheld = {row.pk: share for row, share in zip(sales, shares, strict=True)}
    return [(row, part, withheld.get(row.pk)) for row, part in zip(rows, parts, strict=True)]


def _day(account: Account, trade_date: dt.date) -> list[Transaction]:
    return list(
        Transaction.objects.select_for_update(of=("self",))
        .select_related("asset")
        .filter(account=account, trade_date=trade_date, kind__in=TRADES)
        .order_by("sequence")
    )


def _chosen(
    rows: Sequence[Transaction], note: BrokerageNote, trade_ids: Sequence[object] | None
) -> list[Transaction]:
    if trade_ids is None:
        mine = [row for row in rows if row.brokerage_note_id == note.pk]
        return mine or [r for r in rows if r.brokerage_note_id is None and r.fees is None]
    wanted = {str(key) for key in trade_ids}
    chosen = [row for row in rows if str(row.pk) in wanted]
    taken = [row for row in chosen if row.brokerage_note_id not in (None, note.pk)]
    if taken:
        raise Conflict(
            "other_note", _("Um destes negócios já pertence a outra nota; altere aquela antes.")
        )
    return chosen


def _apply(
    note: BrokerageNote, rows: Sequence[Transaction], chosen: Sequence[Transaction]
) -> list[Transaction]:
    """Gives ``chosen`` their parts, forgets those of the note's trades left out; answers both."""
    kept = {row.pk for row in chosen}
    dropped = [row for row in rows if row.brokerage_note_id == note.pk and row.pk not in kept]
    for row in dropped:
        _forget(row, note)
    for row, part, withheld in spread(chosen, note.fees, note.irrf):
        row.fees = part
        row.brokerage_note = note
        if note.irrf is not None and row.kind in SALES:
            row.tax_withheld = withheld
    touched = [*dropped, *chosen]
    Transaction.objects.bulk_update(touched, ["fees", "tax_withheld", "brokerage_note"])
    return touched


def _forget(row: Transaction, note: BrokerageNote) -> None:
    row.fees = None
    row.brokerage_note = None
    if note.irrf is not None and row.kind in SALES:
        row.tax_withheld = None


def _check(access: Access, account: Account, fees: Decimal, irrf: Decimal | None) -> None:
    access.require_editor()
    if account.workspace_id != access.workspace.pk:
        raise NotFound("not_found", _("Não encontramos esta conta."))
    for name, value in (("fees", fees), ("irrf", irrf)):
        if value is not None and value < 0:
            raise Invalid("negative", _("Não pode ser negativo."), field=name)


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
    those whose fees are unknown, or this note's own when it is recorded again. ``irrf`` goes to
    the sales. Raises :class:`Invalid` when there is no trade to carry the fees,
    :class:`Conflict` when a trade belongs to another note.
    """
    _check(access, account, fees, irrf)
    lock(access=access)
    note, _created = BrokerageNote.objects.update_or_create(
        workspace=access.workspace,
        account=account,
        trade_date=trade_date,
        number=number.strip(),
        defaults={"fees": fees, "irrf": irrf},
    )
    _settle(access, note, trade_ids)
    return note


@transaction.atomic
def brokerage_note_update(
    *,
    access: Access,
    note: BrokerageNote,
    fees: Decimal,
    number: str = "",
    irrf: Decimal | None = None,
    trade_ids: Sequence[object] | None = None,
) -> BrokerageNote:
    """Changes a note and spreads it anew. Raises like :func:`brokerage_note_record`."""
    _check(access, note.account, fees, irrf)
    lock(access=access)
    current = BrokerageNote.objects.filter(workspace=access.workspace, pk=note.pk).first()
    if current is None:
        raise NotFound("not_found", _("Não encontramos esta nota."))
    same = BrokerageNote.objects.filter(
        account=current.account_id, trade_date=current.trade_date, number=number.strip()
    )
    if same.exclude(pk=current.pk).exists():
        raise Invalid("taken", _("Já existe uma nota com este número neste dia."), field="number")
    mine = Transaction.objects.filter(brokerage_note=current)
    touched = touched_by(mine)
    if current.irrf is not None and irrf is None:  # what the note gave, the note takes
        mine.filter(kind__in=SALES).update(tax_withheld=None)
    current.number, current.fees, current.irrf = number.strip(), fees, irrf
    current.save(update_fields=["number", "fees", "irrf", "updated_at"])
    _settle(access, current, trade_ids, touched)
    return current


def _settle(
    access: Access,
    note: BrokerageNote,
    trade_ids: Sequence[object] | None,
    touched: Iterable[uuid.UUID | None] = (),
) -> None:
    rows = _day(note.account, note.trade_date)
    chosen = _chosen(rows, note, trade_ids)
    if not chosen:
        raise Invalid(
            "no_trades",
            _("Não há negócios sem taxas desta conta neste dia para receber as da nota."),
            field="trade_date",
        )
    written = touched_by(_apply(note, rows, chosen))
    changed(access=access, since=note.trade_date, assets=written.union(touched))


@transaction.atomic
def brokerage_note_delete(*, access: Access, note: BrokerageNote) -> None:
    """Takes a note back: what it gave its trades becomes unknown again."""
    access.require_editor()
    if note.workspace_id != access.workspace.pk:
        raise NotFound("not_found", _("Não encontramos esta nota."))
    lock(access=access)
    mine = Transaction.objects.filter(brokerage_note=note)
    touched = touched_by(mine)
    if note.irrf is not None:
        mine.filter(kind__in=SALES).update(tax_withheld=None)
    mine.update(fees=None, brokerage_note=None)
    trade_date = note.trade_date
    note.delete()
    changed(access=access, since=trade_date, assets=touched)


def notes_respread(note_ids: Iterable[uuid.UUID | None]) -> set[uuid.UUID | None]:
    """Spreads notes anew over the trades they still have; a note without any is deleted.

    Answers the assets of those trades.
    """
    touched: set[uuid.UUID | None] = set()
    for note in BrokerageNote.objects.filter(pk__in={key for key in note_ids if key is not None}):
        rows = list(
            Transaction.objects.select_for_update(of=("self",))
            .select_related("asset")
            .filter(brokerage_note=note)
            .order_by("sequence")
        )
        if rows:
            touched |= touched_by(_apply(note, rows, rows))
        else:
            note.delete()
    return touched
