"""Fields that accept what people type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.classes import guess_class
from apps.assets.models import Asset, AssetClass
from apps.ledger.parsing import parse_date, parse_decimal, parse_fraction, write_date, write_decimal
from apps.ledger.selectors import AssetLookup, asset_by_text

# Columns keep 12 decimals at most and 18 digits before the mark.
MAX_DECIMALS = 12
_ABROAD = {"stock_abroad", "etf_abroad", "reit", "bond", "crypto_abroad"}
_MARKET_OF = {"USD": "US", "EUR": "EU", "GBP": "GB", "BRL": "BR"}
CURRENCIES = ("BRL", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "HKD", "SGD", "CNY")


class NumberField(forms.CharField):
    """A decimal as people type it; ``fraction`` accepts ``25%`` too. Empty is ``None``."""

    def __init__(
        self, *, places: int = MAX_DECIMALS, fraction: bool = False, **kwargs: Any
    ) -> None:
        self.places = places
        self.fraction = fraction
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "num", "maxlength": "40"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A known value as an input shows it."""
        return write_decimal(value) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """The decimal. Raises ``ValidationError``."""
        text = super().clean(value)
        if not text:
            return None
        try:
            number = parse_fraction(text) if self.fraction else parse_decimal(text)
        except ValueError:
            raise ValidationError(
                _("Não entendemos este número. Escreva como 1.234,56."), code="invalid_number"
            ) from None
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            raise ValidationError(
                _("No máximo %(places)s casas decimais."),
                code="too_precise",
                params={"places": self.places},
            )
        return number


class DayField(forms.CharField):
    """A date as people type it: ``hoje``, ``22/11``, ``22/11/2026``, ISO."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "maxlength": "20"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A known date, day first."""
        return write_date(value) if isinstance(value, dt.date) else value

    def clean(self, value: Any) -> Any:
        """The date. Raises ``ValidationError``."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueError:
            raise ValidationError(
                _("Não entendemos esta data. Escreva hoje, ontem, 22/11 ou 22/11/2026."),
                code="invalid_date",
            ) from None


class AssetEntry:
    """What a person typed as a code, and the asset they mean.

    An unknown code with a class chosen is a new asset of the workspace, not stored yet
    (``is_new``); without one it stays ``unknown`` and ``proposal`` holds the likely class.
    """

    def __init__(
        self,
        *,
        access: Access,
        text: str,
        asset_class: str = "",
        currency: str = "",
        lookup: AssetLookup | None = None,
    ) -> None:
        self.text = " ".join(text.split())
        self.asset: Asset | None = None
        self.is_new = False
        self.proposal = ""
        if not self.text:
            return
        self.asset = lookup(self.text) if lookup else asset_by_text(access=access, text=self.text)
        if self.asset is not None:
            return
        self.proposal = guess_class(self.text) or ""
        if asset_class in AssetClass.values:
            self.is_new = True
            self.asset = new_asset(access, self.text, asset_class, currency)

    @property
    def unknown(self) -> bool:
        """Whether no asset has this code and none is being made."""
        return bool(self.text) and self.asset is None


def new_asset(access: Access, ticker: str, asset_class: str, currency: str) -> Asset:
    """An asset of the workspace that is not stored yet; market and currency follow its class."""
    abroad = asset_class in _ABROAD
    code = currency if currency in CURRENCIES else ("USD" if abroad else "BRL")
    market = _MARKET_OF.get(code, "US") if abroad else "BR"
    return Asset(
        workspace=access.workspace,
        ticker=ticker if " " in ticker else ticker.upper(),  # "CDB Banco Exemplo" is a name
        asset_class=asset_class,
        currency=code,
        market=market,
        country=market,
    )
