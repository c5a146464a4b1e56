"""What the pages of taxes show, as contexts of their templates."""

from apps.taxes.pages.choices import (
    calendar_page,
    links_page,
    opening_initial,
    rules_page,
    settings_page,
)
from apps.taxes.pages.darfs import darf_page, darfs_page
from apps.taxes.pages.frame import Frame, frame_of, shared_frame
from apps.taxes.pages.meter import meter_page
from apps.taxes.pages.month import explain_page, month_page
from apps.taxes.pages.selling import (
    after_tax_page,
    asset_page,
    harvest_page,
    held_page,
    raise_page,
    simulate_page,
)
from apps.taxes.pages.sheets import abroad_page, annual_page, crypto_page, fixed_page, income_page
from apps.taxes.pages.year import tile_page, year_page

__all__ = [
    "Frame",
    "abroad_page",
    "after_tax_page",
    "annual_page",
    "asset_page",
    "calendar_page",
    "crypto_page",
    "darf_page",
    "darfs_page",
    "explain_page",
    "fixed_page",
    "frame_of",
    "harvest_page",
    "held_page",
    "income_page",
    "links_page",
    "meter_page",
    "month_page",
    "opening_initial",
    "raise_page",
    "rules_page",
    "settings_page",
    "shared_frame",
    "simulate_page",
    "tile_page",
    "year_page",
]
