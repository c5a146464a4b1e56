"""How figures and dates are written for people, in the language in force.

Portuguese: ``R$ 1.234,56``, ``12,34 %``, ``22/11/2026``. English: ``R$1,234.56``, ``12.34%``,
``22 Nov 2026``. A value that is not known is a dash, never a zero.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.translation import get_language

UNKNOWN = "—"
MINUS = "\u2212"
NBSP = "\u00a0"
# From here on numbers are written with a power of ten.
LONGEST = Decimal(10) ** 15

# Currencies people write with a sign. The others are written by their ISO code.
SYMBOLS = {
    "BRL": "R$",
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CHF": "CHF",
    "CAD": "C$",
    "AUD": "A$",
}

Figure = Decimal | int | None


def is_portuguese() -> bool:
    """Whether figures are written the Brazilian way in the language in force."""
    return (get_language() or "pt-br").startswith("pt")


def plain_number(value: Figure, places: int = 2, *, trim_to: int | None = None) -> str:
    """``value`` rounded half up to ``places`` decimals, grouped by thousands.

    With ``trim_to`` trailing zeros are dropped until that many decimals remain. ``None`` is the
    dash of the unknown.
    """
    if value is None:
        return UNKNOWN
    exact = Decimal(value)
    if not exact.is_finite():
        return UNKNOWN
    if abs(exact) >= LONGEST:
        # A day's gain by the year may have more digits than a column, or a decimal, holds.
        rounded, text = exact, f"{abs(exact):.2E}"
        trim_to = None
    else:
        rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        text = f"{abs(rounded):,.{places}f}"
    if trim_to is not None and "." in text:
        whole, decimals = text.split(".")
        decimals = decimals.rstrip("0").ljust(trim_to, "0")
        text = f"{whole}.{decimals}" if decimals else whole
    if is_portuguese():
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{MINUS}{text}" if rounded < 0 else text


def with_sign(text: str) -> str:
    """``text`` of a number with a plus before it when it is neither negative nor zero."""
    is_zero = not any(char in "123456789" for char in text)
    return text if text.startswith(MINUS) or is_zero or text == UNKNOWN else f"+{text}"


def money(value: Figure, currency: str | None = "BRL", places: int = 2) -> str:
    """``value`` with its currency: ``R$ 1.234,56``; without a currency, the bare amount."""
    text = plain_number(value, places)
    if text == UNKNOWN or not currency:
        return text
    sign, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    symbol = SYMBOLS.get(currency, currency)
    # "R$" stands before a space in Portuguese and touches the number in English; a code of
    # letters keeps its space in both.
    gap = NBSP if is_portuguese() or symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{gap}{digits}"


def quantity(value: Figure) -> str:
    """A number of shares, units or coins: up to eight decimals, none that says nothing."""
    return plain_number(value, 8, trim_to=0)


def price(value: Figure) -> str:
    """A unit price: two decimals, or as many as the market quotes, up to eight."""
    return plain_number(value, 8, trim_to=2)


def percent(fraction: Figure, places: int = 2) -> str:
    """A fraction as a percentage: ``Decimal("0.1234")`` is ``12,34 %``."""
    if fraction is None:
        return UNKNOWN
    text = plain_number(Decimal(fraction) * 100, places)
    if text == UNKNOWN:
        return text
    return f"{text}{NBSP}%" if is_portuguese() else f"{text}%"


def day(value: date | datetime | None) -> str:
    """A date: ``22/11/2026``, in English ``22 Nov 2026``."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return formats.date_format(value, "d/m/Y" if is_portuguese() else "j M Y")


def day_month(value: date | datetime | None) -> str:
    """A date of this year: ``22/11``, in English ``22 Nov``."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return formats.date_format(value, "d/m" if is_portuguese() else "j M")


def moment(value: datetime | None) -> str:
    """A moment in the reader's zone: today ``18:07``, else ``21/11 18:07`` or with its year."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    now = timezone.localtime(timezone.now())
    clock = formats.date_format(local, "H:i")
    if local.date() == now.date():
        return clock
    if local.year == now.year:
        return f"{day_month(local)} {clock}"
    return f"{day(local)} {clock}"
