"""Months of the exchange, their closing, their payment forms."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN
from apps.brokers.selectors import account_get
from apps.common.api import DecimalString
from apps.taxes import documents, selectors, services
from apps.taxes.api.base import (
    HOLDER,
    MONTH,
    MONTH_PATTERN,
    ON,
    YEAR,
    TaxViewSet,
    day_asked,
    listed,
    month_of,
    plain,
    year_asked,
)


class HolderInput(serializers.Serializer[Any]):
    """Whose taxes; the main holder without it."""

    holder = serializers.UUIDField(required=False)


class PaymentInput(HolderInput):
    """What was paid on ``date``, charges included."""

    date = serializers.DateField()
    amount = DecimalString(max_digits=17, decimal_places=2)
    account = serializers.UUIDField(required=False)
    code = serializers.CharField(max_length=4, required=False, allow_blank=True)


class MonthView(TaxViewSet):
    """Months of the exchange."""

    lookup_field = "month"
    lookup_value_regex = MONTH_PATTERN

    @extend_schema(
        operation_id="taxes_months_list",
        parameters=[HOLDER, YEAR],
        responses=OpenApiTypes.OBJECT,
    )
    def list(self, request: Request) -> HttpResponseBase:
        """Months of a year, or all: sales, exempt gain, buckets, tax, DARF, state, closing."""
        year = year_asked(request)
        return self.kept(request, lambda: self._list(year))

    def _list(self, year: int | None) -> dict[str, Any]:
        state = selectors.state_of(**self.who)
        return listed(
            selectors.months_of(**self.who, year=year),
            holder=str(self.holder.pk),
            year=year,
            years=selectors.years_of(**self.who),
            is_stale=state.is_stale,
            built_at=state.built_at,
        )

    @extend_schema(parameters=[HOLDER, MONTH], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, month: str) -> HttpResponseBase:
        """A month down to each sale's arithmetic."""
        first = month_of(month)
        return self.kept(
            request,
            lambda: selectors.month_detail(**self.who, year=first.year, month=first.month),
        )

    @extend_schema(request=HolderInput, parameters=[MONTH], responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, month: str) -> Response:
        """Closes a month that ended; 409 names what is missing."""
        first = month_of(month)
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        closing = services.month_close(**self.who, month=first)
        return Response({"month": month, "closed_at": closing.closed_at})

    @extend_schema(request=HolderInput, parameters=[MONTH], responses={204: None})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, month: str) -> Response:
        """Opens a closed month again; what was paid stays."""
        services.month_reopen(**self.who, month=month_of(month))
        return Response(status=status.HTTP_204_NO_CONTENT)


CODE = OpenApiParameter(
    "code", OpenApiTypes.STR, description=_("O código da guia (4600, 0190); sem ele, a da bolsa.")
)


class DarfView(TaxViewSet):
    """Payment forms: of the exchange, of capital gains and crypto, of the monthly table."""

    lookup_field = "month"
    lookup_value_regex = MONTH_PATTERN

    @extend_schema(
        operation_id="taxes_darfs_list",
        parameters=[HOLDER, YEAR, ON],
        responses=OpenApiTypes.OBJECT,
    )
    def list(self, request: Request) -> HttpResponseBase:
        """Forms, the newest first, with what paying the rest on a day costs."""
        year, on = year_asked(request), day_asked(request)
        return self.kept(request, lambda: listed(selectors.darfs_of(**self.who, year=year, on=on)))

    @extend_schema(parameters=[HOLDER, MONTH, ON, CODE], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, month: str) -> HttpResponseBase:
        """One month's form."""
        first, on, code = month_of(month), day_asked(request), _code(request)
        return self.kept(
            request,
            lambda: selectors.darf_get(
                **self.who, year=first.year, month=first.month, on=on, code=code
            ),
        )

    @extend_schema(
        parameters=[HOLDER, MONTH, ON, CODE],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"])
    def sheet(self, request: Request, month: str) -> HttpResponseBase:
        """The form as a sheet to print."""
        first = month_of(month)
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        body = documents.darf_pdf(
            **self.who,
            year=first.year,
            month=first.month,
            on=day_asked(request),
            code=_code(request),
        )
        response = HttpResponse(body, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="darf-{month}.pdf"'
        return response

    @extend_schema(request=PaymentInput, parameters=[MONTH], responses={201: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, month: str) -> Response:
        """Records what was paid for a month, as a row of the ledger."""
        first = month_of(month)
        data = PaymentInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = {**data.validated_data}
        values.pop("holder", None)
        given = values.pop("account", None)
        account = account_get(access=self.access, account_id=given) if given else None
        row = services.darf_pay(**self.who, month=first, account=account, **values)
        body = {"id": row.pk, "date": row.trade_date, "amount": row.amount}
        return Response(plain(body), status=status.HTTP_201_CREATED)


def _code(request: Request) -> str:
    return request.query_params.get("code", "")


class PaymentView(TaxViewSet):
    """What was paid."""

    lookup_value_regex = UUID_PATTERN

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Takes back a payment recorded by mistake."""
        services.darf_payment_delete(access=self.access, payment_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
