"""What a ledger row must say, by kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import FieldError, Invalid
from apps.ledger.models import LOSS_BUCKETS, Bucket, Kind

_TRADES = {Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER}
_INCOME = {
    Kind.DIVIDEND,
    Kind.JCP,
    Kind.DISTRIBUTION,
    Kind.INTEREST,
    Kind.LENDING_INCOME,
}
_MONEY = {Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX, Kind.FX}
_BUCKETED = {Kind.OPENING_LOSS, Kind.DARF_PAYMENT}
_NO_ASSET = _MONEY | _BUCKETED
_QUANTITY = _TRADES | {
    Kind.BONUS,
    Kind.SUBSCRIPTION,
    Kind.SPIN_OFF,
    Kind.FRACTION_SALE,
    Kind.TRANSFER_IN,
    Kind.TRANSFER_OUT,
    Kind.EXERCISE,
    Kind.ASSIGNMENT,
    Kind.EXPIRY,
    Kind.COME_COTAS,
    Kind.FX,
}
_AMOUNT = (_INCOME | _MONEY | _BUCKETED) | {
    Kind.RETURN_OF_CAPITAL,
    Kind.FRACTION_SALE,
    Kind.DAILY_ADJUSTMENT,
    Kind.COME_COTAS,
    Kind.MATURITY,
}
_SIGNED = {
    Kind.INTEREST,
    Kind.DAILY_ADJUSTMENT,
    Kind.FEE,
    Kind.TAX,
    Kind.DEPOSIT,
    Kind.WITHDRAWAL,
}
_TARGET = {Kind.SPIN_OFF, Kind.MERGER, Kind.RENAME}
_RATIO = {Kind.SPLIT, Kind.MERGER}
_NUMBERS = (
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "ratio",
    "fx_rate",
    "cost_share",
)
EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2099, 12, 31)
_MAX = Decimal(10) ** 17
# What a row comes to: a gain in three currencies still fits its column when thousands add up.
_MAX_VALUE = Decimal(10) ** 14
_NOTHING = Decimal(0)
_KINDS = frozenset(Kind.values)
_BUCKETS = frozenset(Bucket.values)
_REQUIRED = _("Obrigatório para este tipo de lançamento.")


@dataclass(frozen=True, slots=True)
class TransactionInput:
    """A row to record. ``currency`` defaults to the asset's, else the account's."""

    account: Account
    kind: str
    trade_date: dt.date
    asset: Asset | None = None
    trade_time: dt.time | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    fees: Decimal | None = None
    tax_withheld: Decimal | None = None
    currency: str = ""
    fx_rate: Decimal | None = None
    ratio: Decimal | None = None
    to_asset: Asset | None = None
    to_currency: str = ""
    cost_share: Decimal | None = None
    bucket: str = ""
    note: str = ""

    def resolved_currency(self) -> str:
        """The row's currency: its own, the asset's or the account's."""
        if self.currency:
            return self.currency.upper()
        return self.asset.currency if self.asset is not None else self.account.currency


def check(*, access: Access, data: TransactionInput) -> None:
    """Raises :class:`Invalid` naming every field the kind misses or must not have."""
    errors = list(_errors(access, data))
    if errors:
        raise Invalid("invalid", _("Há campos a corrigir neste lançamento."), errors=errors)


def _errors(access: Access, data: TransactionInput) -> Iterator[FieldError]:
    if data.kind not in _KINDS:
        yield FieldError("kind", "unknown_kind", _("Tipo de lançamento desconhecido."))
        return
    if data.account.workspace_id != access.workspace.pk:
        yield FieldError("account", "not_found", _("Não encontramos esta conta."))
    for name, asset in (("asset", data.asset), ("to_asset", data.to_asset)):
        if asset is not None and asset.workspace_id not in (None, access.workspace.pk):
            yield FieldError(name, "not_found", _("Não encontramos este ativo."))
    if data.trade_date < EARLIEST:
        yield FieldError("trade_date", "too_early", _("Data anterior a 1900."))
    if data.trade_date > LATEST:
        yield FieldError("trade_date", "too_late", _("Data posterior a 2099."))
    yield from _presence(data)
    yield from _signs(data)


def _presence(data: TransactionInput) -> Iterator[FieldError]:
    needs_asset = data.kind not in _NO_ASSET and data.kind != Kind.INTEREST
    if needs_asset and data.asset is None:
        yield FieldError("asset", "required", _REQUIRED)
    if data.kind in _QUANTITY and data.quantity is None:
        yield FieldError("quantity", "required", _REQUIRED)
    if data.kind in _TRADES and data.unit_price is None and data.amount is None:
        yield FieldError("unit_price", "required", _("Informe o preço ou o valor total."))
    if data.kind in _AMOUNT and data.amount is None:
        yield FieldError("amount", "required", _REQUIRED)
    if data.kind in _TARGET and data.to_asset is None:
        yield FieldError("to_asset", "required", _REQUIRED)
    if data.to_asset is not None and data.asset == data.to_asset:
        yield FieldError("to_asset", "same_asset", _("O outro ativo deve ser diferente."))
    if data.kind in _RATIO and data.ratio is None:
        yield FieldError("ratio", "required", _REQUIRED)
    if data.kind == Kind.SPIN_OFF and data.cost_share is None:
        yield FieldError("cost_share", "required", _REQUIRED)
    if data.kind == Kind.FX and not data.to_currency:
        yield FieldError("to_currency", "required", _REQUIRED)
    if data.kind in _BUCKETED and data.bucket not in _BUCKETS:
        yield FieldError("bucket", "required", _REQUIRED)
    elif data.kind == Kind.OPENING_LOSS and data.bucket not in LOSS_BUCKETS:
        yield FieldError("bucket", "no_losses", _("Neste grupo não há prejuízo a compensar."))


def _signs(data: TransactionInput) -> Iterator[FieldError]:
    # First of all: comparing with NaN raises.
    endless = [
        name
        for name in _NUMBERS
        if (value := getattr(data, name)) is not None
        and (not value.is_finite() or abs(value) >= _MAX)
    ]
    if endless:
        for name in endless:
            yield FieldError(name, "out_of_range", _("Número fora do alcance."))
        return
    if (data.quantity or _NOTHING) * (data.unit_price or _NOTHING) >= _MAX_VALUE:
        yield FieldError("unit_price", "out_of_range", _("Quantidade vezes preço fora do alcance."))
    if data.amount is not None and abs(data.amount) >= _MAX_VALUE:
        yield FieldError("amount", "out_of_range", _("Número fora do alcance."))
    zero_allowed = {Kind.EXPIRY}
    if data.quantity is not None and (
        data.quantity < 0 or (data.quantity == 0 and data.kind in _QUANTITY - zero_allowed)
    ):
        yield FieldError(
            "quantity",
            "not_positive",
            _("Deve ser maior que zero; o tipo já dá o sentido."),
        )
    if data.unit_price is not None and data.unit_price < 0:
        yield FieldError("unit_price", "negative", _("Não pode ser negativo."))
    if data.amount is not None and data.amount < 0 and data.kind not in _SIGNED:
        yield FieldError("amount", "negative", _("Não pode ser negativo neste tipo."))
    for name, value in (("fees", data.fees), ("tax_withheld", data.tax_withheld)):
        if value is not None and value < 0:
            yield FieldError(name, "negative", _("Não pode ser negativo."))
    if data.ratio is not None and data.ratio <= 0:
        yield FieldError("ratio", "not_positive", _("Deve ser maior que zero."))
    if data.fx_rate is not None and data.fx_rate <= 0:
        yield FieldError("fx_rate", "not_positive", _("Deve ser maior que zero."))
    if data.cost_share is not None and not 0 <= data.cost_share <= 1:
        yield FieldError("cost_share", "not_fraction", _("Deve ficar entre 0 e 1."))
    currency = data.resolved_currency()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        yield FieldError("currency", "invalid", _("Use o código de três letras da moeda."))
