"""Short ways to write a ledger file in a test and read its taxes through the command."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.engine.cli import main
from apps.engine.io import LEDGER_COLUMNS

D = Decimal
HALF_CENT = D("0.005")
ASSET_COLUMNS = [
    "asset",
    "class",
    "market",
    "currency",
    "issuer",
    "underlying",
    "option_type",
    "strike",
    "expiry",
    "multiplier",
    "term_days",
]

Cells = dict[str, Any]


def line(day: str, kind: str, asset: str = "XPTO3", *numbers: Any, **cells: Any) -> Cells:
    """A ledger line: ``numbers`` are quantity and unit price; fees and tax withheld are zero, the
    account ``main`` and the currency BRL unless given."""
    found: Cells = {
        "date": day,
        "kind": kind,
        "asset": asset,
        "account": "main",
        "currency": "BRL",
        "fees": 0,
        "tax_withheld": 0,
        **dict(zip(("quantity", "unit_price"), numbers, strict=False)),
        **cells,
    }
    return found


def a(code: str, asset_class: str, **cells: Any) -> Cells:
    """A line of the assets file."""
    return {"asset": code, "class": asset_class, "market": "B3", "currency": "BRL", **cells}


def _file(path: Path, columns: list[str], lines: list[Cells]) -> str:
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        for each in lines:
            writer.writerow({k: ("" if v is None else v) for k, v in each.items()})
    return str(path)


class Taxes:
    """The answer of the command for one year."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def month(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(m for m in self.answer["months"] if m["month"] == name)
        return found

    def bucket(self, name: str, bucket: str = "common") -> dict[str, Decimal]:
        return {k: D(v) for k, v in self.month(name)["buckets"][bucket].items()}

    def due(self, name: str) -> Decimal:
        return D(self.month(name)["tax_due"])

    def codes(self) -> list[str]:
        return [issue["code"] for issue in self.answer["issues"]]


def command(folder: Path, *args: str) -> dict[str, Any]:
    """Run the program with files already written; its JSON."""
    out = io.StringIO()
    with redirect_stdout(out):
        status = main(list(args))
    assert status == 0
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def files(
    folder: Path,
    lines: list[Cells],
    assets: list[Cells] | None = None,
    accounts: list[Cells] | None = None,
    indexes: list[Cells] | None = None,
) -> list[str]:
    """Write the files of a case; the arguments that name them. Assets not described are shares."""
    described = {each["asset"] for each in assets or []}
    named = {each["asset"] for each in lines if each.get("asset")}
    known = [*(assets or []), *(a(code, "stock") for code in sorted(named - described))]
    found = ["--ledger", _file(folder / "ledger.csv", LEDGER_COLUMNS, lines)]
    found += ["--assets", _file(folder / "assets.csv", ASSET_COLUMNS, known)]
    if accounts:
        columns = ["account", "institution", "holder", "currency"]
        found += ["--accounts", _file(folder / "accounts.csv", columns, accounts)]
    if indexes:
        found += ["--indexes", _file(folder / "indexes.csv", ["date", "index", "value"], indexes)]
    return found


def taxed(
    folder: Path,
    year: int,
    lines: list[Cells],
    assets: list[Cells] | None = None,
    accounts: list[Cells] | None = None,
    indexes: list[Cells] | None = None,
    opening: dict[str, Any] | None = None,
    **settings: Any,
) -> Taxes:
    """The taxes of a year of a ledger, through the command."""
    args = ["taxes", *files(folder, lines, assets, accounts, indexes), "--year", str(year)]
    if opening is not None:
        path = folder / "opening.json"
        path.write_text(json.dumps(opening), encoding="utf-8")
        args += ["--opening", str(path)]
    reckoned = settings.pop("reckoned", None)
    if reckoned:
        args += ["--reckoned", reckoned]
    for name, value in settings.items():
        args += ["--setting", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    return Taxes(command(folder, *args))


def positions(
    folder: Path, lines: list[Cells], assets: list[Cells] | None = None
) -> dict[str, Any]:
    """Holdings of a ledger by asset, through the command."""
    answer = command(folder, "holdings", *files(folder, lines, assets))
    return {each["asset"]: each for each in answer["holdings"]}


def near(found: Any, expected: Any, tolerance: Decimal = HALF_CENT) -> bool:
    """Whether two figures agree to half a cent."""
    return abs(D(str(found)) - D(str(expected))) <= tolerance
