"""Reads of DARF payments, which are rows of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.common.errors import NotFound
from apps.ledger.models import Kind, Transaction
from apps.ledger.selectors import transaction_get, transactions_of


def payments_of(*, access: Access, holder: Holder) -> Sequence[Transaction]:
    """What the holder paid, the newest first; ``note`` names the month. One query."""
    return list(
        transactions_of(access=access).filter(kind=Kind.DARF_PAYMENT, account__holder=holder)
    )


def payment_get(*, access: Access, payment_id: object) -> Transaction:
    """One payment. Raises :class:`NotFound`."""
    row = transaction_get(access=access, transaction_id=payment_id)
    if row.kind != Kind.DARF_PAYMENT:
        raise NotFound("not_found", _("Não encontramos este pagamento."))
    return row
