"""Payments of DARF: rows of the ledger, so that they survive whatever is assessed later."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_get
from apps.brokers.models import Account
from apps.common.errors import FieldError, Invalid
from apps.engine.taxes.darf import CAPITAL_GAIN, EXCHANGE, MONTHLY_INCOME
from apps.ledger.models import Bucket, Kind, Transaction
from apps.ledger.services import TransactionInput, transaction_delete, transaction_record
from apps.taxes.law import rule_book
from apps.taxes.selectors.payments import payment_get


@transaction.atomic
def darf_pay(
    *,
    access: Access,
    holder: Holder,
    month: dt.date,
    date: dt.date,
    amount: Decimal,
    account: Account | None = None,
    code: str = "",
) -> Transaction:
    """Records what was paid on ``date`` for ``month``, charges included, in a form of ``code`` (the
    exchange's without one).

    A payment belongs to the holder of ``account``; without one it goes to an account in reais of
    theirs, whose balance it leaves alone. Raises :class:`Invalid`.
    """
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    errors = []
    if not amount.is_finite() or amount <= 0:
        errors.append(FieldError("amount", "not_positive", _("Deve ser maior que zero.")))
    if date > timezone.localdate():
        errors.append(FieldError("date", "in_future", _("O pagamento ainda não aconteceu.")))
    if account is not None and account.holder_id != holder.pk:
        errors.append(FieldError("account", "not_found", _("Não encontramos esta conta.")))
    bucket = _bucket(code, month)
    if bucket is None:
        errors.append(FieldError("code", "unknown_code", _("Não conhecemos este código.")))
    chosen = account or _account(holder.pk)
    if chosen is None:
        message = _("Cadastre uma conta deste titular antes de registrar o pagamento.")
        errors.append(FieldError("account", "required", message))
    if errors or chosen is None or bucket is None:
        raise Invalid("invalid", _("Há campos a corrigir no pagamento."), errors=errors)
    data = TransactionInput(
        account=chosen,
        kind=Kind.DARF_PAYMENT,
        trade_date=date,
        amount=amount,
        currency="BRL",
        bucket=bucket,
        note=f"{month:%Y-%m}",
    )
    return transaction_record(access=access, data=data)


#: The bucket of payments of each code, by its name in the rule of codes.
_BUCKETS = {
    EXCHANGE: Bucket.COMMON,
    CAPITAL_GAIN: Bucket.GCAP,
    MONTHLY_INCOME: Bucket.CARNE_LEAO,
}


def _bucket(code: str, month: dt.date) -> Bucket | None:
    if not code:
        return Bucket.COMMON
    rule = rule_book().find("DARF-CODE", month)
    names = {str(number): name for name, number in rule.value.items()} if rule else {}
    return _BUCKETS.get(names.get(code, ""))


def darf_payment_delete(*, access: Access, payment_id: uuid.UUID | str) -> None:
    """Takes back a payment recorded by mistake. Raises ``NotFound``."""
    access.require_editor()
    transaction_delete(access=access, row=payment_get(access=access, payment_id=payment_id))


def _account(holder_id: uuid.UUID) -> Account | None:
    own = Account.objects.filter(holder_id=holder_id).order_by("-is_active", "created_at")
    return own.filter(currency="BRL").first() or own.first()
