"""What the pages of analyses show."""

from apps.performance.pages.allocation import allocation_page
from apps.performance.pages.asset import asset_page
from apps.performance.pages.controls import (
    Controls,
    controls_of,
    page_versions,
    state_mark,
    state_of,
)
from apps.performance.pages.explain import explain_page
from apps.performance.pages.income import income_page
from apps.performance.pages.returns import returns_page
from apps.performance.pages.risk import risk_page

__all__ = [
    "Controls",
    "allocation_page",
    "asset_page",
    "controls_of",
    "explain_page",
    "income_page",
    "page_versions",
    "returns_page",
    "risk_page",
    "state_mark",
    "state_of",
]
