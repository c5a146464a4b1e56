"""What the engine's codes mean to a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Text = str | Promise

PARTS: dict[str, Text] = {
    "sale": _("Venda"),
    "day_trade": _("Day trade"),
    "short_cover": _("Recompra de venda a descoberto"),
    "exercise": _("Exercício de opção"),
    "exercise_sale": _("Venda no exercício"),
    "expiry": _("Vencimento de opção"),
    "fraction_sale": _("Leilão de frações"),
    "redemption": _("Resgate"),
    "capital_above_cost": _("Restituição acima do custo"),
    "merger_cash": _("Dinheiro recebido na incorporação"),
    "future": _("Ajustes de futuros"),
    "future_day_trade": _("Day trade de futuros"),
    "exempt_gain": _("Ganho isento"),
    "result": _("Resultado do grupo"),
    "loss_used": _("Prejuízo compensado"),
    "tax": _("Imposto"),
    "withheld_used": _("IRRF compensado"),
    "darf_carried_in": _("Veio de meses anteriores"),
    "darf_carried_out": _("Abaixo do mínimo: fica para o próximo mês"),
    "darf": _("DARF"),
    "late": _("Multa e juros"),
    "abroad_gain": _("Ganho no exterior"),
    "abroad_income": _("Rendimento no exterior"),
    "abroad_loss_used": _("Perda no exterior compensada"),
    "abroad_tax": _("Imposto sobre o exterior"),
    "abroad_credit": _("Imposto pago lá fora"),
    "abroad_idle_cash": _("Saldo parado no exterior"),
    "share_incorporation": _("Incorporação de ações"),
    "account_interest": _("Juros de conta"),
    "amortisation": _("Amortização"),
    "capital_gain": _("Ganho de capital"),
    "come_cotas": _("Come-cotas"),
    "coupon": _("Cupom"),
    "crypto_disposal": _("Alienação de criptoativo"),
    "crypto_report": _("Operações a informar à Receita"),
    "distribution": _("Rendimento distribuído"),
    "dividend_exempt": _("Dividendo isento"),
    "dividend_taxed": _("Dividendo tributado"),
    "fixed_income_yield": _("Rendimento de renda fixa"),
    "foreign_income": _("Rendimento recebido do exterior"),
    "fund_income": _("Rendimento de fundo"),
    "fund_redemption": _("Resgate de fundo"),
    "irpfm_dividend_withheld": _("IRRF de dividendos"),
    "irpfm_credit": _("Imposto já pago, que se abate"),
    "irpfm_excluded": _("Fora da base"),
    "irpfm_income": _("Rendimentos do ano"),
    "irpfm_gross": _("Imposto mínimo antes das deduções"),
    "jcp_tax": _("Imposto sobre JCP"),
    "monthly_table_tax": _("Imposto pela tabela mensal"),
    "lending": _("Aluguel de ativos"),
    "capital_gain_exempt": _("Ganho de capital isento"),
    "capital_gain_tax": _("Imposto sobre ganho de capital"),
}

BUCKETS: dict[str, Text] = {
    "common": _("Operações comuns"),
    "day_trade": _("Day trade"),
    "fii": _("FII e Fiagro"),
    "abroad": _("Exterior"),
    "stock": _("Ações à vista"),
    "gold": _("Ouro"),
    "crypto": _("Criptoativos"),
    "source": _("Tributado na fonte"),
    "exempt": _("Isento"),
}

DARF_STATES: dict[str, Text] = {
    "carried": _("a transportar"),
    "none": _("nada a pagar"),
    "paid": _("paga"),
    "late": _("vencida"),
    "partly_paid": _("paga em parte"),
    "due_soon": _("vence logo"),
    "open": _("em aberto"),
}

MONTH_STATES: dict[str, Text] = {
    "future": _("futuro"),
    "running": _("em curso"),
    "closed": _("fechado"),
    "reopened": _("reaberto"),
    "incomplete": _("incompleto"),
    "open": _("aberto"),
}

LEFT_OUT: dict[str, Text] = {
    "not_sold": _("não se vende simplesmente"),
    "price_missing": _("sem cotação"),
    "cost_unknown": _("custo desconhecido"),
    "rule_missing": _("falta a regra fiscal"),
}


def part_label(label: str) -> Text:
    """A part's name; its code where nobody gave it one."""
    return PARTS.get(label, label.replace("_", " "))


_MARKETS: dict[str, Text] = {
    "spot": _("mercado à vista"),
    "option": _("opções"),
    "options": _("opções"),
    "futures": _("futuros"),
    "future": _("futuros"),
    "term": _("termo"),
    "gold": _("ouro"),
}


def market_words(name: str) -> Text:
    """A market of the exchange in words."""
    return _MARKETS.get(name, name.replace("_", " "))


def month_of(value: Any) -> dt.date | None:
    """``2026-03`` as the first day of the month; None for what names none."""
    if isinstance(value, dt.date):
        return value.replace(day=1)
    try:
        return dt.date.fromisoformat(f"{str(value)[:7]}-01")
    except ValueError:
        return None


def in_a_sentence(month: str) -> str:
    """Portuguese writes months without a capital, English with one."""
    return month.lower() if (get_language() or "").startswith("pt") else month


def month_words(value: Any) -> str:
    """``2026-03`` as ``março de 2026``, in the language of whoever reads."""
    first = month_of(value)
    return in_a_sentence(formats.date_format(first, "YEAR_MONTH_FORMAT")) if first else ""
