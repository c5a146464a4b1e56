"""Payment forms: what is to pay, what it costs on a day, what was paid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Holder
from apps.common.crypto import decrypt
from apps.taxes import selectors
from apps.taxes.pages.frame import Frame
from apps.taxes.pages.year import WAITING

ZERO = Decimal(0)
#: What a form is of.
SOURCES = {
    "exchange": _("Renda variável"),
    "capital_gain": _("Ganhos de capital"),
    "carne_leao": _("Carnê-leão"),
    "crypto": _("Criptoativos"),
    "abroad": _("Ganhos no exterior"),
    "gcap": _("Ganhos de capital"),
    "monthly_income": _("Rendimentos no carnê-leão"),
}


def darfs_page(*, frame: Frame, on: dt.date | None) -> dict[str, Any]:
    """Every form of the holder, those that wait first; charges as if paid on ``on``."""
    today = timezone.localdate()
    forms = selectors.darfs_of(access=frame.access, holder=frame.holder, on=on or today)
    waiting = sorted((f for f in forms if f["state"] in WAITING), key=lambda f: f["due_date"])
    return {
        "on": on or today,
        "waiting": [_shown(form) for form in waiting],
        "carried": [_shown(form) for form in forms if form["state"] == "carried"],
        "paid": [_shown(form) for form in forms if form["state"] == "paid"],
        "total": sum((cost_of(form) for form in waiting), ZERO),
        "late": sum(form["state"] == "late" for form in waiting),
        "is_late_day": bool(on and on > today),
    }


def darf_page(*, frame: Frame, month: int, on: dt.date | None, code: str = "") -> dict[str, Any]:
    """One form with its fields as they are typed at the bank. Raises ``NotFound``."""
    day = on or timezone.localdate()
    form = selectors.darf_get(
        access=frame.access, holder=frame.holder, year=frame.year, month=month, on=day, code=code
    )
    return {"d": _shown(form), "on": day, "cpf": cpf_of(frame.holder), "cost": cost_of(form)}


def cost_of(form: dict[str, Any]) -> Decimal:
    """What paying the rest on the day asked for costs, charges included."""
    charges = form["charges"]
    total: Decimal = charges.total if charges else form["outstanding"]
    return total


def cpf_of(holder: Holder) -> str:
    """The holder's CPF as forms write it; empty where nobody told it."""
    digits = decrypt(holder.cpf_encrypted) if holder.cpf_encrypted else ""
    if len(digits) != 11:
        return ""
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def _shown(form: dict[str, Any]) -> dict[str, Any]:
    first = dt.date.fromisoformat(f"{form['month']}-01")
    sources = [SOURCES.get(name, name) for name in form["sources"]]
    return {
        **form,
        "first": first,
        "cost": cost_of(form),
        "next": (first + dt.timedelta(days=32)).replace(day=1),
        "of": sources or [SOURCES[form["kind"]]],
    }
