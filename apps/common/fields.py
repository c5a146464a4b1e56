"""Column types shared by every table of record."""

from __future__ import annotations

from typing import Any

from django.db import models


class QuantityField(models.DecimalField):  # type: ignore[type-arg]
    """Units of an asset: 12 decimals hold the smallest crypto and fund fractions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 30)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(*args, **kwargs)


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """Money and unit prices, unrounded: 10 decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 28)
        kwargs.setdefault("decimal_places", 10)
        super().__init__(*args, **kwargs)


class RateField(models.DecimalField):  # type: ignore[type-arg]
    """Rates, ratios and shares: 12 decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 28)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(*args, **kwargs)
