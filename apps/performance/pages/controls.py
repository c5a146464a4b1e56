"""The controls every analysis shares, and the answer to its question."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.access import Access
from apps.common.errors import Invalid
from apps.performance.asked import Asked, without_benchmarks
from apps.performance.query import Query
from apps.performance.selectors import Building, Ready, Scope, tax_mark, timeline_of
from apps.portfolios.selectors import portfolios_of

PERIODS = [
    ("1m", _("1M")),
    ("6m", _("6M")),
    ("ytd", pgettext_lazy("período", "Ano")),
    ("12m", _("12M")),
    ("5a", _("5A")),
    ("all", _("Tudo")),
]
CURRENCIES = ("BRL", "USD")
COMPARED = {
    "CDI": _("CDI"),
    "IBOV": _("Ibovespa"),
    "IFIX": _("IFIX"),
    "IPCA": _("IPCA"),
    "SP500:BRL": _("S&P 500 em reais"),
    "SP500": _("S&P 500 em dólares"),
    "SELIC": _("Selic"),
    "IPCA+6": _("IPCA + 6 % ao ano"),
}
GROUPINGS = [
    ("asset", _("Ativo")),
    ("class", _("Classe")),
    ("currency", _("Moeda")),
    ("country", _("País")),
    ("sector", _("Setor")),
    ("broker", _("Corretora")),
]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Controls:
    """What was asked and what may be asked instead."""

    asked: Asked
    periods: Sequence[tuple[str, Any]]
    period: str
    portfolios: Sequence[tuple[str, str]]
    currencies: Sequence[str]
    currency: str
    compared: Sequence[tuple[str, Any, bool]]
    others: str
    groupings: Sequence[tuple[str, Any]]

    @property
    def query(self) -> Query:
        """What is measured."""
        return self.asked.query

    @property
    def names(self) -> str:
        """The names of what is compared, by code, as JSON for the charts."""
        return json.dumps({code: str(label) for code, label, _on in self.compared})

    @property
    def comparing(self) -> int:
        """With how many things."""
        return len(self.query.benchmarks)


def controls_of(*, access: Access, asked: Asked) -> Controls:
    """The controls as they stand for a question. One query with its prefetches."""
    query = asked.query
    base = access.workspace.base_currency
    currencies = tuple(dict.fromkeys((*CURRENCIES, base, query.currency or base)))
    codes = [b.code for b in query.benchmarks]
    named = portfolios_of(access=access).prefetch_related(None).values_list("pk", "name")
    return Controls(
        asked=asked,
        periods=PERIODS,
        period="" if query.start or query.end else query.period,
        portfolios=[(str(pk), name) for pk, name in named],
        currencies=currencies,
        currency=query.currency or base,
        compared=[(code, label, code in codes) for code, label in COMPARED.items()],
        others=", ".join(code for code in codes if code not in COMPARED),
        groupings=GROUPINGS,
    )


def answered(
    select: Callable[..., Found], *, access: Access, asked: Asked, **more: Any
) -> tuple[Found, Asked]:
    """The selector's answer. A benchmark nobody knows is told and left out."""
    try:
        return select(access=access, query=asked.query, **more), asked
    except Invalid as error:
        plain = without_benchmarks(asked, error)
        return select(access=access, query=plain.query, **more), plain


def page_of(
    *, access: Access, asked: Asked, found: Any, content: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """The context of an analysis: controls, state, and its content once there is any."""
    context: dict[str, Any] = {"c": controls_of(access=access, asked=asked), "found": found}
    if isinstance(found, Building):
        return {**context, "building": found}
    scope: Scope | None = getattr(found, "scope", None)
    currency = scope.currency if scope is not None else found.currency
    return {**context, "scope": scope, "currency": currency, **content(found)}


def state_of(*, access: Access, currency: str) -> Ready | Building:
    """How fresh the figures are: those of now, older ones, or none yet."""
    return timeline_of(access=access, currency=currency or access.workspace.base_currency)


def state_mark(found: Ready | Building) -> str:
    """What tells one set of figures from another."""
    return f"{found.version.ledger}-{found.version.market}" if isinstance(found, Ready) else ""


def page_versions(*, access: Access, currency: str) -> tuple[object, ...]:
    """Everything a page's figures depend on beside its question: timeline, and taxes assessed."""
    found = state_of(access=access, currency=currency)
    if isinstance(found, Building):
        return ("building",)
    return (found.version.key, found.is_stale, found.is_behind, tax_mark(access=access))


def compared_label(code: str) -> Any:
    """The words for a benchmark."""
    return COMPARED.get(code, code)


CASH_LABEL = pgettext_lazy("saldo", "Caixa")
NO_GROUP = _("Sem classificação")
