"""What the taxes say as plain tables, for workbooks, PDFs and whoever copies them."""

from apps.taxes.tables.annual import annual_sheets
from apps.taxes.tables.base import Sheet
from apps.taxes.tables.darf import darf_sheets
from apps.taxes.tables.year import year_sheets

__all__ = ["Sheet", "annual_sheets", "darf_sheets", "year_sheets"]
