"""Why the figures after tax are what they are."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.performance.selectors.after_tax import CASH, NARROW, NO_RATE, NOT_ASSESSED, AfterTax
from apps.performance.selectors.parts import Answer, Block, Part
from apps.performance.selectors.returns import Performance
from apps.performance.words import RATE

TAXED = ("gain_after_tax", "twr_after_tax", "irr_after_tax", "latent_tax", "gain_if_sold")
KINDS: dict[str, str | Promise] = {
    "exchange": gettext_lazy("imposto da bolsa"),
    "abroad": gettext_lazy("imposto do exterior"),
    "crypto": gettext_lazy("imposto de cripto"),
    "gcap": gettext_lazy("imposto de ganho de capital"),
    "monthly_income": gettext_lazy("carnê-leão do exterior"),
}
REASONS: dict[str, str | Promise] = {
    NOT_ASSESSED: gettext_lazy("os impostos ainda não foram apurados"),
    NARROW: gettext_lazy(
        "o imposto é do titular, sobre tudo o que ele tem: não se sabe desta parte"
    ),
    CASH: gettext_lazy("sem caixa é que se conhece: o caixa pode já contar o imposto pago"),
    NO_RATE: gettext_lazy("falta o câmbio do real para esta moeda"),
}


def taxed_answer(found: Performance, code: str) -> Answer:
    """The figure and its parts; where it is not known, why."""
    told = found.after_tax
    if told.taxed is None:
        return None, [Block(str(REASONS.get(told.reason, "")), [])]
    return _ANSWERS[code](found, told)


def _owed(told: AfterTax) -> list[Part]:
    return [
        Part(
            _("%(tax)s (incompleto)") % {"tax": KINDS[each.kind]}
            if each.is_incomplete
            else str(KINDS[each.kind]),
            each.amount,
            sign=-1,
            date=each.date,
        )
        for each in told.owed
    ]


def _gain(found: Performance, told: AfterTax) -> Answer:
    f = found.figures
    first = Part(_("ganho, já sem o imposto retido"), f.absolute_gain, date=f.end)
    gain = told.taxed.gain if told.taxed else None
    return gain, [Block(_("ganho menos imposto apurado"), [first, *_owed(told)], True)]


def _rate(code: str) -> Callable[[Performance, AfterTax], Answer]:
    def tell(found: Performance, told: AfterTax) -> Answer:
        before = Part(_("antes do imposto apurado"), getattr(found.figures, code), RATE, sign=0)
        value = getattr(told.taxed, code)
        return value, [Block("", [before]), Block(_("imposto apurado no período"), _owed(told))]

    return tell


def _latent(_found: Performance, told: AfterTax) -> Answer:
    if told.sold is None:
        return None, [Block(_("só se conhece no último dia, aos preços de agora"), [])]
    parts = [Part(_("imposto de vender tudo"), told.sold.tax)]
    blocks = [Block(_("o detalhe por ativo está em Impostos, Simulador"), parts, True)]
    if told.sold.left_out:
        left = [Part(ticker, None, sign=0) for ticker in told.sold.left_out]
        blocks.append(Block(_("fora da conta: sem preço, sem custo ou sem venda simples"), left))
    return told.sold.tax, blocks


def _sold(found: Performance, told: AfterTax) -> Answer:
    if told.sold is None or told.sold.taxed is None:
        return None, [Block(_("o período precisa começar sem nada e terminar hoje"), [])]
    f = found.figures
    parts = [
        Part(_("ganho, já sem o imposto retido"), f.absolute_gain, date=f.end),
        *_owed(told),
        Part(_("imposto de vender tudo"), told.sold.tax, sign=-1, date=f.end),
    ]
    return told.sold.taxed.gain, [Block(_("ganho menos impostos"), parts, True)]


_ANSWERS: dict[str, Callable[[Performance, AfterTax], Answer]] = {
    "gain_after_tax": _gain,
    "twr_after_tax": _rate("twr"),
    "irr_after_tax": _rate("irr"),
    "latent_tax": _latent,
    "gain_if_sold": _sold,
}
