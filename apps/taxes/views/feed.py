"""The calendar feed that calendars subscribe to."""

from __future__ import annotations

from django.http import HttpResponse

from apps.taxes.http import SharedRequest, shared_tax_view
from apps.taxes.models import TaxLink
from apps.taxes.selectors import calendar_feed


@shared_tax_view(TaxLink.Purpose.CALENDAR)
def calendar(request: SharedRequest) -> HttpResponse:
    """The holder's dates as an iCalendar file."""
    body = calendar_feed(access=request.access, holder=request.holder)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="impostos.ics"'
    return response
