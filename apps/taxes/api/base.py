"""What the endpoints of taxes share: the holder asked for, answers kept by version, plain JSON."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, viewsets
from rest_framework.request import Request

from apps.accounts.api import IdempotencyMixin, WorkspaceMixin
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_default, holder_get
from apps.common.api import plain as plain_number
from apps.common.errors import Invalid, NotFound
from apps.portfolios.api import answer
from apps.taxes import selectors, services

HOLDER = OpenApiParameter(
    "holder", OpenApiTypes.UUID, description=_("O titular; sem ele, o principal.")
)
YEAR = OpenApiParameter("year", OpenApiTypes.INT, description=_("Ano-calendário."))
ON = OpenApiParameter("on", OpenApiTypes.DATE, description=_("Um dia; hoje, sem ele."))
MONTH_PATTERN = r"\d{4}-\d{2}"
YEAR_PATTERN = r"\d{4}"
MONTH = OpenApiParameter(
    "month", OpenApiTypes.STR, OpenApiParameter.PATH, pattern=f"^{MONTH_PATTERN}$"
)
YEAR_PATH = OpenApiParameter("year", OpenApiTypes.INT, OpenApiParameter.PATH)


class TaxViewSet(WorkspaceMixin, IdempotencyMixin, viewsets.ViewSet):
    """The base of the endpoints of taxes."""

    pagination_class = None
    serializer_class = serializers.Serializer

    @cached_property
    def holder(self) -> Holder:
        """The holder asked for. Raises ``NotFound`` for one of another workspace."""
        data = self.request.data if isinstance(self.request.data, dict) else {}
        given = self.request.query_params.get("holder") or data.get("holder")
        if given:
            return holder_get(access=self.access, holder_id=given)
        return holder_default(access=self.access)

    @property
    def who(self) -> dict[str, Any]:
        """What every selector and service takes."""
        return {"access": self.access, "holder": self.holder}

    def kept(self, request: Request, make: Callable[[], Any]) -> HttpResponseBase:
        """The answer of ``make``, with a validator: what is stored decides, and the day."""
        who = self.who
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        state = selectors.state_of(**who)
        said = (
            state.version,
            self.access.workspace.ledger_version,
            timezone.localdate(),
            request.get_full_path(),
            request.META.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        digest = hashlib.sha256(repr(said).encode()).hexdigest()[:40]
        return answer(request, f"taxes:{self.holder.pk}:{digest}", lambda: plain(make()))


def listed(rows: list[Any], **values: Any) -> dict[str, Any]:
    """A whole list in the shape of the paginated ones."""
    return {"count": len(rows), "next": None, "previous": None, **values, "results": rows}


def plain(value: Any) -> Any:
    """Figures as JSON: decimals as text, dates as ISO, rows as their id."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Model):
        return str(value.pk)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return value if value is None or isinstance(value, bool | int) else str(value)


def month_of(text: str) -> dt.date:
    """The first day of ``2026-03``. Raises ``NotFound``."""
    try:
        return dt.date(int(text[:4]), int(text[5:]), 1)
    except ValueError:
        raise NotFound("not_found", _("Não encontramos este mês.")) from None


def day_asked(request: Request, name: str = "on") -> dt.date | None:
    """A day of the query. Raises ``Invalid``."""
    text = request.query_params.get(name)
    try:
        found = parse_date(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        raise Invalid("invalid_date", _("Use uma data no formato AAAA-MM-DD."), field=name)
    return found


def year_asked(request: Request) -> int | None:
    """A year of the query. Raises ``Invalid``."""
    text = request.query_params.get("year")
    if not text:
        return None
    if not text.isdigit() or len(text) != 4:
        raise Invalid("invalid_year", _("Use um ano de quatro algarismos."), field="year")
    return int(text)
