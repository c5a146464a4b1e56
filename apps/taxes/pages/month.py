"""A month down to each sale's arithmetic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.common.errors import NotFound
from apps.common.formatting import money, percent, plain_number, quantity
from apps.common.issue_texts import issue_text
from apps.taxes import selectors
from apps.taxes.pages.frame import Frame
from apps.taxes.selectors import Named
from apps.taxes.words import BUCKETS, part_label

#: Lines that follow from the month's sums; the others are operations.
SUMS = frozenset(
    {
        "exempt_gain",
        "result",
        "loss_used",
        "tax",
        "withheld_used",
        "darf_carried_in",
        "darf_carried_out",
        "darf",
        "late",
    }
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its arithmetic in words. ``gain`` None is unknown."""

    label: Any
    date: dt.date | None
    asset: Named | None
    bucket: str
    bucket_label: Any
    quantity: Decimal | None
    sales: Decimal | None
    cost: Decimal | None
    average: Decimal | None
    fees: Decimal | None
    withheld: Decimal | None
    gain: Decimal | None
    sums: list[str]
    institution: str
    rule: str
    law: str
    refs: list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of how the tax of a bucket follows."""

    label: Any
    amount: Decimal | None
    note: str
    rule: str
    law: str


def month_page(*, frame: Frame, month_number: int) -> dict[str, Any]:
    """Everything of a month: operations, each bucket's arithmetic, the form, what blocks closing.
    Raises ``NotFound`` for a month nobody assessed."""
    year = frame.year
    found = selectors.month_detail(
        access=frame.access, holder=frame.holder, year=year, month=month_number
    )
    names = found["names"]
    parts = found["parts"]
    operations = [operation_of(p, names) for p in parts if p["label"] not in SUMS]
    first = found["first"]
    before, after = selectors.assessed_beside(access=frame.access, holder=frame.holder, first=first)
    return {
        "m": found,
        "operations": operations,
        "groups": bucket_groups(found, parts),
        "carried": [
            (BUCKETS[name], bucket["loss_after"])
            for name, bucket in found["buckets"].items()
            if bucket["loss_after"]
        ],
        "exempt": [step_of(p) for p in parts if p["label"] == "exempt_gain"],
        "form_steps": [step_of(p) for p in parts if p["label"].startswith("darf")],
        "issues": issues_of(found["issues"], names),
        "differences": differences_of(found["closing"]),
        "meter": selectors.exemption_meter(access=frame.access, holder=frame.holder, on=first)
        if found["stock_sales"]
        else None,
        "before": before,
        "after": after,
    }


def explain_page(*, frame: Frame, month_number: int, bucket: str) -> dict[str, Any]:
    """One bucket of a month: its arithmetic and the operations behind it. Raises ``NotFound``."""
    page = month_page(frame=frame, month_number=month_number)
    if bucket not in ("common", "day_trade", "fii", "exempt"):
        raise NotFound("not_found", "")
    chosen = [op for op in page["operations"] if op.bucket == bucket]
    groups = [group for group in page["groups"] if group["name"] == bucket]
    return {**page, "bucket": bucket, "chosen": chosen, "group": groups[0] if groups else None}


def bucket_groups(found: dict[str, Any], parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Buckets with anything in them, each with its steps."""
    groups = []
    for name, bucket in found["buckets"].items():
        steps = [
            step_of(part)
            for part in parts
            if part["label"] in SUMS and part["params"].get("bucket") == name
        ]
        if bucket["result"] or bucket["withheld"] or bucket["tax"]:
            groups.append({"name": name, "label": BUCKETS[name], "b": bucket, "steps": steps})
    return groups


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def step_of(part: Mapping[str, Any]) -> Step:
    """A sum with the terms behind it."""
    params = {key: _decimal_or_text(value) for key, value in part["params"].items()}
    return Step(
        part_label(part["label"]),
        _decimal(part["amount"]),
        _note(part["label"], params),
        part["rule"],
        part["law"],
    )


def _decimal_or_text(value: Any) -> Any:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value


def _note(label: str, p: Mapping[str, Any]) -> str:
    if label == "tax":
        return f"{plain_number(p.get('base'))} × {percent(p.get('rate'))}"
    if label == "loss_used" and "loss_before" in p:
        return _("de %(before)s que havia; restam %(after)s") % {
            "before": plain_number(p["loss_before"]),
            "after": plain_number(p["loss_after"]),
        }
    if label == "withheld_used" and "withheld" in p:
        return _("retido no mês: %(now)s; fica para os próximos: %(after)s") % {
            "now": plain_number(p["withheld"]),
            "after": plain_number(p.get("withheld_after")),
        }
    if label == "exempt_gain" and "limit" in p:
        return _("vendas de %(sales)s, dentro de %(limit)s") % {
            "sales": money(p.get("sales")),
            "limit": money(p["limit"]),
        }
    return ""


def operation_of(part: Mapping[str, Any], names: Mapping[str, Named]) -> Operation:
    """One operation, with its arithmetic written out."""
    params = part["params"]
    figures = {
        name: _decimal(params.get(name))
        for name in ("quantity", "sales", "cost", "average", "fees", "withheld", "proceeds")
    }
    gain = _decimal(part["amount"])
    bucket = params.get("bucket", "")
    return Operation(
        label=part_label(part["label"]),
        date=dt.date.fromisoformat(params["date"]) if "date" in params else None,
        asset=names.get(params.get("asset", "")),
        bucket=bucket,
        bucket_label=BUCKETS.get(bucket, bucket),
        quantity=figures["quantity"],
        sales=figures["sales"],
        cost=figures["cost"],
        average=figures["average"],
        fees=figures["fees"],
        withheld=figures["withheld"],
        gain=gain,
        sums=sums_of(figures, gain),
        institution=params.get("institution", ""),
        rule=part["rule"],
        law=part["law"],
        refs=list(part["refs"]),
    )


def sums_of(figures: Mapping[str, Decimal | None], gain: Decimal | None) -> list[str]:
    """The arithmetic of an operation, a sum a line; only of what is known."""
    amount, average, cost = figures["quantity"], figures["average"], figures["cost"]
    sales, fees, proceeds = figures["sales"], figures["fees"], figures["proceeds"]
    lines = []
    if sales is not None and amount:
        text = f"{_('venda')}: {quantity(amount)} × {plain_number(sales / amount, 8, trim_to=2)}"
        lines.append(f"{text} = {plain_number(sales)}")
    if proceeds is not None and fees:
        text = _("líquido das taxas: %(sales)s − %(fees)s = %(net)s")
        net = {"sales": plain_number(proceeds + fees), "fees": plain_number(fees)}
        lines.append(text % {**net, "net": plain_number(proceeds)})
    if cost is not None and average is not None and amount:
        text = f"{_('custo')}: {quantity(amount)} × {plain_number(average, 8, trim_to=2)}"
        lines.append(f"{text} = {plain_number(cost)}")
    if gain is not None and proceeds is not None and cost is not None:
        text = f"{_('resultado')}: {plain_number(proceeds)} − {plain_number(cost)}"
        lines.append(f"{text} = {plain_number(gain)}")
    return lines


def issues_of(issues: list[dict[str, Any]], names: Mapping[str, Named]) -> list[dict[str, Any]]:
    """What is missing, in words, with the asset and the day it is about."""
    found = []
    for issue in issues:
        params = issue.get("params") or {}
        text = issue_text(issue["code"])
        day = params.get("date")
        found.append(
            {
                "code": issue["code"],
                "title": text.title,
                "effect": text.effect,
                "remedy": text.remedy,
                "asset": names.get(str(params.get("asset", ""))),
                "date": dt.date.fromisoformat(day) if day else None,
                "row": issue.get("where", "") if len(issue.get("where", "")) == 36 else "",
            }
        )
    return found


def grouped(issues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Issues of one kind together, each kind once, the most frequent first."""
    kinds: dict[str, dict[str, Any]] = {}
    for issue in issues:
        kinds.setdefault(issue["code"], {**issue, "lines": []})["lines"].append(issue)
    return sorted(kinds.values(), key=lambda kind: -len(kind["lines"]))


def differences_of(closing: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What changed since the closing, the tax and the form first, each with a name."""
    if closing is None:
        return []
    return [{**each, "label": field_label(each["field"])} for each in closing["differences"]]


def field_label(field: str) -> str:
    """A figure of a month by its name in the snapshot: ``buckets.common.base``."""
    words = {
        "stock_sales": _("Vendas de ações"),
        "gold_sales": _("Vendas de ouro"),
        "exempt_gain": _("Ganho isento"),
        "exempt_gain_gold": _("Ganho isento, ouro"),
        "tax_due": _("Imposto do mês"),
        "darf": _("DARF"),
        "result": _("resultado"),
        "loss_before": _("prejuízo anterior"),
        "loss_used": _("prejuízo compensado"),
        "loss_after": _("prejuízo a compensar"),
        "base": _("base de cálculo"),
        "rate": _("alíquota"),
        "tax": _("imposto"),
        "withheld": _("IRRF"),
        "withheld_used": _("IRRF compensado"),
        "withheld_after": _("IRRF a compensar"),
        "code": _("código"),
        "amount": _("valor"),
        "due_date": pgettext("DARF", "vencimento"),
        "carried_in": _("veio de meses anteriores"),
        "carried_out": _("fica para os próximos meses"),
    }
    pieces = [each for each in field.split(".") if each != "buckets"]
    return ", ".join(str(BUCKETS.get(each) or words.get(each, each)) for each in pieces)
