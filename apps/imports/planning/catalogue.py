"""Codes of the file as assets; unknown ones are proposed with their likely class."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

from apps.assets.classes import guess_class
from apps.assets.models import Asset, AssetClass
from apps.assets.selectors import asset_index
from apps.assets.services import TermsInput
from apps.imports.formats import ParsedLine
from apps.imports.formats.products import FIXED_INCOME
from apps.imports.planning.model import Task

CREATE = "create"
_MARKETS = {"BRL": "BR", "USD": "US", "EUR": "EU", "GBP": "GB"}


class Catalogue:
    """Finds assets by code, former codes included. Those that would be made are unsaved."""

    def __init__(self, task: Task) -> None:
        self._task = task
        index = asset_index(access=task.access)
        self._index = index
        self._by_id = {str(asset.pk): asset for asset in index.values()}
        self._by_code: dict[str, list[Asset]] = {}
        for (code, _market), asset in index.items():
            self._by_code.setdefault(code, []).append(asset)
        self._chosen: dict[str, dict[str, Any]] = task.choices.get("assets", {})
        self._new: dict[str, Asset] = {}
        self._uncertain: dict[str, bool] = {}
        self._counts: Counter[uuid.UUID] = Counter()
        self._told: dict[str, dict[str, Any]] = task.told.get("assets", {})
        self._told_places = {_place(code, said) for code, said in self._told.items()}
        self._opening: set[str] = set()
        self._terms: dict[uuid.UUID, TermsInput] = {}

    def known(self, code: str, currency: str = "") -> Asset | None:
        """The visible asset of a code; in the currency's market first, else the only one."""
        code = code.upper()
        chosen = self._chosen.get(code, {}).get("choice", "")
        if chosen in self._by_id:
            return self._by_id[chosen]
        found = self._index.get((code, _MARKETS.get(currency, "BR")))
        if found is not None:
            return found
        others = self._by_code.get(code, [])
        return others[0] if len(others) == 1 else None

    def find(self, code: str, line: ParsedLine | None = None, currency: str = "") -> Asset | None:
        """The asset of a code, proposed where nothing is known; ``None`` for an empty code."""
        code = " ".join(code.split())
        if not code:
            return None
        if code in self._told:
            return self._find_told(code, line)
        currency = currency or (line.currency if line is not None else "") or "BRL"
        known = self.known(code, currency)
        if known is not None:
            return known
        key = code.upper()
        if key not in self._new:
            self._new[key] = self._propose(code, line, currency)
        return self._new[key]

    def count(self, asset: Asset | None) -> None:
        """Note that a line that will be recorded needs an asset."""
        if asset is not None and asset._state.adding:
            self._counts[asset.pk] += 1
            self.count(asset.underlying)

    def _find_told(self, code: str, line: ParsedLine | None) -> Asset | None:
        """The asset a file describes: the one of its ticker and market, else a new one."""
        said = self._told[code]
        ticker, market = _place(code, said)
        chosen = self._chosen.get(code, {}).get("choice", "")
        found = self._by_id.get(chosen) or self._index.get((ticker.upper(), market))
        if found is not None and not self._is_other(found, ticker):
            return found
        if code in self._opening:
            return None  # an option on itself, as only a damaged file says
        if code not in self._new:
            self._opening.add(code)
            self._new[code] = self._propose_told(code, said, line)
            self._opening.discard(code)
        return self._new[code]

    def _is_other(self, found: Asset, ticker: str) -> bool:
        """Whether a code found as a former one belongs to another asset, which the file names."""
        renamed = found.ticker.upper() != ticker.upper()
        return renamed and (found.ticker, found.market) in self._told_places

    def _propose_told(self, code: str, said: dict[str, Any], line: ParsedLine | None) -> Asset:
        ticker, market = _place(code, said)
        guess = guess_class(ticker) or _class_by_name(ticker)
        chosen = self._chosen.get(code, {}).get("asset_class", "")
        self._uncertain[code] = not chosen and "class" not in said
        asset = Asset(
            workspace=self._task.access.workspace,
            ticker=ticker,
            asset_class=chosen or said.get("class") or guess,
            market=market,
            currency=said.get("currency") or (line.currency if line is not None else "") or "BRL",
            option_type=said.get("option_type", ""),
            strike=Decimal(said["strike"]) if "strike" in said else None,
            expiry=dt.date.fromisoformat(said["expiry"]) if "expiry" in said else None,
            multiplier=Decimal(said.get("multiplier", 1)),
            term_days=int(said["term_days"]) if "term_days" in said else None,
            underlying=self.find(said["underlying"]) if "underlying" in said else None,
            **{name: said.get(name, "") for name in _TOLD_TEXTS},
        )
        if "terms" in said:
            self._terms[asset.pk] = _terms(said["terms"])
        return asset

    def terms_of(self, asset: Asset) -> TermsInput | None:
        """How a proposed paper yields, where the file says it."""
        return self._terms.get(asset.pk)

    def _propose(self, code: str, line: ParsedLine | None, currency: str) -> Asset:
        guess = str(line.asset_class_guess or "") if line is not None else ""
        certain = bool(guess)
        if not guess:
            guess = guess_class(code) or _class_by_name(code)
        if currency != "BRL" and not certain:
            guess = AssetClass.STOCK_ABROAD
        chosen = self._chosen.get(code.upper(), {}).get("asset_class", "")
        self._uncertain[code.upper()] = not certain and not chosen
        asset = Asset(
            workspace=self._task.access.workspace,
            ticker=code if code.upper().startswith("TESOURO") else code.upper(),
            name=line.product_name[:160] if line is not None else "",
            asset_class=chosen or guess,
            market=_MARKETS.get(currency, "BR") if currency != "BRL" else "BR",
            currency=currency,
        )
        if line is not None:
            asset.option_type, asset.expiry = line.option_type, line.expiry
            asset.isin, asset.cnpj = line.isin, line.cnpj[:18]
            asset.underlying = self.known(line.underlying) if line.underlying else None
        return asset

    def proposals(self) -> dict[str, Any]:
        """Assets that the lines to record need and nobody has yet."""
        return {
            key: {
                "ticker": asset.ticker,
                "name": asset.name,
                "asset_class": asset.asset_class,
                "market": asset.market,
                "currency": asset.currency,
                "uncertain": self._uncertain[key],
                "lines": self._counts[asset.pk],
                "choice": CREATE,
                "unsettled": not asset.asset_class,
            }
            for key, asset in sorted(self._new.items())
            if self._counts[asset.pk]
        }

    @property
    def all_new(self) -> list[Asset]:
        """Every unsaved asset, needed by a row or only named."""
        return list(self._new.values())

    @property
    def proposed(self) -> list[Asset]:
        """The unsaved assets that lines to record need."""
        return [asset for asset in self._new.values() if self._counts[asset.pk]]


_TOLD_TEXTS = ("name", "issuer", "isin", "cnpj", "sector", "country", "quote_symbol", "tax_class")


def _place(code: str, said: dict[str, Any]) -> tuple[str, str]:
    """Ticker and market of a code: the export adds the market where two tickers are the same."""
    market = said.get("market") or _MARKETS.get(said.get("currency", ""), "BR")
    return code.removesuffix(f":{market}"), market


def _terms(said: dict[str, Any]) -> TermsInput:
    return TermsInput(
        indexer=said["indexer"],
        issue_date=dt.date.fromisoformat(said["issue_date"]),
        maturity=dt.date.fromisoformat(said["maturity"]) if said["maturity"] else None,
        percent=Decimal(said["percent"]),
        rate=Decimal(said["rate"]),
        unit_value=Decimal(said["unit_value"]),
        index_lag=said["index_lag"],
    )


def _class_by_name(code: str) -> str:
    """The class that the first word of a paper's name says; empty where it says none."""
    first = code.upper().partition(" ")[0].partition("-")[0]
    if first == "TESOURO":
        return AssetClass.TREASURY
    return str(FIXED_INCOME.get(first, ""))
