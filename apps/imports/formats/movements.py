"""The movements of B3's Movimentação: every string known, and what it does to a line.

A movement that is not here, or whose side contradicts it, waits for the person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import AssetClass, Kind
from apps.imports.formats.jcp import Rates, gross_of, rate_on
from apps.imports.formats.products import is_exchange_code
from apps.imports.formats.types import Action, ParsedLine
from apps.imports.formats.verdicts import decide, ignore, settle_amount, unit_price
from apps.imports.formats.wording import (
    ASSIGNMENT_OF_RIGHTS,
    AUCTION,
    CREDIT,
    DEBIT,
    FRACTION,
    RECEIPT,
    REQUEST,
    RIGHTS,
    TRANSFERS,
    Movement,
)

QUANTITY_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may ask for besides its line."""

    jcp_rates: Rates


Handler = Callable[[ParsedLine, Context], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """``sides`` are those the movement may have; ``handle`` writes the verdict on the line;
    ``choices`` are offered where a person must decide."""

    sides: str
    handle: Handler
    choices: tuple[str, ...] = ()


def classify(line: ParsedLine, movement: Movement, context: Context) -> None:
    """Write the verdict of one movement on its line."""
    rule = RULES.get(movement.base)
    if movement.state == "EXCLUIDO":
        ignore(line, "excluded_event")
        return
    if rule is None:
        decide(line, "unknown_movement", *_guess_choices(line.side))
        return
    if not line.side:
        decide(line, "unknown_side", *rule.choices, side=line.params.get("side", ""))
        return
    if movement.state == "CANCELADO":
        decide(line, "cancellation_without_original")
        line.needs = ("cancelled_row",)
        return
    if line.side not in rule.sides:
        decide(line, "side_contradicts", *rule.choices, side=line.params.get("side", ""))
        return
    if movement.base in RIGHTS:
        _rights(line, movement.state)
        return
    if movement.base == ASSIGNMENT_OF_RIGHTS and movement.state == "SOLICITADO":
        ignore(line, "request_only")
        return
    rule.handle(line, context)


def _guess_choices(side: str) -> tuple[str, ...]:
    if side == DEBIT:
        return (Kind.SELL, Kind.TRANSFER_OUT, Kind.FEE, Kind.TAX)
    if side == CREDIT:
        return (Kind.BUY, Kind.DISTRIBUTION, Kind.BONUS, Kind.TRANSFER_IN)
    return (Kind.BUY, Kind.SELL)


def _trade(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.BUY if line.side == CREDIT else Kind.SELL
    settle_amount(line)


def _settlement(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.BUY if line.side == CREDIT else Kind.SELL
    if settle_amount(line):
        line.action = Action.RECONCILE
        line.reason = "settlement"
        line.needs = ("trade_date",)


def _exit(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.SELL
    if not line.amount:
        decide(line, "redemption_without_value", Kind.RENAME, Kind.MERGER, Kind.SELL)
        return
    settle_amount(line)


def _maturity(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.MATURITY
    if not line.amount:
        decide(line, "missing_value", Kind.MATURITY)


def _income(kind: Kind) -> Handler:
    def handle(line: ParsedLine, _context: Context) -> None:
        line.kind = kind
        if not line.amount:
            decide(line, "missing_value", kind)

    return handle


def _jcp(line: ParsedLine, context: Context) -> None:
    line.kind = Kind.JCP
    if not line.amount or line.trade_date is None:
        decide(line, "missing_value", Kind.JCP)
        return
    net = line.amount
    rate = rate_on(line.trade_date, context.jcp_rates)
    if rate is None:
        decide(line, "jcp_rate_unknown", Kind.JCP)
        return
    line.amount = gross_of(net, rate)
    line.tax_withheld = line.amount - net
    line.reason = "jcp_gross"
    line.params = {
        "net": format(net, "f"),
        "rate": format((rate * 100).normalize(), "f"),
        "gross": format(line.amount, "f"),
    }
    if line.quantity and line.unit_price:
        # The price is printed with two decimals: beyond that rounding the two disagree.
        printed = line.quantity * line.unit_price
        allowed = line.quantity * Decimal("0.005") + Decimal("0.02")
        if abs(printed - line.amount) > allowed:
            line.reason = "jcp_check"
            line.params["printed"] = format(printed, "f")


def _return_of_capital(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.RETURN_OF_CAPITAL
    if not line.amount:
        decide(line, "missing_value", Kind.RETURN_OF_CAPITAL)


def _bonus(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.BONUS
    if not line.quantity:
        decide(line, "missing_quantity", Kind.BONUS)
        return
    if line.unit_price is None and line.amount:
        line.unit_price = unit_price(line.amount, line.quantity)
    line.amount = None
    if line.unit_price is None:
        line.reason = "bonus_without_cost"
    fraction = line.quantity % 1
    if fraction and is_exchange_code(line.ticker):
        # Custody holds whole shares: the fraction goes to auction and never enters the position.
        line.quantity -= fraction
        line.params = {"fraction": format(fraction, "f"), **line.params}
        if not line.quantity:
            ignore(line, "bonus_only_fraction", fraction=format(fraction, "f"))
        elif not line.reason:
            line.reason = "bonus_fraction"


def _split(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.SPLIT
    line.unit_price = line.amount = None
    if not line.quantity:
        decide(line, "missing_quantity", Kind.SPLIT)
        return
    line.action = Action.CONTEXT
    line.reason, line.needs = "split_added", ("holding", "ratio_from_added")


def _reverse_split(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.SPLIT
    line.unit_price = line.amount = None
    if line.side == DEBIT:
        decide(line, "reverse_split_debit", Kind.SPLIT)
        line.needs = ("holding", "ratio_from_removed")
        return
    if not line.quantity:
        decide(line, "missing_quantity", Kind.SPLIT)
        return
    line.action = Action.CONTEXT
    line.reason, line.needs = "split_total", ("holding", "ratio_from_total")


def _update(line: ParsedLine, _context: Context) -> None:
    line.action = Action.CONTEXT
    line.reason, line.needs = "update_snapshot", ("holding", "equals_holding")
    line.choices = (Kind.RENAME, Kind.MERGER)


def _reorganisation(reason: str, *choices: Kind) -> Handler:
    def handle(line: ParsedLine, _context: Context) -> None:
        decide(line, reason, *choices)
        line.needs = (
            "holding",
            "ratio_from_removed" if line.side == DEBIT else "ratio_from_total",
        )

    return handle


def _forward_settlement(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.BUY
    if settle_amount(line):
        line.action = Action.CONTEXT
        line.reason, line.needs = "forward_settlement", ("forward",)


def _transfer(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.TRANSFER_IN if line.side == CREDIT else Kind.TRANSFER_OUT
    line.amount = line.unit_price = None
    if not line.quantity:
        ignore(line, "zero_quantity")
        return
    line.action = Action.CONTEXT
    line.reason, line.needs = "transfer", ("transfer_pair",)
    line.choices = (line.kind,)


def _fraction(line: ParsedLine, _context: Context) -> None:
    # The auction's cash makes the entry; until it is paid there is nothing to book.
    ignore(line, "fraction_waits_auction")


def _auction(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.FRACTION_SALE
    if not line.amount:
        decide(line, "missing_value", Kind.FRACTION_SALE)
        return
    if line.unit_price:
        line.quantity = (line.amount / line.unit_price).quantize(QUANTITY_STEP)
    elif not line.quantity or line.quantity >= 1:
        decide(line, "missing_quantity", Kind.FRACTION_SALE)


def _lending(line: ParsedLine, _context: Context) -> None:
    if line.side == CREDIT and line.amount:
        line.kind = Kind.LENDING_INCOME
        line.quantity = line.unit_price = None
    elif line.amount:
        decide(line, "lending_debit", Kind.FEE)
    else:
        ignore(line, "lending_custody")


def _fee(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.FEE
    line.quantity = line.unit_price = None
    if not line.amount:
        decide(line, "missing_value", Kind.FEE)


def _tax(line: ParsedLine, _context: Context) -> None:
    # Tax on a coupon may already be inside the income row of another report.
    decide(line, "tax_row", Kind.TAX)


def _ignored(reason: str) -> Handler:
    def handle(line: ParsedLine, _context: Context) -> None:
        ignore(line, reason)

    return handle


def _request(line: ParsedLine, _context: Context) -> None:
    decide(line, "subscription_request_alone", Kind.SUBSCRIPTION)


def _receipt(line: ParsedLine, _context: Context) -> None:
    line.kind = Kind.SUBSCRIPTION
    if not line.quantity:
        decide(line, "missing_quantity", Kind.SUBSCRIPTION)
    elif line.amount:
        line.unit_price = unit_price(line.amount, line.quantity)
    elif not line.unit_price:
        decide(line, "subscription_price_unknown", Kind.SUBSCRIPTION)


def _rights(line: ParsedLine, state: str) -> None:
    received = state in ("", "TRANSFERIDO", "REATIVADO")
    if not line.quantity:
        ignore(line, "zero_quantity")
    elif received and line.side == CREDIT:
        line.kind, line.unit_price, line.amount = Kind.BONUS, Decimal(0), None
        line.reason = "rights_received"
        line.asset_class_guess = AssetClass.RIGHT
    elif state == "NAO EXERCIDO" and line.side == DEBIT:
        line.kind, line.unit_price, line.amount = Kind.EXPIRY, None, None
        line.reason = "rights_expired"
    elif state == "EXERCIDO" and line.side == DEBIT:
        decide(line, "rights_exercised_alone", Kind.SUBSCRIPTION, Kind.EXPIRY)
    else:
        decide(line, "rights_unclear", Kind.SELL, Kind.EXPIRY, Kind.TRANSFER_OUT)


def _assignment(line: ParsedLine, _context: Context) -> None:
    decide(line, "rights_assigned", Kind.SELL, Kind.TRANSFER_OUT, Kind.EXPIRY)


_B, _S = Kind.BUY, Kind.SELL
_PRIMARY = Rule("CD", _trade, (_B, _S))
_EARLY = Rule(DEBIT, _exit, (Kind.SELL, Kind.MATURITY, Kind.RETURN_OF_CAPITAL))
_DUE = Rule(DEBIT, _maturity, (Kind.MATURITY, Kind.SELL))
_TRANSFER = Rule("CD", _transfer, (Kind.TRANSFER_IN, Kind.TRANSFER_OUT))
_COUPON = Rule(CREDIT, _income(Kind.INTEREST), (Kind.INTEREST, Kind.TAX))
_CAPITAL = Rule(CREDIT, _return_of_capital, (Kind.RETURN_OF_CAPITAL,))
_RIGHTS = Rule("CD", _assignment, (Kind.BONUS, Kind.EXPIRY))  # handled by its state

RULES: dict[str, Rule] = {
    "TRANSFERENCIA - LIQUIDACAO": Rule("CD", _settlement, (_B, _S)),
    **dict.fromkeys(TRANSFERS, _TRANSFER),
    "COMPRA": Rule(CREDIT, _trade, (_B, _S)),
    "VENDA": Rule(DEBIT, _trade, (_S, _B)),
    "COMPRA/VENDA": _PRIMARY,
    "COMPRA/VENDA DEFINITIVA/CESSAO": _PRIMARY,
    "COMPRA/VENDA DEFINITIVA A TERMO": _PRIMARY,
    "COMPRA/VENDA A TERMO": _PRIMARY,
    "MDA COMPRA/VENDA DEFINITIVA MERCADO PRIMARIO": _PRIMARY,
    "LIQUIDACAO TERMO": Rule(CREDIT, _forward_settlement, (_B, _S)),
    "APLICACAO": Rule(CREDIT, _trade, (_B,)),
    "RESGATE": Rule(DEBIT, _exit, (Kind.SELL, Kind.MATURITY, Kind.MERGER)),
    "RESGATE ANTECIPADO": _EARLY,
    "ANTECIPACAO TOTAL/PARCIAL": _EARLY,
    "ANTECIPACAO TOTAL": _EARLY,
    "ANTECIPACAO PARCIAL": _EARLY,
    "VENCIMENTO": _DUE,
    "VENCIMENTO/RESGATE SALDO EM CONTA": _DUE,
    "DIVIDENDO": Rule(CREDIT, _income(Kind.DIVIDEND), (Kind.DIVIDEND,)),
    "JUROS SOBRE CAPITAL PROPRIO": Rule(CREDIT, _jcp, (Kind.JCP,)),
    "RENDIMENTO": Rule(CREDIT, _income(Kind.DISTRIBUTION), (Kind.DISTRIBUTION,)),
    "JUROS": _COUPON,
    "PAGAMENTO DE JUROS": _COUPON,
    "PAGAMENTO DE PREMIO/RENDIMENTOS": _COUPON,
    "PAGAMENTO DE RENDIMENTOS": _COUPON,
    "INCORPORACAO DE JUROS": Rule("CD", _ignored("interest_capitalised"), ()),
    "REEMBOLSO": Rule(CREDIT, _income(Kind.DISTRIBUTION), (Kind.DISTRIBUTION,)),
    "AMORTIZACAO": _CAPITAL,
    "RESTITUICAO DE CAPITAL": _CAPITAL,
    "RESTITUICAO DE CAPITAL EM ACOES": Rule(
        "CD",
        _reorganisation("capital_return_in_shares", Kind.SPIN_OFF, Kind.BONUS),
        (Kind.SPIN_OFF, Kind.BONUS),
    ),
    "BONIFICACAO EM ATIVOS": Rule(CREDIT, _bonus, (Kind.BONUS,)),
    "DESDOBRO": Rule(CREDIT, _split, (Kind.SPLIT,)),
    "GRUPAMENTO": Rule("CD", _reverse_split, (Kind.SPLIT,)),
    FRACTION: Rule(DEBIT, _fraction, (Kind.FRACTION_SALE,)),
    AUCTION: Rule(CREDIT, _auction, (Kind.FRACTION_SALE,)),
    "ATUALIZACAO": Rule("CD", _update, (Kind.RENAME, Kind.MERGER)),
    "INCORPORACAO": Rule(
        "CD",
        _reorganisation("merger", Kind.MERGER, Kind.SPLIT, Kind.RENAME),
        (Kind.MERGER, Kind.SPLIT, Kind.RENAME),
    ),
    "CISAO": Rule("CD", _reorganisation("spin_off", Kind.SPIN_OFF), (Kind.SPIN_OFF,)),
    "CONVERSAO DE ATIVOS": Rule(
        "CD",
        _reorganisation("conversion", Kind.MERGER, Kind.RENAME),
        (Kind.MERGER, Kind.RENAME),
    ),
    **dict.fromkeys(RIGHTS, _RIGHTS),
    REQUEST: Rule(DEBIT, _request, (Kind.SUBSCRIPTION,)),
    RECEIPT: Rule(CREDIT, _receipt, (Kind.SUBSCRIPTION,)),
    ASSIGNMENT_OF_RIGHTS: Rule("CD", _assignment, (Kind.SELL, Kind.TRANSFER_OUT)),
    "EMPRESTIMO": Rule("CD", _lending, (Kind.LENDING_INCOME,)),
    "BLOQUEIO DE CUSTODIA": Rule("CD", _ignored("custody_block"), ()),
    "COBRANCA DE TAXA SEMESTRAL": Rule(DEBIT, _fee, (Kind.FEE,)),
    "IR": Rule("CD", _tax, (Kind.TAX,)),
}
