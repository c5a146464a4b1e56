"""Issues that several parts of an assessment report in the same words."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.taxes.money import text
from apps.engine.types import Issue, Row

#: Statements round each line; a difference beyond this is worth a look.
_TOLERANCE = Decimal("0.05")


def far_apart(stated: Decimal, expected: Decimal) -> bool:
    """Whether two figures of the same tax differ by more than rounding."""
    return abs(stated - expected) > _TOLERANCE


def _about(row: Row) -> dict[str, str]:
    return {"asset": row.asset or "", "date": row.date.isoformat(), "kind": str(row.kind)}


def gain_unknown(row: Row) -> Issue:
    """A gain that cannot be told: its cost or its exchange rate is unknown."""
    return Issue("gain_unknown", row.ref, _about(row))


def income_unknown(row: Row) -> Issue:
    """A payment of unknown amount or exchange rate."""
    return Issue("income_unknown", row.ref, _about(row))


def of_row(code: str, row: Row) -> Issue:
    """An issue that needs no other terms than the row's."""
    return Issue(code, row.ref, _about(row))


def rule_missing(rule_id: str, where: str, day: str) -> Issue:
    """A rule without a value for a day."""
    return Issue("tax_rule_missing", where, {"rule": rule_id, "date": day})


def differs(row: Row, stated: Decimal | None, *expected: Decimal | None) -> list[Issue]:
    """The issue of a withholding that is none of those the law would make, if it is not."""
    known = [each for each in expected if each is not None]
    if stated is None or not known or not all(far_apart(stated, each) for each in known):
        return []
    values = {**_about(row), "stated": text(stated), "expected": text(known[0])}
    return [Issue("withheld_differs", row.ref, values)]
