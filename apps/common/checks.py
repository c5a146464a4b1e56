"""Checks that several services share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.errors import Invalid


def currency_check(code: str, *, field: str = "currency") -> str:
    """The code of a currency in upper case. Raises :class:`Invalid` unless it is three letters."""
    found = code.strip().upper()
    if len(found) != 3 or not found.isascii() or not found.isalpha():
        raise Invalid("invalid", _("Use o código de três letras da moeda."), field=field)
    return found
