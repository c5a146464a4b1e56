"""Codes of the file as assets; unknown ones are proposed with their likely class."""

from __future__ import annotations

from collections import Counter
from typing import Any

from apps.assets.classes import guess_class
from apps.assets.models import Asset, AssetClass
from apps.assets.selectors import asset_index
from apps.imports.formats import ParsedLine
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
        self._counts: Counter[str] = Counter()

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
            self._counts[asset.ticker.upper()] += 1

    def _propose(self, code: str, line: ParsedLine | None, currency: str) -> Asset:
        guess = str(line.asset_class_guess or "") if line is not None else ""
        certain = bool(guess)
        if not guess:
            guess = guess_class(code) or ""
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
                "lines": self._counts[key],
                "choice": CREATE,
                "unsettled": not asset.asset_class,
            }
            for key, asset in sorted(self._new.items())
            if self._counts[key]
        }

    @property
    def all_new(self) -> list[Asset]:
        """Every unsaved asset, needed by a row or only named."""
        return list(self._new.values())

    @property
    def proposed(self) -> list[Asset]:
        """The unsaved assets that lines to record need."""
        return [asset for key, asset in self._new.items() if self._counts[key]]
