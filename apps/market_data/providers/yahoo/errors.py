"""yfinance's exceptions to ours."""

from __future__ import annotations

import json

from apps.market_data.providers.base import (
    AuthFailed,
    BadShape,
    ProviderError,
    RateLimited,
    SymbolNotFound,
    Timeout,
    Upstream,
)

# Said by Yahoo of a symbol it does not know, and by yfinance when nothing was said.
_UNKNOWN = ("not found", "no data found", "delisted", "no price data found")


def is_empty_window(error: Exception) -> bool:
    """Whether Yahoo answered without sessions and without saying that anything is wrong."""
    from yfinance.exceptions import YFPricesMissingError

    return isinstance(error, YFPricesMissingError) and error.yahoo_reason is None


def translate(error: Exception, symbol: str) -> ProviderError:
    """The matching ``ProviderError``, by class first and by text where one class says several
    things."""
    from yfinance import exceptions

    if isinstance(error, ProviderError):
        return error
    text = str(error).casefold()
    if isinstance(error, exceptions.YFRateLimitError):
        return RateLimited("too many requests")
    if isinstance(error, exceptions.YFTickerMissingError):
        if "crumb" in text or "unauthorized" in text:
            return AuthFailed("Yahoo refused the session")
        if any(words in text for words in _UNKNOWN):
            return SymbolNotFound(symbol)
        return Upstream(str(error)[:200])
    if isinstance(error, exceptions.YFException | NotImplementedError):
        return Upstream(str(error)[:200])
    # Both HTTP backends name their classes alike; which of them is in use is yfinance's affair.
    names = {base.__name__ for base in type(error).__mro__}
    if names & {"Timeout", "ReadTimeout", "ConnectTimeout", "TimeoutError"}:
        return Timeout("no answer in time")
    if isinstance(error, json.JSONDecodeError) or "JSONDecodeError" in names:
        return BadShape("text instead of JSON")
    if isinstance(error, KeyError | IndexError | TypeError | AttributeError | ValueError):
        return BadShape(f"unexpected answer ({type(error).__name__})")
    return Upstream(f"could not be reached ({type(error).__name__})")
