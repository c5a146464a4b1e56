"""What a Holder may choose where the law is not settled. Each default is the safer reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation


class SettingError(ValueError):
    """A setting nobody knows, or a value it cannot take."""


@dataclass(frozen=True, slots=True)
class TaxSettings:
    """Choices where the reference says uncertain.

    ``daytrade_matching``: ``auto`` pairs first in, first out where every trade of the day has its
    time and by average where not; ``fifo`` pairs in file order where times are missing; ``average``
    always by average.
    """

    # B3, monthly
    estimate_irrf: bool = False
    daytrade_matching: str = "auto"
    fractional_same_asset: bool = True
    daytrade_in_limit: bool = False
    short_sales_in_limit: bool = True
    short_gains_exempt: bool = False
    limit_net_of_fees: bool = False
    units_exempt: bool = True
    common_loss_offsets_daytrade: bool = False
    common_withholding_offsets_daytrade: bool = False
    fi_infra_daytrade_exempt: bool = True
    fraction_auctions: str = "sale"  # sale | exempt_other
    fii_amortization: str = "cost_first"  # cost_first | capital_gain
    share_incorporation: str = "disposal"  # disposal | carry, where the row says it is one
    futures_recognition: str = "close"  # close | daily
    sme_assets: str = ""  # codes of small companies' shares, beside those marked in their data
    sme_losses_offset: bool = False
    sme_sales_in_limit: bool = True
    # Calendar and DARF
    bank_closed_year_end: bool = True
    bank_closed_carnival: bool = True
    # Abroad
    abroad_date: str = "trade"  # trade | settlement
    abroad_cost: str = "average"  # average | fifo
    abroad_via_usd: bool = False
    abroad_pre2024_fx_taxed: bool = True
    estimate_foreign_tax: bool = False
    bdr_dividends: str = "carne_leao"  # carne_leao | abroad
    # Crypto
    self_custody: str = "domestic"  # domestic | abroad
    # Dividends
    profits_2025_approved_by_injunction: bool = False
    jcp_rate_date: str = "payment"  # payment | credit
    irpfm_exempts_fii: bool = True
    # What is earned and paid outside the ledger in the year, for the minimum tax
    other_taxable_income: Decimal = Decimal(0)
    other_exclusive_income: Decimal = Decimal(0)
    other_exempt_income: Decimal = Decimal(0)
    other_tax: Decimal = Decimal(0)
    other_exclusive_tax: Decimal = Decimal(0)
    # Fixed income
    cra_gain_exempt: bool = True
    iof_day_zero: str = "first"  # first | none
    # Annual return
    etf_code: str = "auto"
    exempt_others_code: str = "auto"  # auto | the code itself

    def having(self, pairs: Iterable[tuple[str, str]]) -> TaxSettings:
        """These settings with others given as text. Raises ``SettingError``."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        values: dict[str, object] = {}
        for name, text in pairs:
            if name not in known:
                raise SettingError(f"unknown setting {name!r}")
            values[name] = _value(name, text, known[name])
        return replace(self, **values)  # type: ignore[arg-type]


_CHOICES = {
    "daytrade_matching": ("auto", "fifo", "average"),
    "fraction_auctions": ("sale", "exempt_other"),
    "fii_amortization": ("cost_first", "capital_gain"),
    "share_incorporation": ("disposal", "carry"),
    "futures_recognition": ("close", "daily"),
    "abroad_date": ("trade", "settlement"),
    "abroad_cost": ("average", "fifo"),
    "bdr_dividends": ("carne_leao", "abroad"),
    "self_custody": ("domestic", "abroad"),
    "jcp_rate_date": ("payment", "credit"),
    "iof_day_zero": ("first", "none"),
}
# Figures beyond this many digits either way are typing errors, and would overflow arithmetic.
_DIGITS = 20
_TRUE = {"true", "1", "yes", "sim"}
_FALSE = {"false", "0", "no", "nao", "não"}


def choices(name: str) -> tuple[str, ...]:
    """Values a setting of words may take (empty: any, or it is not of words)."""
    return _CHOICES.get(name, ())


def _value(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        word = text.strip().lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        raise SettingError(f"setting {name!r} is true or false, not {text!r}")
    if isinstance(default, Decimal):
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
            raise SettingError(f"setting {name!r} is a number, not {text!r}")
        return number
    allowed = _CHOICES.get(name)
    if allowed and text not in allowed:
        raise SettingError(f"setting {name!r} is one of {', '.join(allowed)}, not {text!r}")
    return text
