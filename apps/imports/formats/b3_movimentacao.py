"""B3 Movimentação: settlements, income and corporate actions, by settlement or payment date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.imports.formats import movements, wording
from apps.imports.formats.jcp import Rates
from apps.imports.formats.movements import Context
from apps.imports.formats.products import read_product
from apps.imports.formats.tables import Record, Source, find_header, records
from apps.imports.formats.types import Action, Format, Market, Parsed, ParsedLine
from apps.imports.formats.values import content_key, fold, institution_key
from apps.imports.formats.verdicts import decide, ignore, unit_price
from apps.imports.formats.wording import CREDIT, Movement

SIDE, DAY, MOVEMENT, PRODUCT = "ENTRADA/SAIDA", "DATA", "MOVIMENTACAO", "PRODUTO"
INSTITUTION, QUANTITY, PRICE, VALUE = (
    "INSTITUICAO",
    "QUANTIDADE",
    "PRECO UNITARIO",
    "VALOR DA OPERACAO",
)
REQUIRED = frozenset({SIDE, DAY, MOVEMENT, PRODUCT, INSTITUTION, QUANTITY, PRICE, VALUE})

_Pair = tuple[ParsedLine, Movement]
_TRANSFER_DAYS = 10
_AUCTION_DAYS = 365
_SUBSCRIPTION_DAYS = 180


def read(source: Source, sheets: Iterable[str], *, jcp_rates: Rates) -> Parsed:
    """Every row with its verdict; rows that belong together are joined."""
    context = Context(jcp_rates)
    pairs: list[_Pair] = []
    for sheet in sheets:
        header = find_header(source, sheet, REQUIRED)
        pairs += [_line(record, context) for record in records(source, sheet, header)]
    _join_cancellations(pairs)
    _join_fractions(pairs)
    _join_transfers(pairs)
    _join_subscriptions(pairs)
    return Parsed(Format.B3_MOVIMENTACAO, [line for line, _movement in pairs])


def _line(record: Record, context: Context) -> _Pair:
    product_cell, movement_cell = record.text(PRODUCT), record.text(MOVEMENT)
    product, movement = read_product(product_cell), wording.read_movement(movement_cell)
    day = record.day(DAY)
    quantity, price = record.number(QUANTITY), record.number(PRICE)
    value = record.number(VALUE)
    side_cell = record.text(SIDE)
    line = ParsedLine(
        number=record.row,
        sheet=record.sheet,
        raw=record.raw,
        content_key=content_key(
            Format.B3_MOVIMENTACAO,
            # A company may change its name between two exports: its code stays.
            (side_cell, day, movement_cell, product.code, quantity, price, value),
        ),
        trade_date=day,
        settlement_date=day,
        ticker=product.code,
        product_name=product.name,
        institution=record.text(INSTITUTION),
        institution_key=institution_key(record.text(INSTITUTION)),
        side=wording.read_side(side_cell),
        movement=movement_cell,
        quantity=quantity,
        unit_price=price,
        amount=value,
        currency="BRL",
        market=product.market or Market.SPOT,
        asset_class_guess=product.asset_class,
        underlying=product.underlying,
        params={"side": side_cell},
    )
    if not product.code and movement.base != "COBRANCA DE TAXA SEMESTRAL":
        decide(line, "missing_product")
        return line, movement
    movements.classify(line, movement, context)
    if line.action is Action.RECORD and not line.reason:
        line.params = {}
    return line, movement


def _where(line: ParsedLine) -> tuple[str, str]:
    return line.institution_key, line.ticker


def _days(first: ParsedLine, second: ParsedLine) -> int:
    """Days from the first line to the second; lines without a date never pair."""
    if first.trade_date is None or second.trade_date is None:
        return 10**6
    return (second.trade_date - first.trade_date) // timedelta(days=1)


def _nearest(
    line: ParsedLine,
    candidates: list[ParsedLine],
    fits: Callable[[ParsedLine, ParsedLine], bool],
) -> ParsedLine | None:
    """Take the candidate closest in time that ``fits(candidate, line)`` out of the list."""
    fitting = [candidate for candidate in candidates if fits(candidate, line)]
    if not fitting:
        return None
    best = min(fitting, key=lambda candidate: abs(_days(candidate, line)))
    candidates.remove(best)
    return best


def _same_value(first: ParsedLine, second: ParsedLine) -> bool:
    """Whether two rows print the same quantity and value."""
    return all(
        first.raw.get(name) == second.raw.get(name)
        for name in first.raw.keys() | second.raw.keys()
        if fold(name) in (QUANTITY, VALUE)
    )


def _join_cancellations(pairs: list[_Pair]) -> None:
    """A cancelled event and its cancellation leave nothing; a reinstated one counts again."""
    originals: dict[tuple[str, str, str], list[ParsedLine]] = defaultdict(list)
    cancelled: set[tuple[str, str, str]] = set()
    for line, movement in pairs:
        if movement.state in ("", "TRANSFERIDO") and line.action is not Action.IGNORE:
            originals[(*_where(line), movement.base)].append(line)
    ordered = sorted(pairs, key=lambda pair: (pair[0].trade_date or date.max, -pair[0].number))
    for line, movement in ordered:
        key = (*_where(line), movement.base)
        if movement.state != "CANCELADO" or "cancelled_row" not in line.needs:
            continue
        original = _nearest(
            line,
            originals[key],
            lambda other, cancel: _days(other, cancel) >= 0 and _same_value(other, cancel),
        )
        if original is not None:
            cancelled.add(key)
            ignore(original, "cancelled_by", line=str(line.number))
            ignore(line, "cancels", line=str(original.number))
            line.needs, line.joins = (), (original.number,)
    for line, movement in pairs:
        if movement.state != "REATIVADO" or line.action is not Action.RECORD:
            continue
        key = (*_where(line), movement.base)
        live = [other for other in originals[key] if _same_value(other, line)]
        if live and key not in cancelled:
            decide(line, "reinstated_but_live", line.kind or "", line=str(live[0].number))


def _join_fractions(pairs: list[_Pair]) -> None:
    """A fraction taken out and its auction are one sale, dated when the cash came."""
    fractions: dict[tuple[str, str], list[ParsedLine]] = defaultdict(list)
    for line, movement in pairs:
        if movement.base == wording.FRACTION and line.reason == "fraction_waits_auction":
            fractions[_where(line)].append(line)
    for line, movement in pairs:
        if movement.base != wording.AUCTION or line.kind is not Kind.FRACTION_SALE:
            continue
        found = _nearest(
            line,
            fractions[_where(line)],
            lambda other, sale: 0 <= _days(other, sale) <= _AUCTION_DAYS,
        )
        if found is None:
            continue
        ignore(found, "fraction_joined", line=str(line.number))
        line.joins = (found.number,)
        printed = found.quantity
        # The custody row has the fraction itself; the auction's price is rounded to centavos.
        if not printed or printed >= 1 or line.quantity is None:
            continue
        if abs(printed - line.quantity) <= Decimal("0.01"):
            line.quantity = printed


def _join_transfers(pairs: list[_Pair]) -> None:
    """A custody transfer is a debit at one institution and a credit at another."""
    legs = [line for line, _movement in pairs if "transfer_pair" in line.needs]
    incoming = [line for line in legs if line.side == CREDIT]
    for out in (line for line in legs if line.side != CREDIT):
        found = _nearest(
            out,
            incoming,
            lambda other, leg: (
                other.ticker == leg.ticker
                and other.quantity == leg.quantity
                and abs(_days(leg, other)) <= _TRANSFER_DAYS
            ),
        )
        if found is None:
            continue
        for line, other in ((out, found), (found, out)):
            if out.institution_key == found.institution_key:
                ignore(line, "transfer_within", line=str(other.number))
            else:
                line.action, line.reason = Action.RECORD, "transfer_paired"
                line.params = {"line": str(other.number), "institution": other.institution}
                line.choices = ()
            line.needs, line.joins = (), (other.number,)


def _join_subscriptions(pairs: list[_Pair]) -> None:
    """Request (the cash), rights used and receipt (the shares) are one subscription."""
    requests = [line for line, m in pairs if m.base == wording.REQUEST and line.side != CREDIT]
    used = [
        line
        for line, m in pairs
        if line.side != CREDIT
        and line.quantity
        and (
            (m.base in wording.RIGHTS and m.state == "EXERCIDO")
            or m.base == wording.ASSIGNMENT_OF_RIGHTS
        )
    ]
    for line, movement in pairs:
        if movement.base != wording.RECEIPT or line.side != CREDIT or not line.quantity:
            continue
        request = _nearest(line, requests, _same_subscription)
        rights: list[ParsedLine] = []
        while (found := _nearest(line, used, _same_subscription)) is not None:
            rights.append(found)
        if request is not None:
            _take_request(line, request)
        for right in rights:
            ignore(right, "joined_subscription", line=str(line.number))
            line.to_ticker = line.to_ticker or (right.ticker if right.ticker != line.ticker else "")
        line.joins = tuple(other.number for other in ([request] if request else []) + rights)


def _same_subscription(other: ParsedLine, receipt: ParsedLine) -> bool:
    return (
        other.institution_key == receipt.institution_key
        and other.ticker[:4] == receipt.ticker[:4]
        and other.quantity == receipt.quantity
        and abs(_days(other, receipt)) <= _SUBSCRIPTION_DAYS
    )


def _take_request(line: ParsedLine, request: ParsedLine) -> None:
    ignore(request, "joined_subscription", line=str(line.number))
    amount = request.amount
    if amount is None and request.unit_price is not None and request.quantity:
        amount = request.unit_price * request.quantity
    if amount and line.amount is None and line.quantity:
        line.kind, line.action = Kind.SUBSCRIPTION, Action.RECORD
        line.amount = amount
        line.unit_price = unit_price(amount, line.quantity)
        line.reason, line.choices = "", ()
