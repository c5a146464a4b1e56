"""What the story's people own and have in cash while it is told, and the rows it leaves behind."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from apps.engine.kinds import Kind
from apps.portfolios.demo.catalogue import BY_TICKER, DemoAsset
from apps.portfolios.demo.walk import round_cents

ZERO = Decimal(0)
CENT = Decimal("0.01")
# Smallest amount an order may have: below it the month's money waits.
SMALLEST_ORDER = Decimal(60)
_STEP = {"crypto": Decimal("0.00000001"), "treasury": CENT}
_ABROAD_STEP = Decimal("0.0001")
Curve = Callable[[DemoAsset, dt.date], Decimal]
Rate = Callable[[dt.date], Decimal]


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger row of the story, with accounts and assets by name."""

    account: str
    kind: Kind
    date: dt.date
    asset: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    fees: Decimal | None = None
    tax_withheld: Decimal | None = None
    currency: str = ""
    to_currency: str = ""
    bucket: str = ""
    note: str = ""


class Book:
    """Quantities by account and asset, cash by account and currency, rows in their order."""

    def __init__(
        self,
        prices: Mapping[str, tuple[Sequence[dt.date], Sequence[Decimal]]],
        sessions: Sequence[dt.date],
        curve: Curve,
        dollar: Rate,
    ) -> None:
        self.prices = prices
        self.sessions = sessions
        self.curve = curve
        self.dollar = dollar
        self.held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.cash: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.entries: list[Entry] = []

    def price(self, ticker: str, day: dt.date) -> Decimal | None:
        """The close in force on ``day``, the paper's own curve, or nothing."""
        asset = BY_TICKER[ticker]
        if asset.terms is not None:
            return self.curve(asset, day)
        days, closes = self.prices.get(ticker, ((), ()))
        place = bisect_right(days, day)
        return closes[place - 1] if place else None

    def value(self, account: str, ticker: str, day: dt.date) -> Decimal:
        """What the account's holding is worth; 0 without a price."""
        return self.held[account, ticker] * (self.price(ticker, day) or ZERO)

    def split(self, day: dt.date) -> None:
        """Applies the changes of units at the open of ``day``; fractions are dropped."""
        for (account, ticker), quantity in list(self.held.items()):
            units = BY_TICKER[ticker].new_units(day)
            if units != 1:
                self.held[account, ticker] = _whole(quantity * units, ticker)

    def add(self, entry: Entry) -> None:
        """Writes a row down."""
        self.entries.append(entry)

    def deposit(self, account: str, day: dt.date, amount: Decimal, note: str = "") -> None:
        """Money in, in BRL."""
        self.cash[account, "BRL"] += amount
        self.add(Entry(account, Kind.DEPOSIT, day, amount=amount, currency="BRL", note=note))

    def withdraw(self, account: str, day: dt.date, amount: Decimal, note: str = "") -> None:
        """Money out, in BRL."""
        self.cash[account, "BRL"] -= amount
        self.add(Entry(account, Kind.WITHDRAWAL, day, amount=amount, currency="BRL", note=note))

    def charge(self, account: str, day: dt.date, amount: Decimal, note: str) -> None:
        """A fee of the account."""
        self.cash[account, "BRL"] -= amount
        self.add(Entry(account, Kind.FEE, day, amount=amount, currency="BRL", note=note))

    def buy(
        self,
        account: str,
        day: dt.date,
        ticker: str,
        money: Decimal,
        fee_rate: Decimal,
        *,
        fees_known: bool = True,
    ) -> None:
        """Spends up to ``money``, fees included, on whole units."""
        asset = BY_TICKER[ticker]
        price = self.price(ticker, day)
        if price is None or money < SMALLEST_ORDER:
            return
        if asset.terms is not None:
            price = round_cents(price)
        quantity = _whole(money / (price * (1 + fee_rate)), ticker)
        if quantity <= 0:
            return
        self._trade(account, day, Kind.BUY, ticker, quantity, price, fee_rate, fees_known)

    def sell(
        self,
        account: str,
        day: dt.date,
        ticker: str,
        share: Decimal,
        fee_rate: Decimal,
        *,
        fees_known: bool = True,
    ) -> None:
        """Sells ``share`` of what the account holds; 1 sells all of it."""
        held = self.held[account, ticker]
        quantity = held if share == 1 else _whole(held * share, ticker)
        price = self.price(ticker, day)
        if quantity > 0 and price is not None:
            price = round_cents(price)
            self._trade(account, day, Kind.SELL, ticker, quantity, price, fee_rate, fees_known)

    def _trade(
        self,
        account: str,
        day: dt.date,
        kind: Kind,
        ticker: str,
        quantity: Decimal,
        price: Decimal,
        fee_rate: Decimal,
        fees_known: bool,
        withheld: Decimal | None = None,
    ) -> None:
        asset = BY_TICKER[ticker]
        gross = round_cents(quantity * price)
        # A fraction of a unit: the broker's total in cents is what counts.
        amount = gross if gross != quantity * price else None
        fees = round_cents(gross * fee_rate) if fees_known else None
        if kind is Kind.SELL and asset.exchange == "BVMF" and withheld is None:
            # 0,005 % over the sale, not collected up to R$ 1,00 (Lei 11.033/2004, art. 2).
            found = (gross * Decimal("0.00005")).quantize(CENT, rounding=ROUND_DOWN)
            withheld = found if found > 1 else ZERO
        sign = 1 if kind is Kind.SELL else -1
        self.cash[account, asset.currency] += sign * gross - (fees or ZERO) - (withheld or ZERO)
        self.held[account, ticker] -= sign * quantity
        self.add(
            Entry(
                account, kind, day, ticker, quantity, price, amount, fees, withheld, asset.currency
            )
        )

    def day_trade(
        self,
        account: str,
        day: dt.date,
        ticker: str,
        quantity: Decimal,
        prices: tuple[Decimal, Decimal],
        fee_rate: Decimal,
    ) -> None:
        """Buys and sells the same units on one day; 1 % of the gain is withheld (Lei 9.959/2000,
        art. 8)."""
        paid, received = prices
        gain = quantity * (received - paid) - round_cents(quantity * paid * fee_rate)
        gain -= round_cents(quantity * received * fee_rate)
        withheld = max(round_cents(gain / 100), ZERO)
        self._trade(account, day, Kind.BUY, ticker, quantity, paid, fee_rate, True)
        self._trade(account, day, Kind.SELL, ticker, quantity, received, fee_rate, True, withheld)

    def pay_tax(self, account: str, day: dt.date, amount: Decimal, month: str) -> None:
        """A payment form of ``month``, paid from elsewhere: the account's cash stays."""
        self.add(
            Entry(account, Kind.DARF_PAYMENT, day, amount=amount, currency="BRL", bucket="common",
                  note=month)
        )  # fmt: skip

    def income(
        self,
        account: str,
        day: dt.date,
        kind: Kind,
        ticker: str,
        share: Decimal,
        withheld: Decimal = ZERO,
    ) -> None:
        """Pays ``share`` of the price on every unit held, less tax at the rate ``withheld``."""
        quantity, price = self.held[account, ticker], self.price(ticker, day)
        if not quantity or price is None:
            return
        amount = round_cents(quantity * price * share)
        tax = round_cents(amount * withheld)
        if amount <= 0:
            return
        currency = BY_TICKER[ticker].currency
        self.cash[account, currency] += amount - tax
        self.add(Entry(account, kind, day, ticker, None, None, amount, None, tax or None, currency))

    def remit(self, source: str, target: str, day: dt.date, amount: Decimal) -> None:
        """Sends reais abroad and turns them into dollars, 1 % above the day's rate."""
        note = "Remessa ao exterior"
        self.withdraw(source, day, amount, note)
        self.deposit(target, day, amount, note)
        dollars = (amount / (self.dollar(day) * Decimal("1.01"))).quantize(CENT, ROUND_DOWN)
        self.cash[target, "BRL"] -= amount
        self.cash[target, "USD"] += dollars
        self.add(
            Entry(target, Kind.FX, day, quantity=dollars, amount=amount, currency="BRL",
                  to_currency="USD", note=note)
        )  # fmt: skip

    def move(self, source: str, target: str, day: dt.date, ticker: str) -> None:
        """Transfers custody of all an account has of an asset; the cost goes along."""
        quantity = self.held.pop((source, ticker))
        self.held[target, ticker] += quantity
        note = "Transferência de custódia"
        self.add(Entry(source, Kind.TRANSFER_OUT, day, ticker, quantity, note=note))
        self.add(Entry(target, Kind.TRANSFER_IN, day, ticker, quantity, note=note))

    def receive(
        self, account: str, day: dt.date, ticker: str, quantity: Decimal, note: str
    ) -> None:
        """Units that arrive from elsewhere without a word about their cost."""
        self.held[account, ticker] += quantity
        self.add(Entry(account, Kind.TRANSFER_IN, day, ticker, quantity, note=note))

    def add_offer(
        self, account: str, day: dt.date, ticker: str, quantity: Decimal, price: Decimal
    ) -> None:
        """A purchase in a public offer, at the offer's price and without fees."""
        self.deposit(account, day, quantity * price, "Reserva em oferta pública")
        self._trade(account, day, Kind.BUY, ticker, quantity, price, ZERO, True)

    def redeem(self, account: str, day: dt.date, ticker: str, rate: Decimal, paid: Decimal) -> None:
        """Redemption of a paper at maturity, tax at ``rate`` on what it yielded over ``paid``."""
        quantity = self.held.pop((account, ticker))
        amount = round_cents(quantity * (self.price(ticker, day) or ZERO))
        tax = round_cents((amount - paid) * rate)
        self.cash[account, "BRL"] += amount - tax
        self.add(Entry(account, Kind.MATURITY, day, ticker, None, None, amount, None, tax, "BRL"))


def _whole(quantity: Decimal, ticker: str) -> Decimal:
    """Cut to what can be held of the asset."""
    asset = BY_TICKER[ticker]
    step = _STEP.get(asset.asset_class, _ABROAD_STEP if asset.market == "US" else Decimal(1))
    return (quantity / step).to_integral_value(rounding=ROUND_DOWN) * step
