"""Why a benchmark did what it did, with the same days and with the same money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from django.utils.translation import gettext as _

from apps.common.errors import NotFound
from apps.engine.grid import Floats
from apps.engine.returns.figures import Comparison
from apps.performance.selectors.benchmarks import INFLATION, levels_of
from apps.performance.selectors.parts import About, Answer, Block, Part
from apps.performance.selectors.returns import Performance
from apps.performance.words import DAYS, RATE

#: Flows beyond these are told as one sum.
MOST_FLOWS = 60
CENT = 0.005


def _of(found: Performance, about: About) -> Comparison:
    known = found.figures.comparisons
    if about.benchmark in known:
        return known[about.benchmark]
    if about.benchmark or not known:
        raise NotFound("not_found", _("Escolha uma referência para comparar."))
    return next(iter(known.values()))


def _named(found: Performance, c: Comparison) -> str:
    if c.name in found.price_only:
        return _("%(name)s, só preço, sem proventos") % {"name": c.name}
    return c.name


def _known(found: Performance, c: Comparison) -> list[Block]:
    """Over which days, where that is not all of the period."""
    start, days = found.scope.start, (found.scope.end - found.scope.start).days
    first = start + dt.timedelta(days=c.known_from)
    last = start + dt.timedelta(days=c.known_to)
    parts = []
    if c.known_from:
        parts.append(Part(_("conhecida desde"), None, "date", sign=0, date=first))
    if c.known_to < days:
        parts.append(Part(_("conhecida até"), None, "date", sign=0, date=last))
    return [Block(_("não se conhece o período todo"), parts)] if parts else []


def months_of(start: dt.date, levels: Floats) -> list[Part]:
    """A run of levels month by month; the months multiply."""
    parts, before = [], 0
    for at in range(1, len(levels)):
        day = start + dt.timedelta(days=at)
        if at + 1 == len(levels) or (day + dt.timedelta(days=1)).month != day.month:
            if levels[before]:
                rate = float(levels[at] / levels[before]) - 1.0
                parts.append(Part(f"{day.month:02}/{day.year}", rate, RATE, sign=0, date=day))
            before = at
    return parts


def _twr(found: Performance, about: About) -> Answer:
    c = _of(found, about)
    months = months_of(found.scope.start, c.levels[: c.known_to + 1])
    return c.twr, [Block(_("meses, que se multiplicam"), months), *_known(found, c)]


def _excess(found: Performance, about: About) -> Answer:
    c = _of(found, about)
    ours = float(found.figures.daily.index[c.known_to]) - 1.0
    parts = [
        Part(_("retorno da carteira"), ours, RATE, sign=0),
        Part(_named(found, c), c.twr, RATE, sign=0),
    ]
    return c.excess if c.known_to else None, [Block("", parts), *_known(found, c)]


def _grown(found: Performance, c: Comparison) -> list[Part]:
    """What was there and every flow with what it would have become by the end: money that comes in
    buys at the close of the day before, what goes out sells at the close of its own."""
    daily, levels = found.figures.daily, c.levels
    growth = np.divide(levels[-1], levels, out=np.zeros(len(levels)), where=levels != 0.0)
    grown = np.zeros(len(levels))
    grown[0] = daily.value[0] * growth[0]
    grown[1:] = daily.inflow[1:] * growth[:-1] - daily.outflow[1:] * growth[1:]
    places = np.flatnonzero(np.abs(grown) > CENT)
    kept = np.sort(places[np.argsort(-np.abs(grown[places]), kind="stable")][:MOST_FLOWS])
    parts = [
        Part(
            _("o que havia no início")
            if at == 0
            else _("aporte")
            if grown[at] > 0
            else _("retirada"),
            float(grown[at]),
            date=daily.start + dt.timedelta(days=int(at)),
        )
        for at in kept
    ]
    rest = float(grown.sum() - grown[kept].sum())
    return [*parts, Part(_("outros fluxos"), rest)] if len(kept) < len(places) else parts


def _value(found: Performance, about: About) -> Answer:
    c = _of(found, about)
    blocks = [Block(_("cada fluxo, pelo que valeria no fim"), _grown(found, c), True)]
    return c.end_value, [*blocks, *_known(found, c)]


def _gain(found: Performance, about: About) -> Answer:
    c, f = _of(found, about), found.figures
    parts = [
        Part(_("o que o mesmo dinheiro valeria"), c.end_value, date=f.end),
        Part(_("valor inicial"), f.start_value, sign=-1, date=f.start),
        Part(_("entradas"), f.inflows, sign=-1),
        Part(_("saídas"), f.outflows),
    ]
    return c.gain, [Block(_("o que entrou, saiu e ficaria"), parts, True), *_known(found, c)]


def _moves(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, about: About) -> Answer:
        c = _of(found, about)
        parts = [
            Part(_("retorno da carteira"), found.figures.twr, RATE, sign=0),
            Part(_named(found, c), c.twr, RATE, sign=0),
            Part(_("dias úteis medidos"), float(found.figures.risk.days), DAYS, sign=0),
        ]
        return getattr(c, code), [Block("", parts), *_known(found, c)]

    return tell


def inflation_answer(found: Performance, _about: About) -> Answer:
    """The inflation of the period, month by month."""
    f = found.figures
    levels = levels_of(access=found.access, ready=found.scope.ready, benchmark=INFLATION)
    first, last = found.scope.timeline.at(f.start), found.scope.timeline.at(f.inflation_to or f.end)
    months = months_of(f.start, levels.levels[first : last + 1])
    return f.inflation, [Block(_("meses, que se multiplicam"), months)]


COMPARED: dict[str, Callable[[Performance, About], Answer]] = {
    "beta": _moves("beta"),
    "correlation": _moves("correlation"),
    "tracking_error": _moves("tracking_error"),
    "benchmark_twr": _twr,
    "benchmark_excess": _excess,
    "benchmark_value": _value,
    "benchmark_gain": _gain,
}
