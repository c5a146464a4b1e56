"""Lines of tax at source that funds leave: redemptions and come-cotas."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from apps.engine.taxes.funds import Advance, UnitsRedeemed, rule_of
from apps.engine.taxes.model import Part, SourceTax
from apps.engine.taxes.money import text
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Row


def redemption_line(
    rules: RuleBook, row: Row, kind: str, each: UnitsRedeemed, withheld: Decimal | None
) -> SourceTax:
    """The redemption of a part of one lot."""
    rule = rule_of(kind, row.date, rules)
    params = {
        "asset": row.asset or "",
        "date": row.date.isoformat(),
        "acquired": each.lot.acquired.isoformat(),
        "days": str(each.days),
        "quantity": text(each.lot.units),
        "proceeds": text(each.proceeds),
        "taxed_before": text(each.lot.taxed),
        "paid_before": text(each.lot.paid),
        "iof": text(each.iof),
        "loss_used": text(each.loss_used),
        "rate": text(each.rate),
        "top_up": text(each.top_up),
    }
    if each.lot.cost is not None:
        params["cost"] = text(each.lot.cost)
    known = each.gain is not None
    return SourceTax(
        kind="fund",
        asset=row.asset or "",
        date=row.date,
        gross=each.gain,
        rate=each.rate,
        expected=each.tax if known else None,
        withheld=withheld,
        code=code_of(rules, row.date),
        part=Part("fund_redemption", each.gain, rule.id, rule.law, (row.ref,), params),
        account=row.account,
        days=each.days,
        taxable=each.taxable if known else None,
        iof=each.iof,
    )


def advance_line(rules: RuleBook, row: Row, found: Advance, amount: Decimal) -> SourceTax:
    """A come-cotas: ``found`` is what the law asks, ``amount`` what was taken."""
    """A come-cotas: ``found`` is what the law asks, ``amount`` what was taken."""
    rule = rules.on("FUND-CC", row.date)
    params = {
        "asset": row.asset or "",
        "date": row.date.isoformat(),
        "units": text(found.units),
        "gain": text(found.gain),
        "rate": text(found.rate),
    }
    return SourceTax(
        kind="come_cotas",
        asset=row.asset or "",
        date=row.date,
        gross=found.gain,
        rate=found.rate,
        expected=found.tax,
        withheld=amount,
        code=code_of(rules, row.date),
        part=Part("come_cotas", found.gain, rule.id, rule.law, (row.ref,), params),
        account=row.account,
        taxable=found.gain,
    )


def code_of(rules: RuleBook, day: dt.date) -> str:
    """Code of the annual return for income taxed at source."""
    rule = rules.find("RF-CODE", day)
    return rule.text("exclusive") if rule else ""
