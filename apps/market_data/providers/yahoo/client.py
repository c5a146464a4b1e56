"""``yfinance`` behind one door.

Everything that depends on the package's insides is here, and ``tests`` compare the installed
version with :data:`SUPPORTED_VERSION`: read this file again before raising the pin.

The package (and with it pandas, 60 MB) is imported on first use, so that a worker which never
asks Yahoo does not pay for it.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.yahoo.errors import is_empty_window, translate

if TYPE_CHECKING:
    import pandas

SUPPORTED_VERSION = "1.7.0"
BASE_URL = "https://query2.finance.yahoo.com"

_sessions: dict[tuple[str, int], Any] = {}
_lock = threading.RLock()


@dataclass(frozen=True, slots=True)
class Chart:
    """What one call gives: the frame of sessions (``None``: the symbol exists and did not trade)
    and the vendor's description of the symbol."""

    frame: pandas.DataFrame | None
    meta: dict[str, Any]


class Client:
    """Daily charts of one symbol at a time."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config

    def recent(self, symbol: str) -> Chart:
        """The last five sessions, with the last price in ``meta``."""
        return self._chart(symbol, period="5d")

    def since(self, symbol: str, start: date) -> Chart:
        """Every session from ``start`` to now: a window that ends earlier would hide the splits
        that came after it, by which its prices are adjusted all the same."""
        return self._chart(symbol, start=(start - timedelta(days=1)).isoformat())

    def _chart(self, symbol: str, **window: str) -> Chart:
        # yfinance holds one session for the whole process: one request at a time.
        with _lock:
            _Door.deadline = time.monotonic() + self._config.total_timeout
            ticker = None
            try:
                ticker = self._ticker(symbol)
                frame = ticker.history(
                    interval="1d",
                    # The default would hand out prices that nobody ever paid.
                    auto_adjust=False,
                    actions=True,
                    # repair=True rescales pence by itself, and silently.
                    repair=False,
                    timeout=self._config.read_timeout,
                    **window,
                )
                return Chart(frame, _meta(ticker))
            except Exception as error:
                meta = _meta(ticker)
                if is_empty_window(error) and meta.get("currency"):
                    return Chart(None, meta)
                raise translate(error, symbol) from error
            finally:
                _forget_answers()

    def _ticker(self, symbol: str) -> Any:
        import yfinance

        # It warns of the next pandas at every call.
        warnings.filterwarnings("ignore", module="yfinance")
        yfinance.config.debug.hide_exceptions = False
        yfinance.config.network.retries = 0
        if self._config.cache_dir:
            yfinance.set_tz_cache_location(self._config.cache_dir)
        ticker = yfinance.Ticker(symbol, session=_session(self._config.base_url))
        # The zone only places the window's ends (dates are cut again on our side); left empty it
        # costs another request and, for an unknown symbol, several more.
        ticker._tz = "UTC"
        return ticker


def _meta(ticker: Any) -> dict[str, Any]:
    # The attribute and not get_history_metadata(), which asks again when it is empty.
    history = getattr(ticker, "_price_history", None)
    return dict(getattr(history, "_history_metadata", None) or {})


def _session(base_url: str) -> Any:
    # Per process as well: a session must not cross a fork.
    key = (base_url, os.getpid())
    if key not in _sessions:
        from yfinance._http import new_session

        session = new_session()
        session.request = _Door(session.request, base_url)
        _sessions[key] = session
    return _sessions[key]


class _Door:
    """What every request of the package passes.

    It keeps the whole call within its time (the package gives 30 s to each of its preliminary
    requests) and, where the base address is not Yahoo's own, sends requests to any host of
    Yahoo's there: the package holds its hosts in constants and literals of several modules, and
    this is the one place where all of them can be rebound.
    """

    deadline = 0.0

    def __init__(self, send: Any, base_url: str) -> None:
        self._send = send
        self._base_url = "" if base_url.rstrip("/") == BASE_URL else base_url.rstrip("/")

    def __call__(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        left = _Door.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        kwargs["timeout"] = min(kwargs.get("timeout") or left, left)
        parts = urlsplit(url)
        if self._base_url and (parts.hostname or "").endswith("yahoo.com"):
            url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return self._send(method, url, *args, **kwargs)


def _forget_answers() -> None:
    """The package remembers answers for the life of the process, refusals included."""
    from yfinance.data import YfData

    YfData.cache_get.cache_clear()
