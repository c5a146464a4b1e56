"""Years and months in addresses: one that is none is an address of nothing."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter


class YearConverter(IntConverter):
    """A year of this century or the last."""

    regex = "(?:19|20)[0-9]{2}"


class MonthConverter(IntConverter):
    """A month, 1 to 12."""

    regex = "0?[1-9]|1[0-2]"


register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")
