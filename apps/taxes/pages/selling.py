"""What selling would cost: the simulator, the cheapest way to raise money, losses worth taking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.common.errors import Invalid
from apps.taxes import selectors
from apps.taxes.forms import RaiseForm, SaleForm
from apps.taxes.pages.frame import Frame
from apps.taxes.selectors import Sale

#: How many sales the page asks at once.
ROWS = 3


def held_choices(held: dict[str, Any]) -> list[tuple[str, str]]:
    """What the holder could sell, by ticker."""
    found = {line["asset"]: line["ticker"] for line in (*held["lines"], *held["left_out"])}
    return sorted(((pk, ticker) for pk, ticker in found.items() if ticker), key=lambda x: x[1])


def sale_forms(*, given: Any, choices: list[tuple[str, str]]) -> list[SaleForm]:
    """The rows of the form; empty where nothing was asked."""
    asked = any(given.get(f"{n}-ativo") for n in range(1, ROWS + 1))
    return [
        SaleForm(given if asked else None, prefix=str(n), choices=choices, needed=n == 1)
        for n in range(1, ROWS + 1)
    ]


def simulate_page(*, frame: Frame, given: Any) -> dict[str, Any]:
    """The form with what may be sold, and the effect of the sales that were asked."""
    held = selectors.after_tax(access=frame.access, holder=frame.holder)
    forms = sale_forms(given=given, choices=held_choices(held))
    page: dict[str, Any] = {"forms": forms, "has_any": bool(held["lines"] or held["left_out"])}
    if not forms[0].is_bound or not all([form.is_valid() for form in forms]):
        return {**page, "asked": forms[0].is_bound}
    sales = [sale for form in forms if (sale := form.sale()) is not None]
    return {**page, "asked": True, **_simulated(frame, sales, forms)}


def _simulated(frame: Frame, sales: Sequence[Sale], forms: Sequence[SaleForm]) -> dict[str, Any]:
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


def raise_page(*, frame: Frame, given: Any) -> dict[str, Any]:
    """The cheapest way to have an amount after tax, and the others tried."""
    form = RaiseForm(given if "valor" in given else None)
    if not form.is_bound or not form.is_valid():
        return {"form": form}
    amount: Decimal = form.cleaned_data["valor"]
    found = selectors.raise_cash(access=frame.access, holder=frame.holder, amount=amount)
    others = [{**plan, "more": plan["tax"] - found["tax"]} for plan in found["alternatives"]]
    return {"form": form, "r": found, "others": others}


def harvest_page(*, frame: Frame) -> dict[str, Any]:
    """Positions below cost."""
    return {"h": selectors.loss_harvest(access=frame.access, holder=frame.holder)}


def after_tax_page(*, frame: Frame) -> dict[str, Any]:
    """What everything would leave."""
    return {"a": selectors.after_tax(access=frame.access, holder=frame.holder)}


def asset_page(*, frame: Frame, asset_id: str) -> dict[str, Any]:
    """The tax of selling all of one asset today; ``line`` None where the holder has none or it
    cannot be told."""
    found = selectors.after_tax(access=frame.access, holder=frame.holder)
    lines = [line for line in found["lines"] if line["asset"] == asset_id]
    return {"lines": lines, "asset_id": asset_id}
