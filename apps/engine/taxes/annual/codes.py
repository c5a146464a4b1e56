"""Codes of the annual return by filing year, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from apps.engine.types import Asset

CODES_FILE = Path(__file__).with_name("codes.json")


@dataclass(frozen=True, slots=True)
class Code:
    """Group and code of an asset; ``settled`` False where the sources disagree."""

    group: str
    code: str
    settled: bool


def _holds(row: Mapping[str, Any], filing: int) -> bool:
    end = row.get("to")
    return int(row["from"]) <= filing and (end is None or filing <= int(end))


class CodeBook:
    """What each kind of asset, income and debt is called in a filing year."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    @classmethod
    @cache
    def shipped(cls) -> CodeBook:
        """The codes that come with the engine."""
        return cls(json.loads(CODES_FILE.read_text(encoding="utf-8")))

    def coin(self, code: str) -> str:
        """Family of a coin, empty for one of no family."""
        name = code.upper()
        stems = {name, *name.replace("-", ".").replace("/", ".").split(".")}
        for family, members in self._data["coins"].items():
            if stems & set(members):
                return str(family)
        return ""

    def asset(self, asset_class: str, filing: int, asset: Asset | None = None) -> Code | None:
        """Group and code of a class in a filing year: the row that says most about the asset."""
        told = {
            "tax_class": asset.tax_class if asset else "",
            "coin": self.coin(asset.code) if asset else "",
        }
        best: tuple[int, Mapping[str, Any]] | None = None
        for row in self._data["assets"]:
            if row["class"] != asset_class or not _holds(row, filing):
                continue
            asked = [name for name in told if name in row]
            if any(row[name] != told[name] for name in asked):
                continue
            if best is None or len(asked) > best[0]:
                best = (len(asked), row)
        if best is None:
            return None
        row = best[1]
        return Code(str(row["group"]), str(row["code"]), row.get("status") != "uncertain")

    def minimum(self, group: str, filing: int) -> Decimal:
        """Value from which an asset of a group must be declared."""
        for row in self._data["minimums"]:
            if group in row["groups"] and _holds(row, filing):
                return Decimal(str(row["value"]))
        return Decimal(0)

    def debt(self, kind: str, filing: int) -> tuple[str, Decimal] | None:
        """Code of a debt (``home`` or ``abroad``) and the value from which it is declared."""
        for row in self._data["debts"]:
            if row["kind"] == kind and _holds(row, filing):
                return str(row["code"]), Decimal(str(row["minimum"]))
        return None
