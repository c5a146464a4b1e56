"""How assets are named outside: exchanges, suffixes, classes."""

from __future__ import annotations

import re

from apps.market_data.providers.base import Instrument

# Suffixes of Yahoo's symbols by exchange (MIC). American exchanges have none.
YAHOO_SUFFIX = {
    "BVMF": ".SA",
    "XNYS": "",
    "XNAS": "",
    "ARCX": "",
    "XASE": "",
    "BATS": "",
    "XLON": ".L",
    "XETR": ".DE",
    "XFRA": ".F",
    "XTKS": ".T",
    "XHKG": ".HK",
    "XPAR": ".PA",
    "XAMS": ".AS",
    "XMIL": ".MI",
    "XMAD": ".MC",
    "XSWX": ".SW",
    "XTSE": ".TO",
    "XASX": ".AX",
}
# Where only the wider market is known. EU alone does not name an exchange.
YAHOO_MARKET_SUFFIX = {"BR": ".SA", "B3": ".SA", "US": "", "UK": ".L", "GB": ".L"}

LISTED_B3_CLASSES = frozenset(
    {"stock", "unit", "fii", "fiagro", "fi_infra", "etf", "etf_fixed_income", "bdr", "right"}
)
LISTED_ABROAD_CLASSES = frozenset({"stock_abroad", "etf_abroad", "reit"})
CRYPTO_CLASSES = frozenset({"crypto", "crypto_abroad"})

_FRACTIONAL = re.compile(r"^([A-Z0-9]{4}\d{1,2})F$")


def b3_ticker(ticker: str) -> str:
    """The round-lot ticker: the fractional market's F names the same asset.

    >>> b3_ticker("petr4f")
    'PETR4'
    """
    upper = ticker.strip().upper()
    match = _FRACTIONAL.match(upper)
    return match.group(1) if match else upper


def is_listed_on_b3(instrument: Instrument) -> bool:
    """Whether the asset trades on B3's cash market."""
    place = instrument.exchange or instrument.market
    return place in ("BVMF", "BR", "B3") and instrument.asset_class in LISTED_B3_CLASSES


def yahoo_symbol(instrument: Instrument) -> str | None:
    """Yahoo's symbol, ``None`` where the exchange is not known or has no symbol there.

    Class shares take a hyphen (``BRK-B``), Hong Kong four digits, coins their currency.
    """
    if instrument.quote_symbol:
        return instrument.quote_symbol.strip()
    ticker = instrument.ticker.strip().upper()
    if instrument.asset_class in CRYPTO_CLASSES:
        return f"{ticker}-{instrument.currency}" if instrument.currency else None
    if instrument.asset_class not in LISTED_B3_CLASSES | LISTED_ABROAD_CLASSES:
        return None
    if instrument.exchange:
        suffix = YAHOO_SUFFIX.get(instrument.exchange)
    else:
        suffix = YAHOO_MARKET_SUFFIX.get(instrument.market)
    if suffix is None or not ticker:
        return None
    if suffix == ".SA":
        return b3_ticker(ticker) + suffix
    if suffix == ".HK":
        return ticker.zfill(4) + suffix
    return ticker.replace(".", "-").replace("/", "-").replace(" ", "-") + suffix
