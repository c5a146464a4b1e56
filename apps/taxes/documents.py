"""Documents of the taxes as bytes: workbooks of every table, PDFs of the return and of a DARF."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.common import formatting
from apps.taxes import selectors, tables
from apps.taxes.tables import Sheet
from apps.taxes.words import month_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class _Look:
    """Styles of a document."""

    title: ParagraphStyle
    heading: ParagraphStyle
    body: ParagraphStyle
    cell: ParagraphStyle
    number: ParagraphStyle


def year_xlsx(*, access: Access, holder: Holder, year: int) -> bytes:
    """Months, sales, DARFs, abroad, crypto, dividends and what was withheld, a sheet each."""
    return _workbook(tables.year_sheets(access=access, holder=holder, year=year))


def annual_xlsx(*, access: Access, holder: Holder, year: int) -> bytes:
    """The annual return, a sheet for each form. Raises ``NotFound``."""
    return _workbook(tables.annual_sheets(access=access, holder=holder, year=year))


def annual_pdf(*, access: Access, holder: Holder, year: int) -> bytes:
    """The annual return to print. Raises ``NotFound``."""
    sheets = tables.annual_sheets(access=access, holder=holder, year=year)
    title = _("Declaração de %(filing)s, ano-calendário %(year)s") % {
        "filing": year + 1,
        "year": year,
    }
    return _pdf(title, holder.name, sheets, landscape(A4))


def darf_pdf(
    *,
    access: Access,
    holder: Holder,
    year: int,
    month: int,
    on: dt.date | None = None,
    code: str = "",
) -> bytes:
    """A month's form to print, as paid on ``on`` (today). It bears no bar code: the numbers are
    typed at the bank or in Sicalc. Raises ``NotFound``."""
    form = selectors.darf_get(
        access=access, holder=holder, year=year, month=month, on=on, code=code
    )
    named = {"code": form["code"], "month": month_words(form["month"])}
    title = _("DARF %(code)s de %(month)s") % named
    return _pdf(title, holder.name, tables.darf_sheets(form), A4)


def _workbook(sheets: Iterable[Sheet]) -> bytes:
    book = Workbook()
    for first in book.worksheets:
        book.remove(first)
    taken: set[str] = set()
    for sheet in sheets:
        page = book.create_sheet(_sheet_name(sheet.title, taken))
        page.append([str(column) for column in sheet.columns])
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "A2"
        for row in sheet.rows:
            page.append([_cell(value) for value in row])
        for place, width in enumerate(_widths(sheet), start=1):
            page.column_dimensions[page.cell(1, place).column_letter].width = width
    if not book.sheetnames:
        book.create_sheet(_("Vazio"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = "".join(letter for letter in str(title) if letter not in "[]:*?/\\")[:28]
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain} {number}"
    taken.add(name.lower())
    return name


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"  # text that a spreadsheet must not run
    return value if value is None or isinstance(value, int | dt.date | str) else str(value)


def _widths(sheet: Sheet) -> list[int]:
    widths = []
    for place, column in enumerate(sheet.columns):
        longest = max((len(_text(row[place])) for row in sheet.rows[:200]), default=0)
        widths.append(min(max(len(str(column)), longest) + 2, 60))
    return widths


def _text(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("sim") if value else _("não")
    if isinstance(value, Decimal):
        return formatting.plain_number(value, 8, trim_to=2)
    if isinstance(value, dt.date):
        return formatting.day(value)
    return str(value)


def _pdf(title: str, holder: str, sheets: Sequence[Sheet], size: tuple[float, float]) -> bytes:
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=size,
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=title,
        author="Exitus",
    )
    look = _look()
    story: list[Flowable] = [
        Paragraph(escape(title), look.title),
        Paragraph(escape(holder), look.body),
        Spacer(1, 4 * mm),
    ]
    for sheet in sheets:
        story.append(Paragraph(escape(str(sheet.title)), look.heading))
        if sheet.note:
            story.append(Paragraph(escape(str(sheet.note)), look.body))
        story += [_table(sheet, look, document.width), Spacer(1, 5 * mm)]
    said = _("Apoio à declaração, não é aconselhamento. Confira antes de enviar.")
    story.append(Paragraph(escape(said), look.body))
    document.build(story, onFirstPage=_footer, onLaterPages=_footer)
    return out.getvalue()


def _footer(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 7)
    canvas.setFillColor(colors.grey)
    canvas.drawRightString(document.pagesize[0] - 14 * mm, 9 * mm, str(document.page))
    canvas.drawString(14 * mm, 9 * mm, "Exitus")
    canvas.restoreState()


def _look() -> _Look:
    base = getSampleStyleSheet()["BodyText"]
    cell = ParagraphStyle("cell", parent=base, fontName="Helvetica", fontSize=7.5, leading=9)
    return _Look(
        title=ParagraphStyle("t", parent=base, fontName="Helvetica-Bold", fontSize=15, leading=19),
        heading=ParagraphStyle(
            "h", parent=base, fontName="Helvetica-Bold", fontSize=10.5, leading=14, spaceBefore=4
        ),
        body=ParagraphStyle("b", parent=base, fontName="Helvetica", fontSize=8.5, leading=11),
        cell=cell,
        number=ParagraphStyle("n", parent=cell, alignment=2),
    )


def _table(sheet: Sheet, look: _Look, width: float) -> Flowable:
    if not sheet.rows:
        return Paragraph(escape(_("Nada a informar.")), look.body)
    head = [Paragraph(f"<b>{escape(str(column))}</b>", look.cell) for column in sheet.columns]
    body = [
        [
            Paragraph(
                escape(_text(value)), look.number if isinstance(value, Decimal) else look.cell
            )
            for value in row
        ]
        for row in sheet.rows
    ]
    weights = [min(each, 46) for each in _widths(sheet)]
    table = Table(
        [head, *body],
        colWidths=[width * weight / sum(weights) for weight in weights],
        repeatRows=1,
    )
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.7, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def sheets_json(sheets: Iterable[Sheet]) -> list[Mapping[str, Any]]:
    """The same tables as plain data: title, columns and rows."""
    return [
        {
            "title": str(sheet.title),
            "columns": [str(column) for column in sheet.columns],
            "rows": [[_plain(value) for value in row] for row in sheet.rows],
        }
        for sheet in sheets
    ]


def year_json(*, access: Access, holder: Holder, year: int) -> bytes:
    """The tables of a year as JSON. Raises ``NotFound``."""
    return _json(tables.year_sheets(access=access, holder=holder, year=year), year)


def annual_tables_json(*, access: Access, holder: Holder, year: int) -> bytes:
    """The forms of the annual return as JSON tables. Raises ``NotFound``."""
    return _json(tables.annual_sheets(access=access, holder=holder, year=year), year)


def year_pdf(*, access: Access, holder: Holder, year: int) -> bytes:
    """The tables of a year to print. Raises ``NotFound``."""
    sheets = tables.year_sheets(access=access, holder=holder, year=year)
    title = _("Impostos de %(year)s") % {"year": year}
    return _pdf(title, holder.name, sheets, landscape(A4))


def _json(sheets: Iterable[Sheet], year: int) -> bytes:
    body = {"year": year, "tables": sheets_json(sheets)}
    return json.dumps(body, ensure_ascii=False, indent=2).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int) else str(value)
