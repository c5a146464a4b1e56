"""The descriptions the return asks for (discriminação), in the words of the Receita's own guide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from apps.engine.fixed_income import round_half_up
from apps.engine.kinds import AssetClass
from apps.engine.types import Asset

_SPECIES = {"3": "ON", "4": "PN", "5": "PNA", "6": "PNB", "7": "PNC", "8": "PND"}
_NOUNS = {
    AssetClass.STOCK: "ações",
    AssetClass.UNIT: "units",
    AssetClass.FII: "cotas do fundo imobiliário",
    AssetClass.FIAGRO: "cotas do Fiagro",
    AssetClass.FI_INFRA: "cotas do FI-Infra",
    AssetClass.ETF: "cotas do ETF",
    AssetClass.ETF_FIXED_INCOME: "cotas do ETF de renda fixa",
    AssetClass.BDR: "BDR",
    AssetClass.OPTION: "opções",
    AssetClass.RIGHT: "direitos de subscrição",
    AssetClass.TERM: "contratos a termo",
    AssetClass.GOLD: "gramas de ouro",
    AssetClass.STOCK_ABROAD: "ações",
    AssetClass.ETF_ABROAD: "cotas do ETF",
    AssetClass.REIT: "cotas do REIT",
    AssetClass.BOND: "títulos",
    AssetClass.TREASURY: "títulos do Tesouro Direto",
    AssetClass.CDB: "CDB",
    AssetClass.LCI: "LCI",
    AssetClass.LCA: "LCA",
    AssetClass.CRI: "CRI",
    AssetClass.CRA: "CRA",
    AssetClass.DEBENTURE: "debêntures",
    AssetClass.DEBENTURE_INFRA: "debêntures incentivadas",
    AssetClass.FUND: "cotas do fundo",
}
_ON_EXCHANGE = frozenset(
    {
        AssetClass.STOCK,
        AssetClass.UNIT,
        AssetClass.FII,
        AssetClass.FIAGRO,
        AssetClass.FI_INFRA,
        AssetClass.ETF,
        AssetClass.ETF_FIXED_INCOME,
        AssetClass.BDR,
        AssetClass.OPTION,
        AssetClass.RIGHT,
        AssetClass.STOCK_ABROAD,
        AssetClass.ETF_ABROAD,
        AssetClass.REIT,
    }
)
_COINS = frozenset({AssetClass.CRYPTO, AssetClass.CRYPTO_ABROAD})
#: More purchases than this are told as a sum.
_LISTED = 6


class Purchase(NamedTuple):
    """An acquisition in foreign money: total paid, its currency and the quote used."""

    date: dt.date
    quantity: Decimal
    amount: Decimal | None
    currency: str
    rate: Decimal | None


def number(value: Decimal, places: int | None = None) -> str:
    """A number as Brazilians write it: 1.234,56. Without ``places``, all its own digits."""
    if places is not None:
        value = round_half_up(value, places)
    body = f"{value:,f}"
    if places is None and "." in body:
        body = body.rstrip("0").rstrip(".")
    return body.replace(",", "\0").replace(".", ",").replace("\0", ".")


def day(value: dt.date) -> str:
    """01/02/2026."""
    return value.strftime("%d/%m/%Y")


def on_exchange(asset: Asset | None) -> bool:
    """Whether the form's "negociado em bolsa" is yes."""
    return asset is not None and asset.asset_class in _ON_EXCHANGE


def _what(code: str, asset: Asset | None, quantity: Decimal) -> str:
    kind = asset.asset_class if asset else None
    if kind in _COINS:
        name = f" ({asset.name})" if asset and asset.name else ""
        return f"{number(quantity)} {code}{name}"
    noun = _NOUNS.get(kind, "unidades de") if kind else "unidades de"
    species = _SPECIES.get(code[-1:], "") if kind is AssetClass.STOCK and len(code) == 5 else ""
    words = [number(quantity), noun, species, code]
    told = " ".join(word for word in words if word)
    name = (asset.name or asset.issuer) if asset else ""
    return f"{told} – {name}" if name else told


def _custody(custody: Mapping[str, Decimal], cnpjs: Mapping[str, str], self_kept: bool) -> str:
    places = [place for place, quantity in custody.items() if quantity]
    if not places:
        return ""

    def named(place: str) -> str:
        label = place or ("autocustódia" if self_kept else "")
        return f"{label} CNPJ {cnpjs[place]}" if cnpjs.get(place) else label

    if len(places) == 1:
        return f"custódia {named(places[0])}" if named(places[0]) else ""
    each = "; ".join(f"{number(custody[place])} em {named(place)}" for place in places)
    return f"custódia {each}"


def _purchases(found: Sequence[Purchase]) -> str:
    if not found:
        return ""
    if len(found) <= _LISTED:
        each = []
        for one in found:
            told = f"{day(one.date)}"
            if one.amount is not None:
                told += f" {one.currency} {number(one.amount, 2)}"
            if one.rate is not None:
                told += f" (cotação {number(one.rate)})"
            each.append(told)
        return "aquisições: " + "; ".join(each)
    first, last = day(found[0].date), day(found[-1].date)
    amounts = [one.amount for one in found]
    if None in amounts:
        return f"{len(found)} aquisições de {first} a {last}"
    spent = number(sum((each for each in amounts if each is not None), Decimal(0)), 2)
    quote = "cotação de venda de cada data"
    return f"{len(found)} aquisições de {first} a {last}, {found[0].currency} {spent}, {quote}"


def description(
    code: str,
    asset: Asset | None,
    quantity: Decimal,
    cost: Decimal | None,
    custody: Mapping[str, Decimal],
    *,
    cnpjs: Mapping[str, str],
    purchases: Sequence[Purchase] = (),
    country: str = "",
) -> str:
    """The text of one asset at the end of the year."""
    if not quantity:
        what = _what(code, asset, Decimal(0)).removeprefix("0 ")
        return f"{what}, posição encerrada no ano"
    kind = asset.asset_class if asset else None
    told = [_what(code, asset, quantity)]
    if asset and asset.cnpj:
        told.append(f"CNPJ {asset.cnpj}")
    if country:
        told.append(f"país {country}")
    if asset and asset.terms and asset.terms.maturity:
        told.append(f"vencimento {day(asset.terms.maturity)}")
    if cost is not None:
        told.append(f"custo médio R$ {number(cost / quantity, 2)}")
    told.append(_purchases(purchases))
    told.append(_custody(custody, cnpjs, kind in _COINS))
    if on_exchange(asset):
        told.append("negociado em bolsa")
    return ", ".join(each for each in told if each)


def account_text(
    institution: str, currency: str, balance: Decimal, rate: Decimal | None, cnpj: str = ""
) -> str:
    """The text of money in an account at the end of the year."""
    told = [f"saldo em conta {institution}".rstrip()]
    if cnpj:
        told.append(f"CNPJ {cnpj}")
    if rate is not None:
        told.append(f"{currency} {number(balance, 2)}, cotação {number(rate)}")
    return ", ".join(told)
