"""Figures of a portfolio (``all`` is the whole workspace) and of an asset."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.api import WorkspaceMixin
from apps.assets.models import Asset
from apps.assets.selectors import asset_get
from apps.performance.answers import answer, options_parse, send
from apps.performance.query import GROUPINGS, PERIODS, RISK_FREE, WHOLE, query_parse
from apps.performance.selectors import WINDOWS

PORTFOLIO = OpenApiParameter(
    "portfolio_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="A portfolio's id, or `all` for the whole workspace.",
)
ASSET = OpenApiParameter("asset_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
LISTS = "separated by commas"
QUESTION = [
    OpenApiParameter("period", enum=list(PERIODS), description="12m unless told otherwise."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The day at whose close it opens."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; today when absent."),
    OpenApiParameter("currency", description="Three letters; the workspace's when absent."),
    OpenApiParameter("cash", enum=["0", "1"], description="With cash accounts, or without."),
    OpenApiParameter(
        "benchmarks",
        description="`CDI,110%CDI,SELIC,IPCA,IPCA+6,IBOV,IFIX,SP500,SP500:BRL` or assets, "
        "separated by commas.",
    ),
    OpenApiParameter("risk_free", enum=list(RISK_FREE)),
    OpenApiParameter("group_by", enum=list(GROUPINGS)),
    OpenApiParameter("accounts", description=f"Ids {LISTS}."),
    OpenApiParameter("classes", description=f"Classes {LISTS}."),
    OpenApiParameter("currencies", description=f"Currencies of the assets {LISTS}."),
    OpenApiParameter("assets", description=f"Ids {LISTS}."),
    OpenApiParameter("tags", description=f"Tags {LISTS}."),
    OpenApiParameter("holder", OpenApiTypes.UUID),
    OpenApiParameter("export", enum=["csv", "xlsx"], description="A file instead of JSON."),
    OpenApiParameter("table", description="Which table of the file comes first."),
]
EXPLAIN = OpenApiParameter("explain", enum=["0", "1"], description="With each figure's parts.")
BUILDING = inline_serializer(
    "FiguresBuilding",
    {
        "status": serializers.CharField(),
        "step": serializers.IntegerField(),
        "steps": serializers.IntegerField(),
    },
)
RESPONSES = {
    200: OpenApiTypes.OBJECT,
    202: OpenApiResponse(BUILDING, description="The worker is building the figures; ask again."),
    304: OpenApiResponse(description="What `If-None-Match` names is still it."),
}


class WhateverIsAsked(BaseContentNegotiation):
    """JSON or a file as the address says, whatever ``Accept`` does; errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The first."""
        return renderers[0], renderers[0].media_type


class FiguresView(WorkspaceMixin, APIView):
    """The base of the figures: one kind of answer, about one selection."""

    content_negotiation_class = WhateverIsAsked
    kind: ClassVar[str] = ""

    def answer(
        self, request: Request, *, portfolio: str = WHOLE, asset: Asset | None = None
    ) -> HttpResponse:
        """The answer to the question the address asks."""
        given = request.query_params.dict()
        return send(
            answer(
                access=self.access,
                kind=self.kind,
                query=query_parse(given, portfolio=portfolio),
                options=options_parse(given, asset=asset),
                if_none_match=request.headers.get("If-None-Match"),
            )
        )


class PerformanceView(FiguresView):
    """Returns, gains and comparisons."""

    kind = "performance"

    @extend_schema(
        operation_id="portfolio_performance",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION, EXPLAIN],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Figures of the period, where the gain came from, comparisons and a table by group."""
        return self.answer(request, portfolio=portfolio_id)


class SeriesView(FiguresView):
    """Daily series."""

    kind = "series"

    @extend_schema(
        operation_id="portfolio_series",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Worth, money put in, return and fall by day, beside the benchmarks."""
        return self.answer(request, portfolio=portfolio_id)


class HeatMapView(FiguresView):
    """Returns by month."""

    kind = "heatmap"

    @extend_schema(
        operation_id="portfolio_heatmap",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Returns by month and year; `month` 0 is the year."""
        return self.answer(request, portfolio=portfolio_id)


class RollingView(FiguresView):
    """Moving windows."""

    kind = "rolling"

    @extend_schema(
        operation_id="portfolio_rolling",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION, OpenApiParameter("window", enum=list(WINDOWS))],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Return and volatility of every window that ends inside the period."""
        return self.answer(request, portfolio=portfolio_id)


class RiskView(FiguresView):
    """Risk."""

    kind = "risk"

    @extend_schema(
        operation_id="portfolio_risk",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION, EXPLAIN],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Volatility, ratios, falls, extremes, value at risk and the way benchmarks moved."""
        return self.answer(request, portfolio=portfolio_id)


class AllocationView(FiguresView):
    """Allocation."""

    kind = "allocation"

    @extend_schema(
        operation_id="portfolio_allocation",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION, EXPLAIN],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """The worth at the end by group, against targets, and how concentrated it is."""
        return self.answer(request, portfolio=portfolio_id)


class ContributionsView(FiguresView):
    """Contributions."""

    kind = "contributions"

    @extend_schema(
        operation_id="portfolio_contributions",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Each group's part of the return; together they are the return."""
        return self.answer(request, portfolio=portfolio_id)


class IncomeView(FiguresView):
    """Income."""

    kind = "income"

    @extend_schema(
        operation_id="portfolio_income",
        tags=["portfolios"],
        parameters=[PORTFOLIO, *QUESTION, EXPLAIN],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """Income by month and asset, its yields and its growth."""
        return self.answer(request, portfolio=portfolio_id)


class ExplainView(FiguresView):
    """Why a figure is what it is."""

    kind = "explain"

    @extend_schema(
        operation_id="portfolio_explain",
        tags=["portfolios"],
        parameters=[
            PORTFOLIO,
            *QUESTION,
            OpenApiParameter("figure", required=True, description="`twr`, `irr`, `fees`..."),
            OpenApiParameter("benchmark", description="Of `beta`, `benchmark_twr` and their like."),
            OpenApiParameter(
                "part",
                description="A key of `group_by`: the figure of that part alone, or beside the "
                "whole (`share`, `contribution`); `-` is the part that has no group.",
            ),
        ],
        responses=RESPONSES,
    )
    def get(self, request: Request, portfolio_id: str) -> HttpResponseBase:
        """The formula, the parts and the rows behind one figure."""
        return self.answer(request, portfolio=portfolio_id)


class AssetView(FiguresView):
    """One asset."""

    kind = "asset"

    @extend_schema(
        operation_id="asset_performance",
        tags=["assets"],
        parameters=[ASSET, *QUESTION, EXPLAIN],
        responses=RESPONSES,
    )
    def get(self, request: Request, asset_id: str) -> HttpResponseBase:
        """The asset's own return, its price as traded and adjusted, trades and average price."""
        asset = asset_get(access=self.access, asset_id=asset_id)
        return self.answer(request, asset=asset)


_VIEWS: dict[str, type[FiguresView]] = {
    "performance": PerformanceView,
    "series": SeriesView,
    "heatmap": HeatMapView,
    "rolling": RollingView,
    "risk": RiskView,
    "allocation": AllocationView,
    "contributions": ContributionsView,
    "income": IncomeView,
    "explain": ExplainView,
}

urlpatterns = [
    *[
        path(f"portfolios/<str:portfolio_id>/{name}/", view.as_view(), name=f"portfolio-{name}")
        for name, view in _VIEWS.items()
    ],
    path("assets/<uuid:asset_id>/performance/", AssetView.as_view(), name="asset-performance"),
]
