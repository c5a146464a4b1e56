"""Which fields each kind of row uses, and how they are called there."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.ledger.models import Kind

Label = Promise | str

TRADES = (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER)
INCOME = (Kind.DIVIDEND, Kind.JCP, Kind.DISTRIBUTION, Kind.INTEREST, Kind.LENDING_INCOME)
CASH = (Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FX, Kind.FEE, Kind.TAX)
EVENTS = (
    Kind.SPLIT,
    Kind.BONUS,
    Kind.SUBSCRIPTION,
    Kind.RETURN_OF_CAPITAL,
    Kind.FRACTION_SALE,
    Kind.SPIN_OFF,
    Kind.MERGER,
    Kind.RENAME,
)
TRANSFERS = (Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
DERIVATIVES = (Kind.EXERCISE, Kind.ASSIGNMENT, Kind.EXPIRY, Kind.DAILY_ADJUSTMENT)
FUNDS = (Kind.MATURITY, Kind.COME_COTAS)
TAXES = (Kind.OPENING_LOSS, Kind.DARF_PAYMENT)

# In the order people need them; the keys also filter the list (``?kind=trades``).
GROUPS: dict[str, tuple[Label, tuple[Kind, ...]]] = {
    "trades": (_("Negócios"), TRADES),
    "income": (_("Proventos"), INCOME),
    "cash": (_("Caixa"), CASH),
    "transfers": (_("Transferências de custódia"), TRANSFERS),
    "events": (_("Eventos corporativos"), EVENTS),
    "fixed_income": (_("Renda fixa e fundos"), FUNDS),
    "derivatives": (_("Derivativos"), DERIVATIVES),
    "taxes": (_("Impostos"), TAXES),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """The fields of a kind beside date, account and note; ``extra`` ones stay folded."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    extra: tuple[str, ...] = ("currency", "fx_rate")
    labels: dict[str, Label] = field(default_factory=dict)
    either: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every field the kind reads, in the order of the form."""
        used = {*self.required, *self.optional, *self.either, *self.extra}
        return tuple(name for name in ORDER if name in used)


ORDER = (
    "asset",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "ratio",
    "to_asset",
    "to_currency",
    "cost_share",
    "bucket",
    "trade_time",
    "currency",
    "fx_rate",
)

_TIMED = ("trade_time", "currency", "fx_rate")
_BUY = Spec(
    ("asset", "quantity"),
    ("fees",),
    _TIMED,
    {"amount": _("Valor total, sem taxas")},
    ("unit_price", "amount"),
)
_SELL = Spec(
    ("asset", "quantity"),
    ("fees", "tax_withheld"),
    _TIMED,
    {"amount": _("Valor total, sem taxas"), "tax_withheld": _("IRRF")},
    ("unit_price", "amount"),
)
_INCOME = Spec(
    ("asset", "amount"),
    ("tax_withheld",),
    ("quantity", "unit_price", "currency", "fx_rate"),
    {"unit_price": _("Valor por unidade")},
)
_MOVED = Spec(
    ("asset", "quantity"),
    ("amount",),
    ("currency",),
    {"amount": _("Custo total que acompanha")},
)
_CASH = Spec(("amount",), (), ("currency",), {"amount": _("Valor")})
_OPTION = Spec(("asset", "quantity"), ("fees",))
_TAX = Spec(("bucket", "amount"), (), (), {"amount": _("Valor")})

SPECS: dict[str, Spec] = {
    Kind.BUY: _BUY,
    Kind.SELL: _SELL,
    Kind.SHORT_SELL: _SELL,
    Kind.COVER: _BUY,
    Kind.SPLIT: Spec(("asset", "ratio"), (), ()),
    Kind.BONUS: Spec(
        ("asset", "quantity"),
        ("unit_price",),
        ("currency",),
        {
            "quantity": _("Quantidade recebida"),
            "unit_price": _("Custo por ação declarado pela empresa"),
        },
    ),
    Kind.SPIN_OFF: Spec(
        ("asset", "to_asset", "quantity", "cost_share"),
        (),
        ("currency",),
        {"to_asset": _("Ativo recebido"), "quantity": _("Quantidade recebida")},
    ),
    Kind.MERGER: Spec(
        ("asset", "to_asset", "ratio"),
        ("amount",),
        ("currency",),
        {"to_asset": _("Ativo recebido"), "amount": _("Dinheiro recebido")},
    ),
    Kind.RENAME: Spec(("asset", "to_asset"), (), (), {"to_asset": _("Código novo")}),
    Kind.SUBSCRIPTION: Spec(
        ("asset", "quantity"),
        ("unit_price", "fees", "to_asset"),
        ("amount", *_TIMED),
        {"to_asset": _("Direito usado"), "unit_price": _("Preço de subscrição")},
    ),
    Kind.RETURN_OF_CAPITAL: Spec(("asset", "amount"), ("tax_withheld",), ("currency", "fx_rate")),
    Kind.FRACTION_SALE: Spec(
        ("asset", "quantity", "amount"),
        ("fees", "tax_withheld"),
        ("currency", "fx_rate"),
        {"quantity": _("Fração vendida")},
    ),
    Kind.DIVIDEND: _INCOME,
    Kind.JCP: _INCOME,
    Kind.DISTRIBUTION: _INCOME,
    Kind.LENDING_INCOME: _INCOME,
    Kind.INTEREST: Spec(
        ("amount",), ("asset", "tax_withheld"), ("quantity", "unit_price", "currency", "fx_rate")
    ),
    Kind.TRANSFER_IN: _MOVED,
    Kind.TRANSFER_OUT: _MOVED,
    Kind.EXERCISE: _OPTION,
    Kind.ASSIGNMENT: _OPTION,
    Kind.EXPIRY: _OPTION,
    Kind.DAILY_ADJUSTMENT: Spec(
        ("asset", "amount"),
        ("fees",),
        ("currency", "fx_rate"),
        {"amount": _("Ajuste, negativo quando pago")},
    ),
    Kind.COME_COTAS: Spec(
        ("asset", "quantity", "amount"),
        (),
        ("currency",),
        {"quantity": _("Cotas recolhidas"), "amount": _("Imposto")},
    ),
    Kind.MATURITY: Spec(
        ("asset", "amount"), ("tax_withheld",), ("quantity", "fees", "currency", "fx_rate")
    ),
    Kind.DEPOSIT: _CASH,
    Kind.WITHDRAWAL: _CASH,
    Kind.FEE: _CASH,
    Kind.TAX: _CASH,
    Kind.FX: Spec(
        ("amount", "to_currency", "quantity"),
        (),
        ("currency",),
        {
            "amount": _("Valor entregue"),
            "quantity": _("Valor recebido"),
            "to_currency": _("Moeda recebida"),
            "currency": _("Moeda entregue"),
        },
    ),
    Kind.OPENING_LOSS: _TAX,
    Kind.DARF_PAYMENT: _TAX,
}


def kinds_of(value: str) -> tuple[str, ...]:
    """The kinds a filter value stands for: a group, one kind, or none when unknown."""
    if value in GROUPS:
        return tuple(str(kind) for kind in GROUPS[value][1])
    return (value,) if value in Kind.values else ()
