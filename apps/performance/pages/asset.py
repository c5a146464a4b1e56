"""The return of one asset, as a page and as a part of the asset's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.performance.asked import Asked
from apps.performance.pages.controls import answered, page_of
from apps.performance.pages.returns import comparison_rows, cost_notes, heat_years
from apps.performance.selectors import performance, query_of_asset

Json = dict[str, Any]


def asset_page(*, access: Access, asked: Asked, asset: Asset) -> Json:
    """Everything about the return of one asset."""
    own = replace(asked, query=query_of_asset(asked.query, asset))
    found, own = answered(performance, access=access, asked=own)
    page = page_of(
        access=access, asked=own, found=found, content=lambda known: _content(access, known)
    )
    return {**page, "asset": asset}


def _content(access: Access, found: Any) -> Json:
    figures = found.figures
    return {
        "f": figures,
        "at_cost": cost_notes(found.scope),
        "split": {"fees": -figures.gain.fees, "taxes": -figures.gain.taxes},
        "is_empty": not len(figures.flows),
        "comparisons": comparison_rows(access, found),
        "years": heat_years(found),
        "under_a_year": (figures.end - figures.start).days < 365,
    }
