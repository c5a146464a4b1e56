"""Why one part of the whole weighs, brings or lacks what it does."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _

from apps.common.errors import NotFound
from apps.engine.returns.rates import NOTHING
from apps.performance.selectors.allocation import Slice, allocated
from apps.performance.selectors.income import income_of
from apps.performance.selectors.parts import About, Answer, Block, Part
from apps.performance.selectors.returns import Performance, measured
from apps.performance.selectors.scope import CASH, Scope, group_key, group_label
from apps.performance.words import RATE


def part_scope(scope: Scope, part: str | None) -> Scope:
    """The scope of one group of ``query.group_by`` alone; the whole where none is named. Raises
    :class:`NotFound` for a group nobody has."""
    if part is None:
        return scope
    lines = scope.timeline.lines
    grouping = scope.query.group_by
    mine = np.array(
        [
            bool(inside) and group_key(line, grouping, scope.names) == part
            for line, inside in zip(lines, scope.lines, strict=True)
        ],
        dtype=bool,
    )
    if not mine.any():
        raise NotFound("not_found", _("Não conhecemos esta parte."))
    cash = scope.with_cash and any(lines[int(at)].is_cash for at in np.flatnonzero(mine))
    return replace(scope, lines=mine, with_cash=cash)


def part_label(scope: Scope, part: str | None) -> str:
    """The words for a group."""
    if part is None:
        return ""
    if part.startswith(CASH):
        return f"{_('caixa')} {part.partition(':')[2]}".strip()
    return group_label(part, scope.query.group_by, scope.names) or _("sem classificação")


def _slice(
    found: Performance, part: str | None, *, of_targets: bool = False
) -> tuple[Slice, float]:
    """The slice of a part with the total; that of the targets where those are asked about."""
    known = allocated(found.scope)
    slices = known.targets if of_targets else known.slices
    for item in slices:
        if item.key == (part or ""):
            return item, known.total
    raise NotFound("not_found", _("Não conhecemos esta parte."))


def _share(found: Performance, about: About) -> Answer:
    item, total = _slice(found, about.part)
    end = found.scope.end
    blocks = [
        Block(
            "",
            [
                Part(_("valor desta parte"), item.value, sign=0, date=end),
                Part(_("valor de tudo"), total, sign=0, date=end),
            ],
        )
    ]
    if item.children:
        named = [Part(c.label or c.key, c.value, asset=_asset(c.key)) for c in item.children]
        blocks.append(Block(_("o valor, por ativo"), named))
    return item.share, blocks


def _asset(key: str) -> str:
    return "" if key.startswith(CASH) else key


def _drift(found: Performance, about: About) -> Answer:
    item, _total = _slice(found, about.part, of_targets=True)
    parts = [
        Part(_("participação de hoje"), item.share, RATE),
        Part(_("meta da carteira"), item.target, RATE, sign=-1),
    ]
    return item.drift, [Block(_("participação menos meta"), parts, True)]


def _to_target(found: Performance, about: About) -> Answer:
    item, total = _slice(found, about.part, of_targets=True)
    aim = None if item.target is None else item.target * total
    parts = [
        Part(_("valor na meta"), aim),
        Part(_("valor de agora"), item.value, sign=-1, date=found.scope.end),
    ]
    told = [
        Part(_("meta da carteira"), item.target, RATE, sign=0),
        Part(_("valor de tudo"), total, sign=0),
    ]
    return item.to_target, [Block(_("o que falta"), parts, True), Block(_("valor na meta"), told)]


def _top(found: Performance, about: About) -> Answer:
    known = allocated(found.scope).concentration
    text = about.part or ""
    count = int(text) if text.isdecimal() and len(text) < 4 else 1
    parts = [
        Part(group_label(key, "asset", found.scope.names), share, RATE, asset=key)
        for key, share in known.shares[:count]
    ]
    return known.top.get(count), [Block(_("os maiores"), parts, True)]


def _contribution(found: Performance, about: About) -> Answer:
    """Month by month: each day's gain over what there was to gain it with, carried by the return
    so far."""
    own = measured(found.access, part_scope(found.scope, about.part)).figures.daily
    whole = found.figures.daily
    gain = own.value[1:] - own.value[:-1] - own.inflow[1:] + own.outflow[1:]
    base = whole.value[:-1] + whole.inflow[1:]
    carried = np.divide(
        whole.index[:-1], base, out=np.zeros(len(base)), where=np.abs(base) > NOTHING
    )
    each = gain * carried
    months: dict[tuple[int, int], list[float]] = {}
    for at, value in enumerate(each.tolist(), 1):
        day = whole.start + dt.timedelta(days=at)
        months.setdefault((day.year, day.month), []).append(value)
    parts = [
        Part(f"{month:02}/{year}", math.fsum(values), RATE)
        for (year, month), values in months.items()
        if any(values)
    ]
    told = [
        Part(_("ganho desta parte"), float(gain.sum()), sign=0),
        Part(_("retorno de tudo"), found.figures.twr, RATE, sign=0),
    ]
    blocks = [
        Block(_("meses em que mudou, que se somam"), parts, True),
        Block(_("para comparar"), told),
    ]
    return math.fsum(each.tolist()), blocks


def _income_share(found: Performance, about: About) -> Answer:
    income = income_of(found.scope)
    whole = income.total.gross if income.total else 0.0
    own = next((item.row.gross for item in income.assets if item.asset == about.part), 0.0)
    parts = [
        Part(_("proventos brutos deste ativo"), own, sign=0),
        Part(_("proventos brutos de tudo"), whole, sign=0),
    ]
    return own / whole if whole > 0 else None, [Block("", parts)]


#: Figures of a part beside the whole; all others are of the part as if it were alone.
BESIDE: dict[str, Callable[[Performance, About], Answer]] = {
    "share": _share,
    "drift": _drift,
    "to_target": _to_target,
    "top_share": _top,
    "income_share": _income_share,
    "contribution": _contribution,
}
