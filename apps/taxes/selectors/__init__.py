"""Reads of the taxes: everything is served from what was stored."""

from apps.taxes.selectors.choices import opening_of, settings_described, settings_of
from apps.taxes.selectors.darfs import darf_get, darfs_of
from apps.taxes.selectors.dates import TaxDate, calendar_feed, tax_dates
from apps.taxes.selectors.dues import Due, dues_of
from apps.taxes.selectors.links import Opened, link_of_id, link_open, links_of
from apps.taxes.selectors.meter import exemption_meter
from apps.taxes.selectors.months import (
    assessed_beside,
    month_detail,
    months_of,
    year_overview,
    years_of,
)
from apps.taxes.selectors.payments import payment_get, payments_of
from apps.taxes.selectors.rules import rules_all
from apps.taxes.selectors.selling import after_tax, holdings_of, loss_harvest, raise_cash
from apps.taxes.selectors.simulate import Sale, simulate_sale
from apps.taxes.selectors.state import (
    Named,
    State,
    asset_names,
    holder_with_taxes,
    issues_of,
    pages_mark,
    state_of,
    workspace_mark,
)
from apps.taxes.selectors.years import (
    abroad_sheet,
    annual_return,
    annual_whole,
    crypto_sheet,
    dividends_sheet,
    source_sheet,
    year_detail,
    year_parts,
)

__all__ = [
    "Due",
    "Named",
    "Opened",
    "Sale",
    "State",
    "TaxDate",
    "abroad_sheet",
    "after_tax",
    "annual_return",
    "annual_whole",
    "assessed_beside",
    "asset_names",
    "calendar_feed",
    "crypto_sheet",
    "darf_get",
    "darfs_of",
    "dividends_sheet",
    "dues_of",
    "exemption_meter",
    "holder_with_taxes",
    "holdings_of",
    "issues_of",
    "link_of_id",
    "link_open",
    "links_of",
    "loss_harvest",
    "month_detail",
    "months_of",
    "opening_of",
    "pages_mark",
    "payment_get",
    "payments_of",
    "raise_cash",
    "rules_all",
    "settings_described",
    "settings_of",
    "simulate_sale",
    "source_sheet",
    "state_of",
    "tax_dates",
    "workspace_mark",
    "year_detail",
    "year_overview",
    "year_parts",
    "years_of",
]
