"""Why the concentration and the yields are what they are."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.performance.selectors.allocation import allocated
from apps.performance.selectors.income import income_of
from apps.performance.selectors.parts import Answer, Block, Explained, Part
from apps.performance.selectors.scope import Scope, group_label
from apps.performance.words import DEFINITIONS, RATE

YIELDS = frozenset({"yield_on_value", "yield_on_cost", "growth"})
APART = YIELDS | {"hhi"}


def worth_explained(scope: Scope, code: str) -> Explained:
    """The parts of one of ``APART``."""
    value, blocks = worth_answer(scope, code)
    return Explained(code, DEFINITIONS[code], value, scope.currency, scope.start, scope.end, blocks)


def worth_answer(scope: Scope, code: str) -> Answer:
    """The figure and its parts."""
    return _hhi(scope) if code == "hhi" else _yield(scope, code)


def _hhi(scope: Scope) -> Answer:
    found = allocated(scope).concentration
    parts = [
        Part(group_label(key, "asset", scope.names), share, RATE, sign=0, asset=key)
        for key, share in found.shares
    ]
    value = found.hhi if found.shares else None
    return value, [Block(_("participações, cujos quadrados se somam"), parts)]


def _yield(scope: Scope, code: str) -> Answer:
    total = income_of(scope).total
    if total is None:
        return None, [Block("", [Part(_("proventos dos últimos 12 meses"), 0.0, sign=0)])]
    parts = [Part(_("proventos dos últimos 12 meses"), total.last_year, sign=0, date=scope.end)]
    if code == "growth":
        parts.append(Part(_("proventos dos 12 meses anteriores"), total.year_before, sign=0))
    else:
        share: float | None = getattr(total, code)
        # The divisor, from the quotient: what is held, at the end of the period.
        base = total.last_year / share if share else None
        words = _("valor final") if code == "yield_on_value" else _("custo do que se tem")
        parts.append(Part(words, base, sign=0, date=scope.end))
    return getattr(total, code), [Block("", parts)]
