"""The calendar feed that calendars subscribe to."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import translation

from apps.taxes.http import SharedRequest, shared_tax_view
from apps.taxes.models import TaxLink
from apps.taxes.selectors import calendar_feed


@shared_tax_view(TaxLink.Purpose.CALENDAR)
def calendar(request: SharedRequest) -> HttpResponse:
    """The holder's dates as an iCalendar file."""
    # No person asks, a calendar does: it is told in the language of whoever subscribed.
    author = request.link.created_by
    with translation.override(author.language if author else translation.get_language()):
        body = calendar_feed(access=request.access, holder=request.holder)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="impostos.ics"'
    return response
