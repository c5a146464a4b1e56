"""What a holder says of their taxes, the rules in force, secret addresses, dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from apps.taxes import selectors
from apps.taxes.choices import GROUPS
from apps.taxes.models import TaxLink
from apps.taxes.pages.frame import Frame
from apps.taxes.rule_words import GROUPS as RULE_GROUPS
from apps.taxes.rule_words import STATUS, rule_group, rule_name, terms_of


def settings_page(*, frame: Frame) -> dict[str, Any]:
    """Every choice by group, with its default and whether it was changed."""
    found = selectors.settings_described(access=frame.access, holder=frame.holder)
    groups = [
        {"name": name, "label": label, "choices": [c for c in found if c["group"] == name]}
        for name, label in GROUPS.items()
    ]
    return {"groups": groups, "changed": sum(c["changed"] for c in found)}


def rules_page(*, frame: Frame) -> dict[str, Any]:
    """The law as this installation applies it."""
    today = timezone.localdate()
    rows = [
        {
            "id": rule.rule_id,
            "name": rule_name(rule.rule_id),
            "group": rule_group(rule.rule_id),
            "from": rule.valid_from,
            "to": rule.valid_to,
            "is_now": rule.valid_from <= today
            and (rule.valid_to is None or rule.valid_to >= today),
            "terms": terms_of(rule.value),
            "law": rule.law,
            "source": rule.source,
            "status": STATUS.get(rule.status, (rule.status, True))[0],
            "is_unsure": STATUS.get(rule.status, (rule.status, True))[1],
            "edited": rule.edited,
        }
        for rule in selectors.rules_all()
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row["group"]), []).append(row)
    order = {str(label): place for place, (_start, label) in enumerate(RULE_GROUPS)}
    return {
        "groups": sorted(groups.items(), key=lambda each: order.get(each[0], len(order))),
        "in_force": sum(bool(row["is_now"]) for row in rows),
        "unsure": sum(bool(row["is_now"] and row["is_unsure"]) for row in rows),
    }


def links_page(*, frame: Frame) -> dict[str, Any]:
    """The holder's secret addresses; those who may not make one see none."""
    found = selectors.links_of(access=frame.access, holder=frame.holder) if frame.can_edit else []
    return {
        "links": [link for link in found if link.purpose == TaxLink.Purpose.PAGES],
        "now": timezone.now(),
    }


def calendar_page(*, frame: Frame) -> dict[str, Any]:
    """Dates of tax, the next first, and the addresses of the feed."""
    dates = selectors.tax_dates(access=frame.access, holder=frame.holder)
    today = timezone.localdate()
    done = ("paid", "past")
    found = selectors.links_of(access=frame.access, holder=frame.holder) if frame.can_edit else []
    return {
        "coming": [d for d in dates if d.state not in done],
        "past": [d for d in reversed(dates) if d.state in done],
        "links": [link for link in found if link.purpose == TaxLink.Purpose.CALENDAR],
        "today": today,
    }


def opening_initial(*, frame: Frame) -> Mapping[str, Any]:
    """What was said of the time before, as the form shows it."""
    found = selectors.opening_of(access=frame.access, holder=frame.holder)
    if found is None:
        return {}
    initial = {"date": found["date"], "darf": found["darf"]}
    for kind in ("losses", "withheld"):
        initial |= {f"{kind}_{name}": value for name, value in found[kind].items() if value}
    return initial
