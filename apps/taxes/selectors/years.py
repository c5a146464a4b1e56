"""Years as stored: abroad, crypto, fixed income and funds, dividends, minimum tax, the return."""

from __future__ import annotations

from typing import Any

from django.db.models.fields.json import KeyTransform

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.models import Assessment
from apps.taxes.selectors.state import asset_names, not_found, require_holder


def year_detail(
    *, access: Access, holder: Holder, year: int, parts: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A stored year: its figures, and of its detail the ``parts`` asked for (all, without any),
    with the ``names`` of the assets they speak of. Three queries. Raises
    ``NotFound``."""
    require_holder(access, holder)
    rows = Assessment.objects.filter(holder=holder, year=year).years()
    if parts:
        # What was not asked for is not even read.
        asked = {f"part_{name}": KeyTransform(name, "detail") for name in parts}
        found = rows.annotate(**asked).values("figures", *asked).first()
    else:
        found = rows.values("figures", "detail").first()
    if found is None:
        raise not_found()
    figures = found["figures"]
    detail = found["detail"] if not parts else {n: found[f"part_{n}"] for n in parts}
    body = {name: value for name, value in figures.items() if not parts or name in parts}
    body |= {name: value for name, value in detail.items() if value is not None or not parts}
    names = asset_names(access=access, holder=holder, values=[body])
    return {**body, "year": year, "names": names}


def abroad_sheet(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """The year abroad under one tax a year, and before 2024 its months."""
    parts = ("abroad", "abroad_lines", "gcap", "monthly_income")
    return year_detail(access=access, holder=holder, year=year, parts=parts)


def crypto_sheet(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """Months of crypto in domestic custody."""
    return year_detail(access=access, holder=holder, year=year, parts=("crypto",))


def source_sheet(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """What was withheld at source: fixed income, funds, lending, JCP."""
    parts = ("withheld_at_source", "withheld_left")
    return year_detail(access=access, holder=holder, year=year, parts=parts)


def dividends_sheet(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """Dividends by payer and month, and the minimum tax of the year."""
    return year_detail(access=access, holder=holder, year=year, parts=("dividends", "irpfm"))


def annual_return(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """The annual return of a calendar year, line by line, as ``services.annual_ensure`` left it.
    Three queries. Raises ``NotFound``."""
    require_holder(access, holder)
    rows = Assessment.objects.filter(holder=holder, year=year).returns()
    found = rows.values_list("detail", flat=True).first()
    if found is None:
        raise not_found()
    names = asset_names(access=access, holder=holder, values=[found])
    return {"year": year, "annual": found, "names": names}


_BESIDE = ("abroad", "abroad_lines", "gcap", "monthly_income", "crypto")


def annual_whole(*, access: Access, holder: Holder, year: int) -> dict[str, Any]:
    """The annual return with what its year says beside it: abroad, capital gains, crypto and
    monthly income. Six queries. Raises ``NotFound``."""
    found = annual_return(access=access, holder=holder, year=year)
    beside = year_detail(access=access, holder=holder, year=year, parts=_BESIDE)
    annual = {
        **found["annual"],
        "abroad": beside.get("abroad"),
        "abroad_lines": (beside.get("abroad_lines") or {}).get("lines") or [],
        "capital_gains": beside.get("gcap") or [],
        "crypto": beside.get("crypto") or [],
        "monthly_income": beside.get("monthly_income") or [],
    }
    return {**found, "annual": annual, "names": {**found["names"], **beside["names"]}}


def year_parts(
    *, access: Access, holder: Holder, year: int
) -> list[tuple[str, list[dict[str, Any]]]]:
    """What explains each month of a year: its name and its parts. One query."""
    require_holder(access, holder)
    rows = Assessment.objects.filter(holder=holder, year=year).months().order_by("month")
    return [
        (f"{year}-{month:02}", parts or [])
        for month, parts in rows.values_list("month", KeyTransform("parts", "detail"))
    ]
