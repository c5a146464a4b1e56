"""Endpoints of quotes, daily prices, exchange rates and indexes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.assets.models import Asset
from apps.common.api import DecimalString
from apps.market_data import selectors, services, tasks
from apps.market_data.models import FxRate, IndexValue, Price

MAX_REFRESH = 500


class QuoteSerializer(serializers.Serializer[Any]):
    """An asset's newest price as this workspace knows it. ``as_of`` is a moment for a quote and a
    date for a close or a typed price; ``stale`` says that a newer one should be known by now."""

    asset = serializers.UUIDField(source="asset.pk")
    ticker = serializers.CharField(source="asset.ticker")
    market = serializers.CharField(source="asset.market")
    price = DecimalString(source="latest.price")
    previous_close = DecimalString(source="latest.previous_close", allow_null=True)
    currency = serializers.CharField(source="latest.currency")
    as_of = serializers.SerializerMethodField()
    fetched_at = serializers.DateTimeField(source="latest.fetched_at", allow_null=True)
    source = serializers.CharField(source="latest.source")  # type: ignore[assignment]
    stale = serializers.BooleanField(source="latest.stale")

    def get_as_of(self, row: selectors.AssetQuote) -> str:
        """ISO 8601, with the zone when it is a moment."""
        as_of = row.latest.as_of
        moment = timezone.localtime(as_of) if isinstance(as_of, datetime) else as_of
        return moment.isoformat()


class RefreshInput(serializers.Serializer[Any]):
    """Assets whose price is wanted now."""

    assets = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MAX_REFRESH
    )


class AssetsFilter(django_filters.FilterSet):
    """By asset."""

    asset = django_filters.UUIDFilter("pk")
    ticker = django_filters.CharFilter("ticker", "iexact")
    market = django_filters.CharFilter()
    currency = django_filters.CharFilter()

    class Meta:
        model = Asset
        fields = ("asset", "ticker", "market", "currency")


class QuoteView(WorkspaceViewSet):
    """Newest prices of the assets the workspace sees; assets nobody priced are absent."""

    serializer_class = QuoteSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_class = AssetsFilter
    ordering_fields = ("ticker", "market")

    def get_queryset(self) -> Any:
        """Assets with a price."""
        return selectors.assets_priced(access=self.access)

    @extend_schema(responses=QuoteSerializer(many=True))
    def list(self, request: Request) -> Response:
        """One row per priced asset, by code."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        rows = selectors.quotes_of(access=self.access, asset_ids=[asset.pk for asset in page])
        by_asset = {row.asset.pk: row for row in rows}
        ordered = [by_asset[asset.pk] for asset in page if asset.pk in by_asset]
        return self.get_paginated_response(QuoteSerializer(ordered, many=True).data)

    @extend_schema(responses=QuoteSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The newest price of one asset; 404 when it has none or is not the workspace's to see."""
        return Response(QuoteSerializer(selectors.quote_get(access=self.access, asset_id=pk)).data)

    @extend_schema(
        request=RefreshInput,
        responses={202: inline_serializer("RefreshStarted", {"task": serializers.UUIDField()})},
    )
    @action(detail=False, methods=["post"])
    def refresh(self, request: Request) -> Response:
        """Asks vendors again in the background; `tasks/{task}/` tells how far it is."""
        data = RefreshInput(data=request.data)
        data.is_valid(raise_exception=True)
        run = tasks.quotes_refresh_start(
            access=self.access, asset_ids=data.validated_data["assets"]
        )
        return Response({"task": run.pk}, status=status.HTTP_202_ACCEPTED)


class PriceSerializer(serializers.ModelSerializer[Price]):
    """A day's close as traded; ``close * adjustment_factor`` is the close in today's shares.
    Prices that are not ``shared`` were typed in this workspace and are seen only here."""

    ticker = serializers.CharField(source="asset.ticker", read_only=True)
    currency = serializers.CharField(source="asset.currency", read_only=True)
    close = DecimalString(read_only=True)
    adjustment_factor = DecimalString(read_only=True)
    shared = serializers.SerializerMethodField()

    class Meta:
        model = Price
        fields = (
            "id",
            "asset",
            "ticker",
            "date",
            "close",
            "currency",
            "adjustment_factor",
            "source",
            "shared",
        )
        read_only_fields = fields

    def get_shared(self, row: Price) -> bool:
        """Whether every workspace reads it."""
        return row.workspace_id is None


class PriceInput(serializers.Serializer[Any]):
    """A price to record for this workspace, in the asset's currency; the same day replaces."""

    asset = serializers.UUIDField()
    date = serializers.DateField()
    price = DecimalString(max_digits=28, decimal_places=10)


class PriceFilter(django_filters.FilterSet):
    """By asset, day and origin."""

    asset = django_filters.UUIDFilter("asset_id")
    ticker = django_filters.CharFilter("asset__ticker", "iexact")
    date_from = django_filters.DateFilter("date", "gte")
    date_to = django_filters.DateFilter("date", "lte")
    source = django_filters.CharFilter()
    shared = django_filters.BooleanFilter("workspace", "isnull")


class PriceView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Daily closes: the shared ones and the workspace's own, by asset and newest first."""

    serializer_class = PriceSerializer
    lookup_value_regex = r"[0-9]{1,18}"
    filterset_class = PriceFilter
    ordering_fields = ("date",)

    def get_queryset(self) -> Any:
        """The closes the workspace sees."""
        return selectors.prices_of(access=self.access)

    @extend_schema(request=PriceInput, responses={201: PriceSerializer})
    def create(self, request: Request) -> Response:
        """Records or replaces the workspace's own price of a day."""
        data = PriceInput(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.price_record_manual(access=self.access, **data.validated_data)
        return Response(PriceSerializer(made).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Takes one of the workspace's own prices back; 404 for a shared one."""
        services.price_delete_manual(access=self.access, price_id=int(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class FxSerializer(serializers.ModelSerializer[FxRate]):
    """1 ``base`` = ``rate`` ``quote``; for PTAX the sale, with the purchase in ``rate_buy``."""

    rate = DecimalString(read_only=True)
    rate_buy = DecimalString(read_only=True, allow_null=True)

    class Meta:
        model = FxRate
        fields = ("date", "base", "quote", "rate", "rate_buy", "source")
        read_only_fields = fields


class FxFilter(django_filters.FilterSet):
    """By pair, day and origin."""

    date_from = django_filters.DateFilter("date", "gte")
    date_to = django_filters.DateFilter("date", "lte")

    class Meta:
        model = FxRate
        fields = ("base", "quote", "date", "source")


class FxView(mixins.ListModelMixin, WorkspaceViewSet):
    """Exchange rates, newest first."""

    serializer_class = FxSerializer
    filterset_class = FxFilter
    ordering_fields = ("date",)

    def get_queryset(self) -> Any:
        """Every rate: they are nobody's."""
        return selectors.fx_rates_all()


class IndexSerializer(serializers.ModelSerializer[IndexValue]):
    """CDI and Selic in percent a day, IPCA and IGP-M in percent a month (dated its first day),
    the others in points."""

    value = DecimalString(read_only=True)

    class Meta:
        model = IndexValue
        fields = ("index", "date", "value", "source")
        read_only_fields = fields


class IndexFilter(django_filters.FilterSet):
    """By index and day."""

    date_from = django_filters.DateFilter("date", "gte")
    date_to = django_filters.DateFilter("date", "lte")

    class Meta:
        model = IndexValue
        fields = ("index", "date", "source")


class IndexView(mixins.ListModelMixin, WorkspaceViewSet):
    """Index values, newest first."""

    serializer_class = IndexSerializer
    filterset_class = IndexFilter
    ordering_fields = ("date",)

    def get_queryset(self) -> Any:
        """Every value: they are nobody's."""
        return selectors.index_values_all()


routes = [
    ("quotes", QuoteView, "quote"),
    ("prices", PriceView, "price"),
    ("fx", FxView, "fx"),
    ("indexes", IndexView, "index"),
]
