"""What the rules of the law are called, and their terms in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.common.formatting import day as shown_day
from apps.common.formatting import money, plain_number
from apps.taxes.words import Text

GROUPS: tuple[tuple[str, Text], ...] = (
    ("VAR-", _("Bolsa")),
    ("FII-", _("FII e Fiagro")),
    ("DIV-", _("Dividendos e JCP")),
    ("IRPFM", _("Imposto mínimo")),
    ("RF-", _("Renda fixa")),
    ("FUND-", _("Fundos")),
    ("EXT-", _("Exterior")),
    ("WHT-", _("Retenção no exterior")),
    ("GCAP", _("Ganhos de capital")),
    ("CARNE-", _("Carnê-leão")),
    ("CRY-", _("Criptoativos")),
    ("D", _("DARF e declaração")),
    ("BANK-", _("Dias sem banco")),
)
OTHERS = _("Outras")

NAMES: dict[str, Text] = {
    "VAR-15": _("Operações comuns na bolsa"),
    "VAR-DT20": _("Day trade"),
    "VAR-DT-DEF": _("O que é day trade"),
    "VAR-ETF": _("ETF de ações, sem isenção"),
    "VAR-BDR": _("BDR, sem isenção"),
    "VAR-EX20K": _("Isenção de vendas pequenas de ações e de ouro"),
    "VAR-PME": _("Isenção das ações de pequenas e médias empresas"),
    "VAR-FII20": _("Cotas de FII e Fiagro"),
    "VAR-ETFRF": _("ETF de renda fixa, pelo prazo médio da carteira"),
    "VAR-FIINFRA": _("FI-Infra, isento"),
    "VAR-IRRF": _("Retenção nas vendas comuns"),
    "VAR-IRRF-DT": _("Retenção no day trade"),
    "VAR-LOSS": _("Compensação de prejuízos"),
    "VAR-AVG": _("Custo médio"),
    "VAR-COSTS": _("Corretagem e taxas no custo e na venda"),
    "VAR-OPT": _("Opções"),
    "VAR-FUT": _("Futuros"),
    "VAR-TERMO": _("Termo"),
    "VAR-SHORT": _("Venda a descoberto"),
    "VAR-SPLIT": _("Desdobramento e grupamento"),
    "VAR-BONUS": _("Bonificação"),
    "VAR-SUBS": _("Subscrição e venda de direitos"),
    "VAR-AMORT": _("Amortização de FII"),
    "VAR-CAPRED": _("Restituição de capital"),
    "VAR-SPIN": _("Cisão"),
    "VAR-MERGE": _("Incorporação e fusão"),
    "VAR-INCORP": _("Incorporação de ações"),
    "VAR-FRACTION": _("Leilão de frações"),
    "VAR-LEND": _("Aluguel de ativos"),
    "FII-DIST-EX": _("Rendimentos de FII e Fiagro, isentos"),
    "FII-DIST-TAX": _("Rendimentos de FII e Fiagro, quando tributados"),
    "FII-DIST-CODE": _("Código dos rendimentos de FII na declaração"),
    "DARF-MIN": _("Valor mínimo da DARF"),
    "DARF-LATE": _("Multa e juros da DARF em atraso"),
    "DARF-DUE": _("Vencimento da DARF"),
    "DARF-CODE": _("Códigos da DARF"),
    "DAA-DUE": _("Prazo da declaração anual"),
    "RF-IR": _("Tabela regressiva da renda fixa"),
    "RF-IOF": _("IOF dos primeiros trinta dias"),
    "RF-IOF-SCOPE": _("O que paga IOF"),
    "RF-EXEMPT": _("Papéis isentos"),
    "RF-CUSTODY": _("Custódia do Tesouro Direto"),
    "RF-CODE": _("Código da renda fixa na declaração"),
    "FUND-CC": _("Fundos e come-cotas"),
    "FUND-ENTITY": _("FIDC, FIP e ETF: entidade de investimento"),
    "DIV-JCP": _("Juros sobre capital próprio"),
    "DIV-EX": _("Dividendos isentos"),
    "DIV-10": _("Dividendos acima do limite mensal"),
    "DIV-10-TRANS": _("Lucros até 2025, fora da retenção"),
    "IRPFM": _("Imposto mínimo (IRPFM)"),
    "IRPFM-REDUCER": _("Redutor do imposto mínimo"),
    "IRPFM-EXCLUDED": _("O que fica fora da base do imposto mínimo"),
    "EXT-15": _("Aplicações no exterior"),
    "EXT-DIV": _("Rendimentos do exterior"),
    "EXT-FX": _("Câmbio de cada data"),
    "EXT-LOSS": _("Perdas no exterior"),
    "EXT-CASH": _("Moeda em espécie e conta sem rendimento"),
    "EXT-CREDIT": _("Crédito do imposto pago no exterior"),
    "EXT-TREATY": _("Países com acordo"),
    "EXT-PRE24": _("Exterior até 2023"),
    "EXT-SETTLEMENT": _("Prazo de liquidação nos Estados Unidos"),
    "GCAP": _("Faixas do ganho de capital"),
    "CARNE-LEAO": _("Tabela mensal (carnê-leão)"),
    "CARNE-LEAO-RATE": _("Câmbio do carnê-leão"),
    "CARNE-LEAO-REDUCTION": _("Redução da tabela mensal"),
    "CRY-GC": _("Criptoativos no Brasil"),
    "CRY-EXT": _("Criptoativos no exterior"),
    "CRY-REPORT": _("Informar operações fora do Brasil"),
    "CRY-SELF": _("O que é autocustódia"),
    "BANK-FIXED-HOLIDAYS": _("Feriados nacionais"),
    "BANK-EASTER": _("Carnaval, Sexta-Feira Santa e Corpus Christi"),
    "BANK-TIRADENTES": _("Tiradentes"),
    "BANK-APARECIDA": _("Nossa Senhora Aparecida"),
    "BANK-FINADOS": _("Finados"),
    "BANK-CONSCIENCIA": _("Consciência Negra"),
    "BANK-YEAR-END": _("Último dia do ano"),
}

COUNTRIES: dict[str, Text] = {
    "AR": _("Argentina"),
    "AT": _("Áustria"),
    "AU": _("Austrália"),
    "BE": _("Bélgica"),
    "CA": _("Canadá"),
    "CH": _("Suíça"),
    "CL": _("Chile"),
    "CN": _("China"),
    "CZ": _("Tchéquia"),
    "DE": _("Alemanha"),
    "DK": _("Dinamarca"),
    "ES": _("Espanha"),
    "FI": _("Finlândia"),
    "FR": _("França"),
    "GB": _("Reino Unido"),
    "GR": _("Grécia"),
    "HK": _("Hong Kong"),
    "HU": _("Hungria"),
    "ID": _("Indonésia"),
    "IE": _("Irlanda"),
    "IL": _("Israel"),
    "IN": _("Índia"),
    "IT": _("Itália"),
    "JP": _("Japão"),
    "KR": _("Coreia do Sul"),
    "LU": _("Luxemburgo"),
    "MX": _("México"),
    "NL": _("Países Baixos"),
    "NO": _("Noruega"),
    "NZ": _("Nova Zelândia"),
    "PL": _("Polônia"),
    "PT": _("Portugal"),
    "SE": _("Suécia"),
    "SG": _("Singapura"),
    "TR": _("Turquia"),
    "TW": _("Taiwan"),
    "US": _("Estados Unidos"),
    "ZA": _("África do Sul"),
}
#: How sure a value is: words, and whether it asks to be checked.
STATUS: dict[str, tuple[Text, bool]] = {
    "sourced": (_("com fonte"), False),
    "known": (_("da lei, sem outra fonte lida"), False),
    "partly known": (_("fonte parcial: confira"), True),
    "repository text": (_("de texto de terceiros: confira"), True),
    "uncertain": (_("incerta"), True),
}
#: Terms of a rule: what each is called, and of what kind its value is.
_TERMS: dict[str, tuple[Text, str]] = {
    "rate": (_("alíquota"), "share"),
    "day_trade_rate": (_("alíquota no day trade"), "share"),
    "fund_rate": (_("alíquota de fundos"), "share"),
    "reit_rate": (_("alíquota de REIT"), "share"),
    "treaty_cap": (_("teto do acordo"), "share"),
    "top_rate": (_("alíquota mais alta"), "share"),
    "long": (_("longo prazo"), "share"),
    "short": (_("curto prazo"), "share"),
    "equity": (_("ações"), "share"),
    "cap": (_("teto da multa"), "share"),
    "daily": (_("multa por dia"), "share"),
    "payment_month": (_("juros no mês do pagamento"), "share"),
    "largest_share": (_("menos de, por cotista"), "share"),
    "related_share": (_("menos de, com parentes"), "share"),
    "bank_limit": (_("bancos"), "share"),
    "insurer_limit": (_("seguradoras e financeiras"), "share"),
    "limit": (_("limite"), "limit"),
    "gold_limit": (_("limite do ouro"), "money"),
    "exempt_up_to": (_("isento até, no mês"), "money"),
    "threshold": (_("acima de, no mês"), "money"),
    "minimum": (_("mínimo"), "money"),
    "waived_up_to": (_("dispensada até"), "money"),
    "from_income": (_("a partir de, no ano"), "money"),
    "full_income": (_("alíquota cheia a partir de"), "money"),
    "full": (_("redução cheia"), "money"),
    "full_up_to": (_("redução cheia até"), "money"),
    "partial_up_to": (_("redução parcial até"), "money"),
    "constant": (_("redução parcial: parte fixa"), "money"),
    "factor": (_("redução parcial: fator"), "text"),
    "divisor": (_("divisor da base"), "text"),
    "offset": (_("menos"), "text"),
    "selic_exempt_up_to": (_("Tesouro Selic isento até"), "money"),
    "cash_exempt_usd": (_("isento até, em dólares"), "text"),
    "brackets": (_("faixas"), "brackets"),
    "short_brackets": (_("faixas de curto prazo"), "brackets"),
    "short_term_days": (_("curto prazo até"), "days"),
    "business_days": (_("dias úteis"), "text"),
    "months": (_("meses"), "text"),
    "month": (_("mês"), "text"),
    "months_after": (_("meses depois"), "text"),
    "months_before": (_("meses antes"), "text"),
    "until_day": (_("último dia útil até o dia"), "text"),
    "percent_of_yield_by_day": (_("parte do rendimento, em %, do dia 1 ao 30"), "text"),
    "code": (_("código na declaração"), "text"),
    "gold_code": (_("código do ouro"), "text"),
    "exclusive": (_("código"), "text"),
    "exchange": (_("bolsa"), "text"),
    "exchange_company": (_("bolsa, empresas"), "text"),
    "capital_gain": (_("ganho de capital"), "text"),
    "carne_leao": (_("carnê-leão"), "text"),
    "annual_quota": (_("quota da declaração"), "text"),
    "holders": (_("cotistas, no mínimo"), "text"),
    "adaptation_until": (_("adaptação até"), "day"),
    "profits_until": (_("lucros até"), "day"),
    "approved_by": (_("aprovados até"), "day"),
    "approved_by_injunction": (_("pela liminar, até"), "day"),
    "acquisition": (_("na compra"), "quote"),
    "disposal": (_("na venda"), "quote"),
    "income": (_("no rendimento"), "quote"),
    "foreign_tax": (_("no imposto pago lá"), "quote"),
    "quote": (_("cotação"), "quote"),
    "classes": (_("papéis"), "words"),
    "exempt_fund_classes": (_("menos fundos"), "words"),
    "kinds": (_("rendimentos"), "words"),
    "countries": (_("países"), "text"),
    "reciprocity": (_("reciprocidade"), "text"),
    "institutions": (_("nomes"), "text"),
    "dates": (_("dias"), "dates"),
    "days_from_easter": (_("dias contados da Páscoa"), "easter"),
}
_WORDS: dict[str, Text] = {
    "buy": _("PTAX de compra"),
    "sell": _("PTAX de venda"),
    "lci": _("LCI"),
    "lca": _("LCA"),
    "cri": _("CRI"),
    "cra": _("CRA"),
    "debenture_infra": _("debêntures de infraestrutura"),
    "treasury": _("Tesouro"),
    "cdb": _("CDB"),
    "bond": _("outros papéis"),
    "fund": _("fundos"),
    "equity": _("de ações"),
    "exempt": _("isentos"),
    "entity": _("entidade de investimento"),
    "off_exchange_gains": _("ganhos de capital fora da bolsa"),
    "exempt_papers": _("papéis isentos"),
    "fii_distributions": _("rendimentos de FII"),
    "transition_dividends": _("lucros até 2025"),
    "carnival": _("Carnaval"),
    "others": _("Sexta-Feira Santa e Corpus Christi"),
}


def rule_name(rule_id: str) -> str:
    """A rule in words; of withholding abroad, its country."""
    if rule_id.startswith("WHT-"):
        country = COUNTRIES.get(rule_id[4:], rule_id[4:])
        return gettext("Retenção sobre dividendos: %(country)s") % {"country": country}
    return str(NAMES.get(rule_id, rule_id))


def rule_group(rule_id: str) -> str:
    """What a rule is about."""
    return str(next((name for start, name in GROUPS if rule_id.startswith(start)), OTHERS))


def terms_of(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The terms of a rule by their names, in words."""
    found = []
    for key, term in value.items():
        label, kind = _TERMS.get(key, (key.replace("_", " "), "text"))
        try:
            words = _READ.get(kind, _text)(term)
        except (ArithmeticError, KeyError, TypeError, ValueError):
            words = _text(term)  # an administrator's own shape
        found.append((str(label), words))
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_word(key)}: {_text(each)}" for key, each in value.items())
    return str(value)


def _word(value: Any) -> str:
    return str(_WORDS.get(str(value), value))


def _share(value: Any) -> str:
    return f"{plain_number(Decimal(str(value)) * 100, 4, trim_to=0)} %"


def _money(value: Any) -> str:
    return money(Decimal(str(value)), "BRL")


def _limit(value: Any) -> str:
    return _share(value) if Decimal(str(value)) < 1 else _money(value)


def _days(value: Any) -> str:
    number = int(value)
    return ngettext("%(n)s dia", "%(n)s dias", number) % {"n": number}


def _bracket(each: Mapping[str, Any]) -> str:
    rate = _share(each["rate"])
    if each.get("deduct") not in (None, "0"):
        rate += f" − {_money(each['deduct'])}"
    days, top = each.get("up_to_days"), each.get("up_to")
    if days is None and top is None:
        return gettext("%(rate)s acima") % {"rate": rate}
    upper = _days(days) if days is not None else _money(top)
    return gettext("%(rate)s até %(upper)s") % {"rate": rate, "upper": upper}


def _brackets(value: Any) -> str:
    if not isinstance(value, list):
        return rule_name(str(value))
    if len(value) == 1:
        return _share(value[0]["rate"])
    return "; ".join(_bracket(each) for each in value)


def _date(value: Any) -> str:
    return shown_day(dt.date.fromisoformat(str(value)))


def _dates(value: Any) -> str:
    return ", ".join("/".join(reversed(str(each).split("-"))) for each in value)


def _words(value: Any) -> str:
    return ", ".join(map(_word, value))


_READ: dict[str, Callable[[Any], str]] = {
    "share": _share,
    "money": _money,
    "limit": _limit,
    "days": _days,
    "brackets": _brackets,
    "day": _date,
    "quote": _word,
    "words": _words,
    "dates": _dates,
    "easter": _text,
}
