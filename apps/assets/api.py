"""Endpoint of assets: the installation's are read, a workspace's own are made here."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.assets import selectors, services
from apps.assets.models import Asset, AssetClass, FixedIncomeTerms, TaxClass
from apps.common.api import DecimalString


class TermsSerializer(serializers.ModelSerializer[FixedIncomeTerms]):
    """How a fixed-income paper yields; fractions, not percent (1.1 = 110 %, 0.06 = 6 %)."""

    percent = DecimalString(required=False, max_digits=28)
    rate = DecimalString(required=False, max_digits=28)
    unit_value = DecimalString(required=False, max_digits=28, decimal_places=10)

    class Meta:
        model = FixedIncomeTerms
        fields = ("indexer", "issue_date", "maturity", "percent", "rate", "unit_value")


class AssetSerializer(serializers.ModelSerializer[Asset]):
    """An asset. ``shared`` ones belong to the installation."""

    strike = DecimalString(read_only=True, allow_null=True)
    multiplier = DecimalString(read_only=True)
    terms = TermsSerializer(read_only=True, allow_null=True)
    former_tickers = serializers.SlugRelatedField[Any](
        many=True, read_only=True, slug_field="ticker"
    )
    shared = serializers.SerializerMethodField()

    class Meta:
        model = Asset
        fields = (
            "id",
            "ticker",
            "name",
            "asset_class",
            "market",
            "exchange",
            "currency",
            "country",
            "sector",
            "isin",
            "cnpj",
            "issuer",
            "quote_symbol",
            "underlying",
            "option_type",
            "strike",
            "expiry",
            "multiplier",
            "tax_class",
            "term_days",
            "is_delisted",
            "is_demo",
            "shared",
            "former_tickers",
            "terms",
        )
        read_only_fields = fields

    def get_shared(self, asset: Asset) -> bool:
        """Whether every workspace reads it."""
        return asset.workspace_id is None


class AssetInput(serializers.Serializer[Any]):
    """An asset to add to the workspace."""

    ticker = serializers.CharField(max_length=60)
    asset_class = serializers.ChoiceField(choices=AssetClass.choices)
    name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    market = serializers.RegexField(r"^[A-Z0-9]{2,8}$", required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    sector = serializers.CharField(max_length=80, required=False, allow_blank=True)
    isin = serializers.CharField(max_length=12, required=False, allow_blank=True)
    cnpj = serializers.CharField(max_length=18, required=False, allow_blank=True)
    issuer = serializers.CharField(max_length=120, required=False, allow_blank=True)
    quote_symbol = serializers.CharField(max_length=40, required=False, allow_blank=True)
    underlying = serializers.UUIDField(required=False)
    option_type = serializers.ChoiceField(choices=("call", "put"), required=False)
    strike = DecimalString(required=False, max_digits=28, decimal_places=10, min_value=0)
    expiry = serializers.DateField(required=False)
    multiplier = DecimalString(required=False, max_digits=28, decimal_places=12)
    tax_class = serializers.ChoiceField(choices=TaxClass.choices, required=False, allow_blank=True)
    term_days = serializers.IntegerField(required=False, min_value=0)
    terms = TermsSerializer(required=False)


class AssetPatch(serializers.Serializer[Any]):
    """What may be corrected in a workspace's own asset."""

    name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    asset_class = serializers.ChoiceField(choices=AssetClass.choices, required=False)
    sector = serializers.CharField(max_length=80, required=False, allow_blank=True)
    isin = serializers.CharField(max_length=12, required=False, allow_blank=True)
    cnpj = serializers.CharField(max_length=18, required=False, allow_blank=True)
    issuer = serializers.CharField(max_length=120, required=False, allow_blank=True)
    quote_symbol = serializers.CharField(max_length=40, required=False, allow_blank=True)
    tax_class = serializers.ChoiceField(choices=TaxClass.choices, required=False, allow_blank=True)
    term_days = serializers.IntegerField(required=False, min_value=0)


class AssetFilter(django_filters.FilterSet):
    """Narrowing by what identifies an asset."""

    ticker = django_filters.CharFilter(lookup_expr="iexact")
    asset_class = django_filters.MultipleChoiceFilter(choices=AssetClass.choices)
    market = django_filters.CharFilter()
    currency = django_filters.CharFilter()
    isin = django_filters.CharFilter(lookup_expr="iexact")
    shared = django_filters.BooleanFilter("workspace", "isnull")


class AssetView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Assets: `search` looks at the beginning of the code and inside the name."""

    serializer_class = AssetSerializer
    lookup_value_regex = UUID_PATTERN
    filter_backends = (
        django_filters.rest_framework.DjangoFilterBackend,
        SearchFilter,
        OrderingFilter,
    )
    filterset_class = AssetFilter
    search_fields = ("^ticker", "name")
    ordering_fields = ("ticker", "name", "asset_class", "market")

    def get_queryset(self) -> Any:
        """The installation's assets and the workspace's own."""
        return selectors.assets_detailed(access=self.access)

    def _answer(self, asset: Asset, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=asset.pk)
        return Response(AssetSerializer(fresh).data, status=code)

    @extend_schema(request=AssetInput, responses={201: AssetSerializer})
    def create(self, request: Request) -> Response:
        """Adds an asset that only this workspace sees."""
        data = AssetInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        if "terms" in values:
            values["terms"] = services.TermsInput(**values["terms"])
        if "underlying" in values:
            key = values["underlying"]
            values["underlying"] = selectors.asset_get(access=self.access, asset_id=key)
        made = services.asset_create(access=self.access, **values)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=AssetPatch, responses=AssetSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Corrects one of the workspace's own assets; 403 for a shared one."""
        asset = selectors.asset_get(access=self.access, asset_id=pk)
        data = AssetPatch(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        return self._answer(
            services.asset_update(access=self.access, asset=asset, **data.validated_data)
        )

    @extend_schema(request=TermsSerializer, responses=AssetSerializer)
    @action(detail=True, methods=["put"])
    def terms(self, request: Request, pk: str) -> Response:
        """Gives a fixed-income paper of the workspace its terms."""
        asset = selectors.asset_get(access=self.access, asset_id=pk)
        data = TermsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        terms = services.TermsInput(**data.validated_data)
        return self._answer(services.asset_terms_set(access=self.access, asset=asset, terms=terms))


routes = [("assets", AssetView, "asset")]
