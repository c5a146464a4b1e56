"""Income of an asset, and money that moves by itself."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO
from apps.engine.holdings.trades import gross_of
from apps.engine.kinds import Kind
from apps.engine.types import Row

# How the amount of a row without asset moves the balance.
_SIGN = {Kind.WITHDRAWAL: -1, Kind.FEE: -1, Kind.TAX: -1}


def income(book: Book, row: Row, route: Route) -> None:
    """Dividends, interest on equity, distributions, interest, lending: gross and withheld."""
    position = route.position
    if position is None:
        if row.kind is Kind.INTEREST:
            cash(book, row, route)
        else:
            book.issue("asset_missing", row)
        return
    gross = row.amount
    withheld = row.tax_withheld
    if gross is None:
        gross = gross_of(row)
        if gross is None:
            book.issue("amount_missing", row, position)
            book.pay_unknown(row, route)
            position.income.append((row, None, None))
            return
    book.pay(row, route, gross - (withheld or ZERO) - (row.fees or ZERO))
    if route.converts:
        rate = book.rate(row, position)
        if rate is None:
            position.income.append((row, None, None))
            return
        gross *= rate
        withheld = None if withheld is None else withheld * rate
        if row.fees:
            position.fees += row.fees * rate
    elif row.fees:
        position.fees += row.fees
    position.income.append((row, gross, withheld))


def _sum(book: Book, row: Row, money: Decimal) -> None:
    key = (row.account, row.currency, row.kind)
    book.cash_by_kind[key] = book.cash_by_kind.get(key, ZERO) + money


def cash(book: Book, row: Row, route: Route) -> None:
    """Deposits, withdrawals, fees and taxes of an account (negative = refund)."""
    amount = row.amount
    if amount is None:
        book.issue("amount_missing", row, route.position)
        book.pay_unknown(row, route)
        return
    money = _SIGN.get(row.kind, 1) * amount - (row.fees or ZERO) - (row.tax_withheld or ZERO)
    book.pay(row, route, money)
    position = route.position
    if position is None:
        _sum(book, row, money)
    elif row.kind is Kind.FEE:
        rate = book.rate(row, position) if route.converts else Decimal(1)
        if rate is not None:
            position.fees += amount * rate


def fx(book: Book, row: Row, route: Route) -> None:
    """One currency of the account becomes another, at what was really paid and received."""
    amount, received, other = row.amount, row.quantity, row.to_asset
    if not other:
        book.issue("to_asset_missing", row)
        return
    fees = row.fees or ZERO
    if amount is None:
        book.issue("amount_missing", row)
        book.mark_unknown(row, row.currency)
    else:
        route.cell.add(-amount - fees)
        _sum(book, row, -amount - fees)
    if received is None:
        book.issue("quantity_missing", row)
        book.mark_unknown(row, other)
    else:
        book.cell(row.account, other, row.asset or None).add(received)
        key = (row.account, other, row.kind)
        book.cash_by_kind[key] = book.cash_by_kind.get(key, ZERO) + received


def declared(book: Book, row: Row, route: Route) -> None:
    """Opening losses and tax payments are read by the tax calculation; no cash moves here."""
    if row.amount is None:
        book.issue("amount_missing", row)
