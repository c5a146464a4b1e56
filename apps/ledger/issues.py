"""The engine's issues in words a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common import formatting
from apps.engine.types import Issue

_TEXTS: dict[str, Promise] = {
    "account_missing": _("Falta dizer em qual conta."),
    "account_unknown": _("Conta desconhecida."),
    "amount_missing": _("Falta o valor."),
    "amount_negative": _("O valor não pode ser negativo aqui."),
    "asset_missing": _("Falta o ativo."),
    "asset_unknown": _("Ativo desconhecido."),
    "bonus_cost_missing": _(
        "Bonificação sem custo declarado pela empresa: as ações entram com custo zero."
    ),
    "cost_share_missing": _("Falta a parte do custo que sai na cisão."),
    "event_without_position": _("Não havia posição deste ativo nesta data."),
    "fees_unknown": _("Há negócios cujas taxas não se conhecem; o custo está sem elas."),
    "fraction_left_in_position": _("Sobrou uma fração na posição."),
    "fraction_origin_unknown": _("Não se sabe de que evento veio a fração vendida."),
    "future_result_by_adjustments": _("O resultado de futuros vem dos ajustes diários."),
    "fx_rate_missing": _("Falta o câmbio de %(base)s para %(quote)s nesta data."),
    "fx_rate_stale": _("O câmbio usado, de %(rate_date)s, é antigo."),
    "long_and_short": _("Há posição comprada e vendida do mesmo ativo."),
    "option_terms_missing": _("Faltam as condições da opção: ativo-objeto, tipo e preço."),
    "oversold": _(
        "Vende %(quantity)s, mas só havia %(held)s: faltam %(excess)s. "
        "Falta uma compra, uma transferência ou a posição de abertura."
    ),
    "overcovered": _("Recompra %(quantity)s, mas só %(held)s estavam vendidas a descoberto."),
    "quantity_missing": _("Falta a quantidade."),
    "quantity_not_positive": _("A quantidade deve ser maior que zero."),
    "ratio_missing": _("Falta a proporção."),
    "rights_short": _("Usa %(quantity)s direitos, mas só havia %(held)s."),
    "to_asset_missing": _("Falta o outro ativo."),
    "transfer_cost_differs": _(
        "O custo informado na transferência, %(stated)s, difere do que estava na posição, %(cost)s."
    ),
    "transfer_cost_unknown": _(
        "Não se sabe o custo do que entrou por transferência: informe o custo total."
    ),
    "transfer_exceeds_position": _("Transfere %(quantity)s, mas só havia %(held)s na conta."),
    "transfer_out_unmatched": _("A transferência de saída não tem entrada correspondente."),
    "value_missing": _("Faltam o preço e o valor total: o custo fica desconhecido."),
}
_NUMBERS = frozenset({"quantity", "held", "excess", "stated", "cost", "short", "amount"})


class _Params(dict[str, str]):
    """Terms of a message; one the engine did not give is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def issue_text(code: str, params: Mapping[str, str]) -> str:
    """What is odd and what to do about it; the bare code when there are no words for it."""
    text = _TEXTS.get(code)
    if text is None:
        return code
    return str(text) % _Params({name: _written(name, value) for name, value in params.items()})


def issue_words(issue: Issue) -> str:
    """:func:`issue_text` of an engine issue."""
    return issue_text(issue.code, issue.params)


def _written(name: str, value: str) -> str:
    if name not in _NUMBERS:
        return value
    try:
        return formatting.quantity(Decimal(value))
    except InvalidOperation:
        return value
