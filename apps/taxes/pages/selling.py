"""What selling would cost: the simulator, the cheapest way to raise money, losses worth taking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.common.errors import Invalid
from apps.taxes import selectors
from apps.taxes.pages.frame import Frame
from apps.taxes.selectors import Sale

_SUMMED = ("quantity", "value", "cost", "gain", "tax_alone")


def held_page(*, frame: Frame) -> dict[str, Any]:
    """What the holder could sell, by ticker."""
    held = selectors.holdings_of(access=frame.access, holder=frame.holder)
    return {"choices": [(named.id, named.ticker) for named in held]}


def simulate_page(*, frame: Frame, sales: Sequence[Sale]) -> dict[str, Any]:
    """The effect of sales; nothing where none was asked."""
    if not sales:
        return {"asked": False}
    return {"asked": True, **_simulated(frame, sales)}


def _simulated(frame: Frame, sales: Sequence[Sale]) -> dict[str, Any]:
    try:
        found = selectors.simulate_sale(access=frame.access, holder=frame.holder, sales=sales)
    except Invalid as error:
        return {"errors": [str(each.message) for each in error.errors] or [str(error.message)]}
    more = [
        (name, found[f"{name}_tax"])
        for name in ("abroad", "crypto", "source", "gains")
        if found.get(f"{name}_tax")
    ]
    buckets = [b for b in found["buckets"] if b["result_before"] != b["result_after"]]
    return {"r": found, "buckets": buckets, "other_taxes": more}


def raise_page(*, frame: Frame, amount: Decimal) -> dict[str, Any]:
    """The cheapest way to have an amount after tax, and the others tried."""
    found = selectors.raise_cash(access=frame.access, holder=frame.holder, amount=amount)
    others = [{**plan, "more": plan["tax"] - found["tax"]} for plan in found["alternatives"]]
    return {"r": found, "others": others}


def harvest_page(*, frame: Frame) -> dict[str, Any]:
    """Positions below cost."""
    return {"h": selectors.loss_harvest(access=frame.access, holder=frame.holder)}


def after_tax_page(*, frame: Frame) -> dict[str, Any]:
    """What everything would leave; the lots of a paper, taxed one by one, in one line."""
    found = selectors.after_tax(access=frame.access, holder=frame.holder)
    return {"a": {**found, "lines": _by_asset(found["lines"])}}


def _by_asset(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    papers: dict[str, dict[str, Any]] = {}
    for line in lines:
        known = papers.get(line["ticker"])
        if known is None:
            papers[line["ticker"]] = line
            continue
        sums = {name: known[name] + line[name] for name in _SUMMED}
        papers[line["ticker"]] = {**known, **sums, "acquired": None}
    return sorted(papers.values(), key=lambda line: -line["value"])


def asset_page(*, frame: Frame, asset_id: str) -> dict[str, Any]:
    """The tax of selling all of one asset today, for each holder that has it. Queries grow with
    the holders of the workspace, who are few."""
    owners = []
    for holder in frame.holders:
        held = selectors.after_tax(access=frame.access, holder=holder)
        lines = [line for line in held["lines"] if line["asset"] == asset_id]
        if lines:
            owners.append({"name": holder.name, "lines": lines})
    return {"owners": owners, "names_holders": len(frame.holders) > 1}
