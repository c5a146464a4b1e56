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
from apps.performance.selectors.explain_compared import COMPARED, inflation_answer
from apps.performance.selectors.explain_parts import BESIDE, part_label, part_scope
from apps.performance.selectors.explain_risk import RISK
from apps.performance.selectors.explain_tax import TAXED, taxed_answer
from apps.performance.selectors.explain_worth import APART, worth_answer
from apps.performance.selectors.marked import at_cost
from apps.performance.selectors.parts import About, Answer, Block, Explained, Part
from apps.performance.selectors.returns import Performance, heat_map, measured, performance
from apps.performance.selectors.scope import CASH, Scope, group_label
from apps.performance.selectors.timelines import Building
from apps.performance.words import DAYS, DEFINITIONS, RATE, RATIO

#: Rows of the ledger beyond these are told as one sum.
MOST_PARTS = 200
CENT = 0.005
NO_UNITS = 1e-9
#: Up to so many days a return is told day by day, beyond by month.
MOST_DAYS = 31
NOTHING_MORE = About()


def explain(
    *, access: Access, query: Query, code: str, about: About = NOTHING_MORE
) -> Explained | Building:
    """The parts of one figure of a portfolio, or of one ``part`` of it. Raises :class:`NotFound`
    for a figure, a part or a benchmark nobody knows."""
    found = performance(access=access, query=query)
    if isinstance(found, Building):
        return found
    return explained(found, code, about)


def explained(found: Performance, code: str, about: About = NOTHING_MORE) -> Explained:
    """The parts of one figure of what was measured already. Raises :class:`NotFound`."""
    scope = found.scope
    if code in BESIDE and (about.part is not None or code not in EXPLAINERS):
        value, blocks = BESIDE[code](found, about)
    elif code not in EXPLAINERS:
        raise NotFound("not_found", _("Não conhecemos este número."))
    else:
        if about.part is not None:
            found = measured(found.access, part_scope(scope, about.part))
        value, blocks = EXPLAINERS[code](found, about)
    return Explained(
        code,
        DEFINITIONS[code],
        value,
        scope.currency,
        scope.start,
        scope.end,
        blocks,
        _of(scope, code, about),
    )


def _of(scope: Scope, code: str, about: About) -> str:
    if code in COMPARED:
        return about.benchmark
    return "" if code == "top_share" else part_label(scope, about.part)


def explained_all(found: Performance, only: Container[str] = ()) -> list[Explained]:
    """Every figure of the returns and the risk that needs no benchmark named, or ``only`` some."""
    codes = [code for code in EXPLAINERS if code not in COMPARED.keys() | APART]
    return [explained(found, code) for code in codes if not only or code in only]


def _value(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        at = found.scope.start if code == "start_value" else found.scope.end
        blocks = [Block(_("por ativo"), _worth(found.scope, at), True), *_priced(found.scope, at)]
        return getattr(found.figures, code), blocks

    return tell


def _worth(scope: Scope, day: dt.date) -> list[Part]:
    """What each asset is worth on a day; what has no price says that it counts at its cost."""
    column = scope.timeline.values[:, scope.timeline.at(day)]
    sums: dict[str, float] = defaultdict(float)
    for at in np.flatnonzero(scope.lines):
        line = scope.timeline.lines[int(at)]
        sums[line.asset or f"{CASH}:{line.currency}"] += float(column[at])
    bare = {asset for asset, _value in at_cost(scope, day)}
    parts = [
        Part(
            _("%(name)s (sem preço: pelo custo)") % {"name": _name(scope, key)}
            if key in bare
            else _name(scope, key),
            value,
            date=day,
            asset=_asset(key),
        )
        for key, value in sums.items()
        if abs(value) > CENT
    ]
    return sorted(parts, key=lambda p: -(p.value or 0.0))


def _priced(scope: Scope, day: dt.date) -> list[Block]:
    """Of one asset alone: how many units, at what price and rate."""
    timeline, at = scope.timeline, scope.timeline.at(day)
    lines = [timeline.lines[int(each)] for each in np.flatnonzero(scope.lines)]
    assets, currencies = {line.asset for line in lines}, {line.currency for line in lines}
    if len(assets) != 1 or "" in assets or len(currencies) != 1:
        return []
    events = timeline.events
    counted = scope.lines[events.line] & (events.day <= at)
    units = float((events.units[counted] * events.side[counted]).sum())
    rate = float(timeline.rates[lines[0].currency][at])
    value = float(timeline.values[scope.lines, at].sum())
    if abs(units) < NO_UNITS or not rate:
        return []
    parts = [
        Part(_("quantidade, em ações de hoje"), units, RATIO, sign=0),
        Part(
            _("por unidade, em %(currency)s") % {"currency": lines[0].currency},
            value / units / rate,
            RATIO,
            sign=0,
        ),
    ]
    if lines[0].currency != scope.currency:
        words = _("câmbio de %(pair)s") % {"pair": f"{lines[0].currency}/{scope.currency}"}
        parts.append(Part(words, rate, RATIO, sign=0, date=day))
    return [Block(_("quantidade × preço × câmbio"), parts)]


def _invested(found: Performance, _about: About) -> Answer:
    f = found.figures
    parts = [
        Part(_("valor inicial"), f.start_value, date=f.start),
        Part(_("entradas"), f.inflows),
        Part(_("saídas"), f.outflows, sign=-1),
    ]
    return float(f.daily.invested[-1]), [Block(_("dinheiro posto até o fim"), parts, True)]


def _name(scope: Scope, key: str) -> str:
    if key.startswith(CASH):
        return _("Caixa em %(currency)s") % {"currency": key.partition(":")[2]}
    return group_label(key, "asset", scope.names)


def _asset(key: str) -> str:
    return "" if key.startswith(CASH) else key


def _gain(found: Performance, _about: About) -> Answer:
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


def _twr(found: Performance, about: About) -> Answer:
    f, daily = found.figures, found.figures.daily
    days = (f.end - f.start).days
    if days > MOST_DAYS:
        months = [
            Part(f"{cell.month:02}/{cell.year}", cell.rate, RATE, date=cell.last)
            for cell in heat_map(found)
            if cell.month
        ]
        return f.twr, [Block(_("meses, que se multiplicam"), months)]
    rates = daily.rate[-days:].tolist()
    each = [(f.start + dt.timedelta(days=at), rate) for at, rate in enumerate(rates, 1)]
    parts = [Part(_("dia"), rate, RATE, date=day) for day, rate in each if rate or days == 1]
    blocks = [Block(_("dias, que se multiplicam; os outros não mudaram nada"), parts)]
    if days == 1:
        flows = [
            Part(_("valor do dia"), f.end_value, sign=0, date=f.end),
            Part(_("saídas"), f.outflows, sign=0),
            Part(_("valor do dia anterior"), f.start_value, sign=0, date=f.start),
            Part(_("entradas"), f.inflows, sign=0),
        ]
        blocks = [Block(_("o dia, pela fórmula"), flows)]
    return f.twr, [*blocks, *_contribution(found, about)[1]]


def _annualised(found: Performance, _about: About) -> Answer:
    f = found.figures
    parts = [
        Part(_("retorno do período"), f.twr, RATE),
        Part(_("dias"), float((f.end - f.start).days), DAYS),
    ]
    return f.twr_annualised, [Block("", parts)]


def _irr(found: Performance, _about: About) -> Answer:
    f = found.figures
    return f.irr, [Block(_("fluxos: negativo é dinheiro posto"), _cut(f.flows))]


def _real(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        f = found.figures
        place = ((f.inflation_to or f.end) - f.start).days
        then = float(f.daily.index[place]) - 1.0
        parts = [Part(_("retorno"), then, RATE), Part(_("IPCA do período"), f.inflation, RATE)]
        if code == "real_gain":
            parts = [Part(_("ganho"), f.absolute_gain), parts[1]]
        return getattr(f, code), [Block("", parts)]

    return tell


def _by_asset(code: str) -> Callable[[Performance, About], Answer]:
    """A part of the gain, asset by asset."""

    def tell(found: Performance, _about: About) -> Answer:
        parts = [
            Part(_name(found.scope, row.key), getattr(row.gain, code), asset=_asset(row.key))
            for row in found.by_asset
        ]
        parts = [part for part in parts if abs(part.value or 0.0) > CENT]
        parts.sort(key=lambda p: -abs(p.value or 0.0))
        return getattr(found.figures.gain, code), [Block(_("por ativo"), parts, True)]

    return tell


def _contribution(found: Performance, _about: About) -> Answer:
    parts = [
        Part(_name(found.scope, row.key), row.contribution, RATE, asset=_asset(row.key))
        for row in found.by_asset
        if abs(row.contribution) > 1e-9
    ]
    parts.sort(key=lambda p: -abs(p.value or 0.0))
    return found.figures.twr, [Block(_("por ativo"), parts, True)]


def _flows(code: str) -> Callable[[Performance, About], Answer]:
    """Rows of the ledger that make a sum of the period."""

    def tell(found: Performance, _about: About) -> Answer:
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


def _taxed(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        return taxed_answer(found, code)

    return tell


def _worth_of(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        return worth_answer(found.scope, code)

    return tell


EXPLAINERS: dict[str, Callable[[Performance, About], Answer]] = {
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
    **RISK,
    **COMPARED,
    "invested": _invested,
    "inflation": inflation_answer,
    **{code: _taxed(code) for code in TAXED},
    **{code: _worth_of(code) for code in sorted(APART)},
}
