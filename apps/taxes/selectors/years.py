"""Years as stored: abroad, crypto, fixed income and funds, dividends, minimum tax, the return."""

from __future__ import annotations

from typing import Any

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.models import Assessment
from apps.taxes.selectors.state import asset_names, not_found, require_holder


def year_detail(
    *, access: Access, holder: Holder, year: int, parts: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A stored year: its figures, and of its detail the ``parts`` asked for (all, without any),
    with the ``names`` of the assets they speak of. Two queries. Raises ``NotFound``."""
    require_holder(access, holder)
    found = Assessment.objects.filter(holder=holder, year=year, year__gt=0, month=0).first()
    if found is None:
        raise not_found()
    detail = {name: value for name, value in found.detail.items() if not parts or name in parts}
    figures = {name: value for name, value in found.figures.items() if not parts or name in parts}
    body = {**figures, **detail}
    return {"year": year, **body, "names": asset_names(access=access, values=[body])}


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
    """The annual return of a calendar year, line by line."""
    return year_detail(access=access, holder=holder, year=year, parts=("annual",))
