"""Asks vendors in order until one answers.

Each vendor is guarded (:mod:`apps.market_data.guard`), asked again after a passing failure with a
pause that grows and is jittered, and left for the next one otherwise. No database here.
"""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from apps.market_data.clock import Clock
from apps.market_data.guard import Guard, Limits, Unavailable
from apps.market_data.providers.base import (
    BadShape,
    Capability,
    FxRow,
    History,
    IndexRow,
    Instrument,
    PlanRestricted,
    Provider,
    ProviderError,
    Quote,
    RateLimited,
    SymbolNotFound,
)

logger = logging.getLogger(__name__)

ATTEMPTS = 3
FIRST_PAUSE = 0.5
# Longer than this is not worth holding a worker: the next vendor is asked instead.
MAX_PAUSE = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """A vendor with its limits, in the order of the list it is in."""

    provider: Provider
    limits: Limits = field(default_factory=Limits)

    @property
    def code(self) -> str:
        """Code of its DataSource row."""
        return self.provider.name

    @property
    def key(self) -> str:
        """Whose health is watched: the vendor at this address with this key. A new key or another
        address begins with a clean sheet."""
        config = self.provider.config
        digest = hashlib.sha256(f"{config.base_url}\n{config.token}".encode()).hexdigest()
        return f"{self.code}:{digest[:12]}"


@dataclass(slots=True)
class Health:
    """What one run learnt of its vendors, to be written to their rows."""

    good: set[str] = field(default_factory=set)
    bad: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuoteAnswers:
    """Quotes by ``ref``; of each instrument without one, what every vendor said."""

    quotes: dict[str, Quote]
    errors: dict[str, dict[str, str]]


class NoAnswer(ProviderError):
    """No vendor answered; ``errors`` says why, by vendor. ``final`` when each of them answered
    that it does not have it, so that asking again soon is in vain."""

    code = "no_answer"

    def __init__(self, errors: dict[str, ProviderError]) -> None:
        super().__init__("; ".join(f"{code}: {error.code}" for code, error in errors.items()))
        self.errors = errors
        self.final = bool(errors) and all(
            isinstance(error, SymbolNotFound | PlanRestricted) for error in errors.values()
        )


class Chain:
    """Vendors in order."""

    def __init__(
        self, sources: Iterable[Source], clock: Clock, jitter: Callable[[], float] = random.random
    ) -> None:
        self._sources = list(sources)
        self._guards = {source.code: Guard(source.key, source.limits) for source in self._sources}
        self._clock = clock
        self._jitter = jitter
        self.health = Health()

    def quotes(self, instruments: Sequence[Instrument]) -> QuoteAnswers:
        """Last prices: every vendor is asked, in batches, for what those before it did not have."""
        found: dict[str, Quote] = {}
        errors: dict[str, dict[str, str]] = {item.ref: {} for item in instruments}
        for source in self._having(Capability.QUOTE):
            guard = self._guards[source.code]
            wanted = [
                item
                for item in instruments
                if item.ref not in found
                and (symbol := source.provider.symbol(item)) is not None
                and not guard.is_unknown(symbol)
            ]
            for batch in _batches(wanted, source.provider.config.batch_size):
                try:
                    answer = self._ask(
                        source,
                        lambda now, s=source, b=batch: s.provider.quotes(b, now=now),  # type: ignore[misc]
                    )
                except ProviderError as error:
                    for item in batch:
                        errors[item.ref][source.code] = error.code
                    if isinstance(error, Unavailable):
                        break
                    continue
                for item in batch:
                    quote = answer.quotes.get(item.ref)
                    problem = answer.errors.get(item.ref)
                    if quote is not None:
                        problem = _implausible(quote, item, self._clock.now())
                        if problem is None:
                            found[item.ref] = quote
                            continue
                    if isinstance(problem, SymbolNotFound):
                        guard.mark_unknown(source.provider.symbol(item) or item.ticker)
                    errors[item.ref][source.code] = (problem or SymbolNotFound()).code
        return QuoteAnswers(found, {ref: why for ref, why in errors.items() if ref not in found})

    def histories(
        self, instrument: Instrument, *, start: date, end: date
    ) -> Iterator[tuple[str, History | ProviderError]]:
        """Daily history from each vendor in turn, for as long as the caller wants more."""
        for source in self._having(Capability.HISTORY):
            symbol = source.provider.symbol(instrument)
            if symbol is None:
                continue
            guard = self._guards[source.code]
            if guard.is_unknown(symbol):
                yield source.code, SymbolNotFound(symbol)
                continue
            try:
                history = self._ask(
                    source,
                    lambda now, s=source: s.provider.history(  # type: ignore[misc]
                        instrument, start=start, end=end, now=now
                    ),
                )
            except ProviderError as error:
                if isinstance(error, SymbolNotFound):
                    guard.mark_unknown(symbol)
                yield source.code, error
                continue
            if instrument.currency and history.currency != instrument.currency:
                yield source.code, BadShape(f"history in {history.currency}")
                continue
            yield source.code, history

    def fx(self, base: str, quote: str, *, start: date, end: date) -> tuple[str, list[FxRow]]:
        """Rates of the first vendor that has the pair, with its code. Raises ``NoAnswer``."""
        return self._first(
            Capability.FX,
            lambda provider: provider.knows_fx(base, quote),
            lambda provider, now: provider.fx(base, quote, start=start, end=end, now=now),
        )

    def index(self, code: str, *, start: date, end: date) -> tuple[str, list[IndexRow]]:
        """Values of the first vendor that has the index, with its code. Raises ``NoAnswer``."""
        return self._first(
            Capability.INDEX,
            lambda provider: provider.knows_index(code),
            lambda provider, now: provider.index(code, start=start, end=end, now=now),
        )

    def _first(
        self,
        capability: Capability,
        knows: Callable[[Provider], bool],
        ask: Callable[[Provider, datetime], T],
    ) -> tuple[str, T]:
        errors: dict[str, ProviderError] = {}
        for source in self._having(capability):
            if not knows(source.provider):
                continue
            try:
                return source.code, self._ask(
                    source,
                    lambda now, s=source: ask(s.provider, now),  # type: ignore[misc]
                )
            except ProviderError as error:
                errors[source.code] = error
        raise NoAnswer(errors)

    def _having(self, capability: Capability) -> list[Source]:
        return [s for s in self._sources if capability in s.provider.capabilities]

    def _ask(self, source: Source, call: Callable[[datetime], T]) -> T:
        """One question, with admission, retries and the guard told of the outcome."""
        guard = self._guards[source.code]
        for attempt in range(1, ATTEMPTS + 1):
            self._await_turn(guard)
            try:
                answer = call(self._clock.now())
            except ProviderError as error:
                guard.failed(error, self._clock.now())
                self._note(source.code, error)
                pause = self._pause(error, attempt)
                if attempt == ATTEMPTS or pause is None:
                    raise
                self._clock.sleep(pause)
            else:
                guard.succeeded()
                self.health.good.add(source.code)
                self.health.bad.pop(source.code, None)
                return answer
        raise AssertionError("the last attempt returns or raises")

    def _await_turn(self, guard: Guard) -> None:
        waited = 0.0
        while (wait := guard.admit(self._clock.now())) > 0:
            waited += wait
            if waited > MAX_PAUSE * 2:
                raise Unavailable("too many requests waiting")
            self._clock.sleep(wait)

    def _pause(self, error: ProviderError, attempt: int) -> float | None:
        """Seconds until another attempt makes sense, ``None`` when it does not."""
        if not error.retryable:
            return None
        pause = FIRST_PAUSE * 2 ** (attempt - 1) * (1 + self._jitter())
        if isinstance(error, RateLimited) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause if pause <= MAX_PAUSE else None

    def _note(self, code: str, error: ProviderError) -> None:
        if error.unhealthy:
            logger.warning("market data source %s: %s (%s)", code, error.code, error.detail)
            self.health.bad[code] = f"{error.code}: {error.detail}"[:300]
        else:
            self.health.good.add(code)


def _batches(items: Sequence[Instrument], size: int) -> Iterator[Sequence[Instrument]]:
    for start in range(0, len(items), max(1, size)):
        yield items[start : start + max(1, size)]


def _implausible(quote: Quote, instrument: Instrument, now: datetime) -> ProviderError | None:
    """A price in another currency than the asset's, or from the future, is no price of it."""
    if instrument.currency and quote.currency != instrument.currency:
        return BadShape(f"quote in {quote.currency}")
    if (quote.as_of - now).total_seconds() > 24 * 3600:
        return BadShape("quote from the future")
    return None
