"""The engine's issues about one row, with its figures, as sentences."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common import formatting
from apps.common.issue_texts import issue_text
from apps.engine.types import Issue

# Those that can say how much; the others are told by their name and effect.
_MEASURED: dict[str, Promise] = {
    "oversold": _(
        "Vende %(quantity)s, mas só havia %(held)s: faltam %(excess)s. "
        "Falta uma compra, uma transferência ou a posição de abertura."
    ),
    "overcovered": _("Recompra %(quantity)s, mas só %(held)s estavam vendidas a descoberto."),
    "rights_short": _("Usa %(quantity)s direitos, mas só havia %(held)s."),
    "transfer_exceeds_position": _("Transfere %(quantity)s, mas só havia %(held)s na conta."),
    "transfer_cost_differs": _(
        "O custo informado na transferência, %(stated)s, difere do que estava na posição, %(cost)s."
    ),
    "fx_rate_missing": _("Falta o câmbio de %(base)s para %(quote)s nesta data."),
}
_NUMBERS = frozenset({"quantity", "held", "excess", "stated", "cost"})


class _Params(dict[str, str]):
    """Terms of a sentence; one the engine did not give is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def issue_words(issue: Issue) -> str:
    """What is odd and, where known, by how much."""
    measured = _MEASURED.get(issue.code)
    if measured is not None:
        terms = {name: _written(name, value) for name, value in issue.params.items()}
        return str(measured) % _Params(terms)
    text = issue_text(issue.code)
    return f"{text.title}. {text.effect}"


def _written(name: str, value: str) -> str:
    if name not in _NUMBERS:
        return value
    try:
        return formatting.quantity(Decimal(value))
    except InvalidOperation:
        return value
