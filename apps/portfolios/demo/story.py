"""Twelve years of an invented family: what they saved, bought, sold and received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.portfolios.demo.book import ZERO, Book
from apps.portfolios.demo.catalogue import BY_TICKER, START, STORY_END


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the story; institutions are those of the registry, by short name."""

    name: str
    institution: str
    holder: str
    currency: str = "BRL"


MARINA, PAULO = "Marina Duarte", "Paulo Duarte"
XP = DemoAccount("XP · Marina", "XP", MARINA)
INTER = DemoAccount("Inter · Marina", "Inter DTVM", MARINA)
NU = DemoAccount("NuInvest · Paulo", "NuInvest", PAULO)
AVENUE = DemoAccount("Avenue · Marina", "Avenue", MARINA, "USD")
COINS = DemoAccount("Mercado Bitcoin · Marina", "Mercado Bitcoin", MARINA)
ACCOUNTS = (XP, INTER, NU, AVENUE, COINS)
HOLDERS = (MARINA, PAULO)

# Exchange costs of the cash market, percent of the value; brokerage is long free of charge.
_B3_FEES = Decimal("0.0003")
_COIN_FEES = Decimal("0.005")
_NO_FEES = ZERO
# Shares of each account that its owner aims for; a month's money goes to what lags most.
_TARGETS: dict[str, dict[str, int]] = {
    XP.name: {
        "AURD3": 14, "BNCD4": 16, "MINQ3": 10, "VRJD3": 8, "TCND3": 12, "SDLD3": 7, "FRVD3": 8,
        "PTMD4": 9, "IBVD11": 10, "GLBD34": 9, "OCND3": 4,
    },
    INTER.name: {"LOGD11": 26, "SHPD11": 22, "PPLD11": 20, "ESCD11": 12, "RNDD11": 20},
    NU.name: {"IBVD11": 45, "BNCD4": 25, "LOGD11": 30},
    AVENUE.name: {"ORBTD": 38, "HELXD": 24, "VRDFD": 18, "PRKLD": 20},
}  # fmt: skip
_WANTED = {"VRJD3": (2015, 2020), "SDLD3": (2014, 2021), "OCND3": (2019, 2022),
           "ESCD11": (2014, 2021)}  # fmt: skip
_PAY_JCP = ("BNCD4", "AURD3", "MINQ3")
_SALES: dict[tuple[int, int], tuple[tuple[DemoAccount, str, str], ...]] = {
    (2016, 12): ((XP, "PTMD4", "0.30"),),
    (2018, 5): ((XP, "MINQ3", "0.25"),),
    (2019, 11): ((XP, "VRJD3", "0.35"),),
    (2020, 3): ((XP, "VRJD3", "0.50"), (NU, "IBVD11", "0.20")),
    (2021, 2): ((XP, "TCND3", "0.40"),),
    (2021, 9): ((XP, "VRJD3", "1"),),
    (2022, 10): ((XP, "SDLD3", "1"),),
    (2023, 7): ((INTER, "ESCD11", "1"),),
    (2024, 4): ((AVENUE, "ORBTD", "0.20"),),
    (2025, 5): ((COINS, "BTC-D", "0.30"),),
    (2025, 11): ((XP, "MINQ3", "0.35"),),
    (2026, 2): ((INTER, "AURD3", "0.52"),),
    (2026, 3): ((XP, "AURD3", "0.15"),),
    (2026, 5): ((INTER, "SHPD11", "0.30"),),
    (2026, 8): ((INTER, "BNCD4", "0.62"),),
    (2026, 9): ((XP, "GLBD34", "0.30"), (NU, "IBVD11", "0.15")),
    (2026, 10): ((XP, "IBVD11", "0.25"),),
    (2026, 11): ((XP, "PTMD4", "0.28"),),
}
# Bought and sold on the same day: quantity, price paid, price received.
_DAY_TRADES: dict[tuple[int, int], tuple[DemoAccount, str, str, str, str]] = {
    (2026, 7): (XP, "TCND3", "100", "38.20", "38.70"),
}
# What Marina paid of her taxes, by day: the month paid for and the money, charges included.
_TAX_PAID = {
    dt.date(2026, 3, 31): ("2026-02", "108.18"),
    dt.date(2026, 10, 9): ("2026-08", "2060.69"),
}


def tell(book: Book) -> None:
    """Fills the book with the whole story."""
    done = START - dt.timedelta(days=1)
    for month in _months(book):
        _units_change(book, done, month[0])
        done = month[0]
        _savings(book, month[2])
        _special(book, month)
        _abroad(book, month)
        _invest(book, month[5])
        _redemption(book, month[0])
        _income(book, month)
        _sales(book, month[13] if len(month) > 13 else month[-1])
        _day_trades(book, month[9])
        _taxes(book, month)


def _months(book: Book) -> Iterator[list[dt.date]]:
    """Sessions of each month until the story's end, months with too few left out."""
    months: dict[tuple[int, int], list[dt.date]] = {}
    for day in book.sessions:
        if START <= day <= STORY_END:
            months.setdefault((day.year, day.month), []).append(day)
    yield from (days for days in months.values() if len(days) > 12)


def _units_change(book: Book, after: dt.date, until: dt.date) -> None:
    days = {d for a in BY_TICKER.values() for d in (*a.splits, *a.bonus) if after < d <= until}
    for day in sorted(days):
        book.split(day)


def _savings(book: Book, day: dt.date) -> None:
    """Monthly deposits that grow a little every year; a bonus salary in December."""
    years = day.year - 2014
    monthly = Decimal(1200 + 120 * years)
    if day.month == 12:
        monthly *= 2
    # The months of funds are the even ones, once there is an account for them.
    account = INTER if day.year >= 2018 and day.month % 2 == 0 else XP
    book.deposit(account.name, day, monthly)
    if day.year >= 2016 and day.month in (1, 4, 7, 10):
        book.deposit(NU.name, day, Decimal(1200 + 60 * (day.year - 2016)))
    if day.year < 2018 and day.month in (6, 12):
        book.charge(XP.name, day, Decimal("14.90"), "Taxa de custódia")


def _special(book: Book, month: list[dt.date]) -> None:
    """What happened once."""
    first, day = month[0], month[4]
    now = (first.year, first.month)
    if now == (2016, 3):
        issue = dt.date(2016, 3, 14)
        book.deposit(XP.name, issue, Decimal(8000), "Reserva")
        book.buy(XP.name, issue, "CDB Cerrado 2019", Decimal(8000), _NO_FEES)
    elif now == (2023, 6):
        issue = dt.date(2023, 6, 15)
        book.deposit(XP.name, issue, Decimal(30000), "Venda do carro")
        book.buy(XP.name, issue, "CDB Cerrado 2028", Decimal(30000), _NO_FEES)
    elif now == (2022, 2):
        book.deposit(NU.name, day, Decimal(15000), "Reserva")
        book.buy(NU.name, day, "Tesouro Selic 2029 D", Decimal(15000), _NO_FEES)
    elif now == (2021, 6):
        for ticker in ("BNCD4", "AURD3"):
            book.move(XP.name, INTER.name, day, ticker)
    elif now == (2022, 3):
        note = "Custódia recebida de outra corretora: o custo não veio junto"
        book.receive(NU.name, day, "FRVD3", Decimal(120), note)
    elif now == (2024, 8):
        # A share nobody prices: bought in an offer, never traded since.
        book.add_offer(XP.name, day, "EXPD3", Decimal(200), Decimal("9.50"))
    if first.month == 2 and 2018 <= first.year <= 2025:
        money = Decimal(2000)
        book.deposit(XP.name, day, money, "Restituição do imposto e bônus")
        book.buy(XP.name, day, "Tesouro IPCA+ 2035 D", money, _NO_FEES)
    if first.month in (3, 9) and first.year >= 2019:
        money = Decimal(700) if first.year < 2024 else Decimal(1200)
        book.deposit(COINS.name, day, money)
        book.buy(COINS.name, day, "BTC-D", book.cash[COINS.name, "BRL"], _COIN_FEES)


def _abroad(book: Book, month: list[dt.date]) -> None:
    """Every quarter from 2020 to mid-2026 something is sent abroad and invested there."""
    day = month[4]
    if day.month in (2, 5, 8, 11) and dt.date(2020, 2, 1) <= day <= dt.date(2026, 7, 1):
        extra = Decimal(2400 + 150 * (day.year - 2020))
        book.deposit(XP.name, day, extra, "Para remessa ao exterior")
        book.remit(XP.name, AVENUE.name, day, extra)
        _spend(book, AVENUE.name, "USD", month[6], _NO_FEES)


def _invest(book: Book, day: dt.date) -> None:
    account = INTER if day.year >= 2018 and day.month % 2 == 0 else XP
    _spend(book, account.name, "BRL", day, _B3_FEES)
    if day.month in (1, 4, 7, 10):
        # Paulo did not keep the notes of 2019: those fees are unknown.
        _spend(book, NU.name, "BRL", day, _B3_FEES, fees_known=day.year != 2019)


def _spend(
    book: Book, account: str, currency: str, day: dt.date, rate: Decimal, *, fees_known: bool = True
) -> None:
    """Spends the account's cash on the one or two assets that lag most behind their share."""
    targets = {
        ticker: weight
        for ticker, weight in _TARGETS[account].items()
        if _wanted(ticker, day) and book.price(ticker, day) is not None
    }
    cash = book.cash[account, currency]
    if not targets or cash < 300:
        return
    values = {ticker: book.value(account, ticker, day) for ticker in targets}
    total = sum(values.values(), ZERO) + cash
    whole = sum(targets.values())
    lags = sorted(targets, key=lambda t: values[t] / total - Decimal(targets[t]) / whole)
    chosen = lags[: 2 if cash > 2400 else 1]
    for place, ticker in enumerate(chosen):
        money = book.cash[account, currency] / (len(chosen) - place)
        book.buy(account, day, ticker, money, rate, fees_known=fees_known)


def _wanted(ticker: str, day: dt.date) -> bool:
    first, last = _WANTED.get(ticker, (2014, 2100))
    asset = BY_TICKER[ticker]
    return first <= day.year <= last and asset.listed <= day


def _redemption(book: Book, first: dt.date) -> None:
    if (first.year, first.month) == (2019, 3):
        # Held for more than 720 days: 15 % (Lei 11.033/2004, art. 1).
        maturity = dt.date(2019, 3, 14)
        book.redeem(XP.name, maturity, "CDB Cerrado 2019", Decimal("0.15"), Decimal(8000))


def _income(book: Book, month: list[dt.date]) -> None:
    """Funds pay every month, shares twice a year or mostly as JCP, abroad quarterly."""
    day = month[10]
    for account, ticker in sorted(key for key, quantity in book.held.items() if quantity):
        asset = BY_TICKER[ticker]
        yearly = Decimal(asset.income)
        if not yearly:
            continue
        if asset.asset_class == "fii":
            book.income(account, day, Kind.DISTRIBUTION, ticker, yearly / 12)
        elif asset.market == "US":
            if day.month in (3, 6, 9, 12):
                book.income(account, day, Kind.DIVIDEND, ticker, yearly / 4, Decimal("0.30"))
        elif ticker not in _PAY_JCP:
            if day.month in (5, 11):
                book.income(account, day, Kind.DIVIDEND, ticker, yearly / 2)
        elif day.month == 5:
            book.income(account, day, Kind.DIVIDEND, ticker, yearly * 3 / 10)
        elif day.month in (3, 8, 12):
            # 15 % (Lei 9.249/1995, art. 9), 17,5 % from 2026 on (LC 224/2025).
            rate = Decimal("0.15") if day.year < 2026 else Decimal("0.175")
            book.income(account, day, Kind.JCP, ticker, yearly * 7 / 30, rate)


def _sales(book: Book, day: dt.date) -> None:
    for account, ticker, share in _SALES.get((day.year, day.month), ()):
        rate = {COINS.name: _COIN_FEES, AVENUE.name: _NO_FEES}.get(account.name, _B3_FEES)
        book.sell(account.name, day, ticker, Decimal(share), rate)


def _day_trades(book: Book, day: dt.date) -> None:
    found = _DAY_TRADES.get((day.year, day.month))
    if found is not None:
        account, ticker, quantity, paid, received = found
        prices = (Decimal(paid), Decimal(received))
        money = Decimal(4000)  # comes and goes
        book.deposit(account.name, day, money)
        book.day_trade(account.name, day, ticker, Decimal(quantity), prices, _B3_FEES)
        book.withdraw(account.name, day, money)


def _taxes(book: Book, month: list[dt.date]) -> None:
    for day, (paid_for, amount) in _TAX_PAID.items():
        if (day.year, day.month) == (month[0].year, month[0].month):
            book.pay_tax(XP.name, day, Decimal(amount), paid_for)
