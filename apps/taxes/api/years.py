"""Years: all of it, abroad, the annual return, the dates, and the law."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from apps.accounts.api import WorkspaceMixin
from apps.taxes import documents, selectors, services
from apps.taxes.api.base import (
    HOLDER,
    ON,
    YEAR_PATH,
    YEAR_PATTERN,
    TaxViewSet,
    day_asked,
    listed,
)
from apps.taxes.models import TaxRule


class YearView(TaxViewSet):
    """A year beside its months."""

    lookup_field = "year"
    lookup_value_regex = YEAR_PATTERN

    @extend_schema(parameters=[HOLDER, YEAR_PATH], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, year: str) -> HttpResponseBase:
        """Abroad, crypto, capital gains, dividends, what was withheld, the minimum tax."""
        return self.kept(request, lambda: selectors.year_detail(**self.who, year=int(year)))

    @extend_schema(
        parameters=[HOLDER, YEAR_PATH],
        responses={(200, documents.XLSX): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"])
    def xlsx(self, request: Request, year: str) -> HttpResponseBase:
        """Every table of the year as a workbook."""
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        body = documents.year_xlsx(**self.who, year=int(year))
        return _file(body, documents.XLSX, f"impostos-{year}.xlsx")


class AbroadView(TaxViewSet):
    """The sheet of what is abroad."""

    lookup_field = "year"
    lookup_value_regex = YEAR_PATTERN

    @extend_schema(parameters=[HOLDER, YEAR_PATH], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, year: str) -> HttpResponseBase:
        """Gains, losses, income and foreign tax of the year, line by line."""
        return self.kept(request, lambda: selectors.abroad_sheet(**self.who, year=int(year)))


class AnnualView(TaxViewSet):
    """The annual return of a calendar year."""

    lookup_field = "year"
    lookup_value_regex = YEAR_PATTERN

    @extend_schema(parameters=[HOLDER, YEAR_PATH], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, year: str) -> HttpResponseBase:
        """The return, line by line."""
        return self.kept(request, lambda: self._return(int(year)))

    def _return(self, year: int) -> dict[str, Any]:
        services.annual_ensure(**self.who, year=year)
        return selectors.annual_whole(**self.who, year=year)

    @extend_schema(
        parameters=[HOLDER, YEAR_PATH], responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, year: str) -> HttpResponseBase:
        """The return as a document to print."""
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        services.annual_ensure(**self.who, year=int(year))
        body = documents.annual_pdf(**self.who, year=int(year))
        return _file(body, "application/pdf", f"declaracao-{year}.pdf")

    @extend_schema(
        parameters=[HOLDER, YEAR_PATH], responses={(200, documents.XLSX): OpenApiTypes.BINARY}
    )
    @action(detail=True, methods=["get"])
    def xlsx(self, request: Request, year: str) -> HttpResponseBase:
        """The return as a workbook."""
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        services.annual_ensure(**self.who, year=int(year))
        body = documents.annual_xlsx(**self.who, year=int(year))
        return _file(body, documents.XLSX, f"declaracao-{year}.xlsx")


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class DateView(TaxViewSet):
    """Dates of tax."""

    @extend_schema(parameters=[HOLDER], responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> HttpResponseBase:
        """What is due when, the earliest first."""
        return self.kept(request, lambda: listed(selectors.tax_dates(**self.who)))


class RuleSerializer(serializers.ModelSerializer[TaxRule]):
    """One value of a rule of the law, in force from ``valid_from`` to ``valid_to`` inclusive."""

    class Meta:
        model = TaxRule
        fields = ("rule_id", "valid_from", "valid_to", "value", "law", "status", "source")
        read_only_fields = fields


class RuleView(WorkspaceMixin, mixins.ListModelMixin, GenericViewSet[TaxRule]):
    """The law as the assessments read it."""

    serializer_class = RuleSerializer
    filter_backends = ()
    queryset = TaxRule.objects.none()

    def get_queryset(self) -> Any:
        """Rules by name, the newest value first."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return selectors.rules_all(
            on=day_asked(self.request), prefix=self.request.query_params.get("rule", "")
        )

    @extend_schema(parameters=[ON, OpenApiParameter("rule", OpenApiTypes.STR)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Rules; ``on`` those in force on a day, ``rule`` those whose name begins so."""
        return super().list(request, *args, **kwargs)
