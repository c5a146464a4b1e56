"""Why a figure is what it is: the parts that add up or multiply to it, and where they come from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.engine.returns import Figures
from apps.engine.returns.model import What
from apps.performance.query import Query
from apps.performance.selectors.explain_tax import TAXED, taxed_answer
from apps.performance.selectors.explain_worth import APART, worth_answer
from apps.performance.selectors.parts import Answer, Block, Explained, Part
from apps.performance.selectors.returns import Performance, heat_map, performance
from apps.performance.selectors.scope import CASH, Scope, group_label
from apps.performance.selectors.timelines import Building
from apps.performance.words import DAYS, DEFINITIONS, RATE, RATIO

#: Rows of the ledger beyond these are told as one sum.
MOST_PARTS = 200
CENT = 0.005


def explain(
    *, access: Access, query: Query, code: str, benchmark: str = ""
) -> Explained | Building:
    """The parts of one figure of a portfolio. ``benchmark`` names the comparison of ``beta``,
    ``correlation`` and ``tracking_error``. Raises :class:`NotFound` for a figure nobody knows."""
    found = performance(access=access, query=query)
    if isinstance(found, Building):
        return found
    return explained(found, code, benchmark)


def explained(found: Performance, code: str, benchmark: str = "") -> Explained:
    """The parts of one figure of what was measured already. Raises :class:`NotFound`."""
    if code not in EXPLAINERS:
        raise NotFound("not_found", _("Não conhecemos este número."))
    value, blocks = EXPLAINERS[code](found, benchmark)
    scope = found.scope
    return Explained(code, DEFINITIONS[code], value, scope.currency, scope.start, scope.end, blocks)


def explained_all(found: Performance, only: Container[str] = ()) -> list[Explained]:
    """Every figure of the returns and the risk that needs no benchmark named, or ``only`` some."""
    codes = [code for code in EXPLAINERS if code not in COMPARED | APART]
    return [explained(found, code) for code in codes if not only or code in only]


def _value(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        at = found.scope.start if code == "start_value" else found.scope.end
        return getattr(found.figures, code), [Block(_("por ativo"), _worth(found.scope, at), True)]

    return tell


def _worth(scope: Scope, day: dt.date) -> list[Part]:
    column = scope.timeline.values[:, scope.timeline.at(day)]
    sums: dict[str, float] = defaultdict(float)
    for at in np.flatnonzero(scope.lines):
        line = scope.timeline.lines[int(at)]
        sums[line.asset or f"{CASH}:{line.currency}"] += float(column[at])
    parts = [
        Part(_name(scope, key), value, date=day, asset=_asset(key))
        for key, value in sums.items()
        if abs(value) > CENT
    ]
    return sorted(parts, key=lambda p: -(p.value or 0.0))


def _name(scope: Scope, key: str) -> str:
    if key.startswith(CASH):
        return _("Caixa em %(currency)s") % {"currency": key.partition(":")[2]}
    return group_label(key, "asset", scope.names)


def _asset(key: str) -> str:
    return "" if key.startswith(CASH) else key


def _gain(found: Performance, _benchmark: str) -> Answer:
    f, g = found.figures, found.figures.gain
    balance = [
        Part(_("valor final"), f.end_value, date=f.end),
        Part(_("valor inicial"), f.start_value, sign=-1, date=f.start),
        Part(_("entradas"), f.inflows, sign=-1),
        Part(_("saídas"), f.outflows),
    ]
    split = [
        Part(_("preço realizado"), g.price_realised),
        Part(_("preço não realizado"), g.price_unrealised),
        Part(_("proventos brutos"), g.income_gross),
        Part(_("taxas"), g.fees, sign=-1),
        Part(_("impostos"), g.taxes, sign=-1),
        Part(_("câmbio do caixa"), g.cash_currency),
        Part(_("do preço, o que foi câmbio"), g.currency - g.cash_currency, sign=0),
    ]
    return f.absolute_gain, [
        Block(_("o que entrou, saiu e ficou"), balance, True),
        Block(_("de onde veio"), split, True),
    ]


def _twr(found: Performance, _benchmark: str) -> Answer:
    months = [
        Part(f"{cell.month:02}/{cell.year}", cell.rate, RATE, date=cell.last)
        for cell in heat_map(found)
        if cell.month
    ]
    return found.figures.twr, [Block(_("meses, que se multiplicam"), months)]


def _annualised(found: Performance, _benchmark: str) -> Answer:
    f = found.figures
    parts = [
        Part(_("retorno do período"), f.twr, RATE),
        Part(_("dias"), float((f.end - f.start).days), DAYS),
    ]
    return f.twr_annualised, [Block("", parts)]


def _irr(found: Performance, _benchmark: str) -> Answer:
    f = found.figures
    return f.irr, [Block(_("fluxos: negativo é dinheiro posto"), _cut(f.flows))]


def _real(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        f = found.figures
        place = ((f.inflation_to or f.end) - f.start).days
        then = float(f.daily.index[place]) - 1.0
        parts = [Part(_("retorno"), then, RATE), Part(_("IPCA do período"), f.inflation, RATE)]
        if code == "real_gain":
            parts = [Part(_("ganho"), f.absolute_gain), parts[1]]
        return getattr(f, code), [Block("", parts)]

    return tell


def _by_asset(code: str) -> Callable[[Performance, str], Answer]:
    """A part of the gain, asset by asset."""

    def tell(found: Performance, _benchmark: str) -> Answer:
        parts = [
            Part(_name(found.scope, row.key), getattr(row.gain, code), asset=_asset(row.key))
            for row in found.by_asset
        ]
        parts = [part for part in parts if abs(part.value or 0.0) > CENT]
        parts.sort(key=lambda p: -abs(p.value or 0.0))
        return getattr(found.figures.gain, code), [Block(_("por ativo"), parts, True)]

    return tell


def _contribution(found: Performance, _benchmark: str) -> Answer:
    parts = [
        Part(_name(found.scope, row.key), row.contribution, RATE, asset=_asset(row.key))
        for row in found.by_asset
        if abs(row.contribution) > 1e-9
    ]
    parts.sort(key=lambda p: -abs(p.value or 0.0))
    return found.figures.twr, [Block(_("por ativo"), parts, True)]


def _flows(code: str) -> Callable[[Performance, str], Answer]:
    """Rows of the ledger that make a sum of the period."""

    def tell(found: Performance, _benchmark: str) -> Answer:
        total = _total(found.figures, code)
        rows, others, count = _rows(found.scope, code)
        if count:
            rows.append(Part(_("outros %(count)s lançamentos") % {"count": count}, others))
        rest = total - sum(part.value or 0.0 for part in rows)
        if abs(rest) > CENT:
            rows.append(Part(_("transferências e ajustes"), rest))
        return total, [Block(_("lançamentos"), rows, True)]

    return tell


def _total(figures: Figures, code: str) -> float:
    return float(getattr(figures if code in ("inflows", "outflows") else figures.gain, code))


def _rows(scope: Scope, code: str) -> tuple[list[Part], float, int]:
    """The largest rows of a sum by date; what the others come to, and how many they are."""
    events, timeline = scope.timeline.events, scope.timeline
    first, last = timeline.at(scope.start), timeline.at(scope.end)
    inside = scope.lines[events.line] & (events.day > first) & (events.day <= last)
    amounts = _column(scope, code)
    places = np.flatnonzero(inside & (np.abs(amounts) > 1e-12))
    largest = places[np.argsort(-np.abs(amounts[places]), kind="stable")]
    kept, left = largest[:MOST_PARTS], largest[MOST_PARTS:]
    kept = kept[np.argsort(events.day[kept], kind="stable")]
    parts = [_row(scope, int(at), float(amounts[at])) for at in kept]
    return parts, float(amounts[left].sum()), len(left)


def _row(scope: Scope, at: int, amount: float) -> Part:
    events, timeline = scope.timeline.events, scope.timeline
    line = timeline.lines[int(events.line[at])]
    place = int(events.row[at])
    ref = timeline.refs[place] if 0 <= place < len(timeline.refs) else ""
    return Part(
        _name(scope, line.asset or f"{CASH}:{line.currency}"),
        amount,
        date=timeline.date(int(events.day[at])),
        asset=line.asset,
        # Rows of corporate events have a reference of their own, not a row of the ledger.
        transaction=ref if len(ref) == 36 else "",
    )


def _column(scope: Scope, code: str) -> Any:
    events = scope.timeline.events
    income = events.what == What.INCOME
    if code in ("inflows", "outflows"):
        peer = events.peer
        # What passes between two selected lines neither enters nor leaves the selection.
        outside = (peer < 0) | ~scope.lines[np.maximum(peer, 0)]
        return np.where(outside, events.inflow if code == "inflows" else events.outflow, 0.0)
    if code == "income_gross":
        return np.where(income, events.gross, 0.0)
    if code == "income_withheld":
        return np.where(income, events.tax, 0.0)
    if code == "income_net":
        return np.where(income, events.gross - events.tax, 0.0)
    return events.fees if code == "fees" else events.tax


def _cut(flows: Sequence[tuple[dt.date, float]]) -> list[Part]:
    """The largest flows by date, the others as one sum."""
    largest = sorted(flows, key=lambda flow: -abs(flow[1]))
    kept, left = sorted(largest[:MOST_PARTS]), largest[MOST_PARTS:]
    parts = [Part(_("fluxo"), amount, date=day, sign=0) for day, amount in kept]
    if left:
        words = _("outros %(count)s fluxos") % {"count": len(left)}
        parts.append(Part(words, sum(amount for _day, amount in left), sign=0))
    return parts


def _risk(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        f, risk = found.figures, found.figures.risk
        parts = [Part(_("dias úteis medidos"), float(risk.days), DAYS, sign=0)]
        if code in ("volatility_annualised", "downside_annualised"):
            whole = risk.volatility if code.startswith("vol") else risk.downside_deviation
            parts += [Part(_("no período inteiro"), whole, RATE, sign=0)]
        if code in ("sharpe", "sortino"):
            spread = risk.volatility_annualised if code == "sharpe" else risk.downside_annualised
            parts += [
                Part(_("retorno anualizado"), f.twr_annualised, RATE, sign=0),
                Part(
                    _("%(index)s anualizado") % {"index": found.scope.query.risk_free},
                    risk.risk_free,
                    RATE,
                    sign=0,
                ),
                Part(str(DEFINITIONS[f"{_spread(code)}"].name), spread, RATE, sign=0),
            ]
        return getattr(risk, code), [Block("", parts)]

    return tell


def _spread(code: str) -> str:
    return "volatility_annualised" if code == "sharpe" else "downside_annualised"


def _drawdown(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        fall = getattr(found.figures.risk, code)
        daily = found.figures.daily

        def level(day: dt.date) -> float:
            return float(daily.index[(day - daily.start).days])

        parts = [
            Part(_("índice no topo"), level(fall.peak), RATIO, sign=0, date=fall.peak),
            Part(_("índice no fundo"), level(fall.trough), RATIO, sign=0, date=fall.trough),
            Part(_("dias de queda"), float(fall.days_down), DAYS, sign=0),
        ]
        if fall.recovery is not None:
            parts.append(Part(_("recuperado"), None, "date", sign=0, date=fall.recovery))
        return fall.depth, [Block("", parts)]

    return tell


def _compared(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, benchmark: str) -> Answer:
        for known in found.figures.comparisons.values():
            if known.name == benchmark or not benchmark:
                plain = {b.code for b in found.scope.query.benchmarks if b.is_price_only}
                words = (
                    _("%(name)s, só preço, sem proventos") if known.name in plain else "%(name)s"
                )
                parts = [
                    Part(_("retorno da carteira"), found.figures.twr, RATE, sign=0),
                    Part(words % {"name": known.name}, known.twr, RATE, sign=0),
                    Part(_("dias úteis medidos"), float(found.figures.risk.days), DAYS, sign=0),
                ]
                return getattr(known, code), [Block("", parts)]
        raise NotFound("not_found", _("Escolha uma referência para comparar."))

    return tell


def _taxed(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        return taxed_answer(found, code)

    return tell


def _worth_of(code: str) -> Callable[[Performance, str], Answer]:
    def tell(found: Performance, _benchmark: str) -> Answer:
        return worth_answer(found.scope, code)

    return tell


COMPARED = frozenset({"beta", "correlation", "tracking_error"})
EXPLAINERS: dict[str, Callable[[Performance, str], Answer]] = {
    "start_value": _value("start_value"),
    "end_value": _value("end_value"),
    "absolute_gain": _gain,
    "twr": _twr,
    "twr_annualised": _annualised,
    "irr": _irr,
    "real_twr": _real("real_twr"),
    "real_gain": _real("real_gain"),
    "contribution": _contribution,
    **{code: _flows(code) for code in ("inflows", "outflows", "fees", "taxes")},
    **{code: _flows(code) for code in ("income_gross", "income_net", "income_withheld")},
    **{code: _by_asset(code) for code in ("price", "price_realised", "price_unrealised")},
    "currency": _by_asset("currency"),
    **{
        code: _risk(code)
        for code in (
            "volatility_annualised",
            "downside_annualised",
            "sharpe",
            "sortino",
            "var_95",
            "var_99",
        )
    },
    "max_drawdown": _drawdown("max_drawdown"),
    "current_drawdown": _drawdown("current_drawdown"),
    **{code: _compared(code) for code in sorted(COMPARED)},
    **{code: _taxed(code) for code in TAXED},
    **{code: _worth_of(code) for code in sorted(APART)},
}
