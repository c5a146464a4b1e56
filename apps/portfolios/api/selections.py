"""Endpoints of portfolios and of the tags of assets."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.assets.models import AssetClass
from apps.assets.selectors import asset_get, assets_of
from apps.common.api import DecimalString
from apps.common.errors import Invalid
from apps.portfolios import services
from apps.portfolios.models import Portfolio, PortfolioTarget
from apps.portfolios.selectors import portfolio_get, portfolios_of, tags_of


class TargetSerializer(serializers.Serializer[PortfolioTarget]):
    """A weight aimed at; one of ``asset_class`` and ``asset`` is given."""

    asset_class = serializers.CharField(read_only=True)
    asset = serializers.UUIDField(source="asset_id", read_only=True, allow_null=True)
    ticker = serializers.SerializerMethodField()
    weight = DecimalString(read_only=True)

    def get_ticker(self, target: PortfolioTarget) -> str:
        """The asset's code; empty for a class."""
        return target.asset.ticker if target.asset is not None else ""


class PortfolioSerializer(serializers.ModelSerializer[Portfolio]):
    """A saved selection. Accounts narrow it; classes, tags and assets add up."""

    accounts = serializers.SerializerMethodField()
    classes = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    assets = serializers.SerializerMethodField()
    targets = TargetSerializer(many=True, read_only=True)

    class Meta:
        model = Portfolio
        fields = (
            "id",
            "name",
            "description",
            "accounts",
            "classes",
            "tags",
            "assets",
            "target_by",
            "targets",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_accounts(self, portfolio: Portfolio) -> list[str]:
        """Ids of the accounts; empty: any."""
        return [str(item.account_id) for item in portfolio.items.all() if item.account_id]

    def get_classes(self, portfolio: Portfolio) -> list[str]:
        """Classes of asset."""
        return [item.asset_class for item in portfolio.items.all() if item.asset_class]

    def get_tags(self, portfolio: Portfolio) -> list[str]:
        """Tags of assets."""
        return [item.tag for item in portfolio.items.all() if item.tag]

    def get_assets(self, portfolio: Portfolio) -> list[str]:
        """Ids of the assets."""
        return [str(item.asset_id) for item in portfolio.items.all() if item.asset_id]


class PortfolioInput(serializers.Serializer[Any]):
    """A selection to save; what is left out chooses nothing in particular."""

    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    accounts = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=200)
    classes = serializers.ListField(
        child=serializers.ChoiceField(choices=AssetClass.choices), required=False, max_length=60
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=100
    )
    assets = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class PortfolioPatch(PortfolioInput):
    """What may change; a list given replaces the one kept."""

    name = serializers.CharField(max_length=80, required=False)


class WeightInput(serializers.Serializer[Any]):
    """A weight as a fraction of the portfolio, for one class or one asset."""

    asset_class = serializers.ChoiceField(choices=AssetClass.choices, required=False)
    asset = serializers.UUIDField(required=False)
    weight = DecimalString(min_value=0, max_value=1)


class TargetsInput(serializers.Serializer[Any]):
    """All the weights of a portfolio; together they make 1. An empty list removes them."""

    target_by = serializers.ChoiceField(choices=Portfolio.TargetBy.choices)
    targets = WeightInput(many=True)


class TagsSerializer(serializers.Serializer[Any]):
    """The workspace's tags of an asset."""

    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)


def _selection(values: dict[str, Any], kept: Portfolio | None = None) -> services.Selection | None:
    """The selection given, completed with what is kept; ``None`` when no list was given."""
    names = ("accounts", "classes", "tags", "assets")
    given = {name: values.pop(name) for name in names if name in values}
    if kept is None or not given:
        return services.Selection(**given) if given else None
    items = list(kept.items.all())
    before = {
        "accounts": [item.account_id for item in items if item.account_id],
        "classes": [item.asset_class for item in items if item.asset_class],
        "tags": [item.tag for item in items if item.tag],
        "assets": [item.asset_id for item in items if item.asset_id],
    }
    return services.Selection(**{**before, **given})


class PortfolioViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Saved selections of the workspace; none owns a trade."""

    serializer_class = PortfolioSerializer
    lookup_value_regex = UUID_PATTERN
    ordering_fields = ("name", "created_at")

    def get_queryset(self) -> Any:
        """The workspace's portfolios with what they select."""
        return portfolios_of(access=self.access)

    def _answer(self, portfolio: Portfolio, code: int = status.HTTP_200_OK) -> Response:
        fresh = portfolio_get(access=self.access, portfolio_id=portfolio.pk)
        return Response(PortfolioSerializer(fresh).data, status=code)

    @extend_schema(request=PortfolioInput, responses={201: PortfolioSerializer})
    def create(self, request: Request) -> Response:
        """Saves a selection."""
        data = PortfolioInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        chosen = _selection(values)
        made = services.portfolio_create(access=self.access, selection=chosen, **values)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=PortfolioPatch, responses=PortfolioSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Renames a portfolio or changes what it selects."""
        portfolio = portfolio_get(access=self.access, portfolio_id=pk)
        data = PortfolioPatch(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        chosen = _selection(values, portfolio)
        return self._answer(
            services.portfolio_update(
                access=self.access, portfolio=portfolio, selection=chosen, **values
            )
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Forgets a portfolio; its trades belong to the workspace and stay."""
        portfolio = portfolio_get(access=self.access, portfolio_id=pk)
        services.portfolio_delete(access=self.access, portfolio=portfolio)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=TargetsInput, responses=PortfolioSerializer)
    @action(detail=True, methods=["put"])
    def targets(self, request: Request, pk: str) -> Response:
        """Replaces the weights aimed at."""
        portfolio = portfolio_get(access=self.access, portfolio_id=pk)
        data = TargetsInput(data=request.data)
        data.is_valid(raise_exception=True)
        by = data.validated_data["target_by"]
        weights: dict[str, Any] = {}
        for target in data.validated_data["targets"]:
            key = target.get("asset_class" if by == Portfolio.TargetBy.CLASS else "asset")
            if key is None or str(key) in weights:
                raise Invalid(
                    "invalid",
                    _("Dê cada meta uma vez, a uma classe ou a um ativo."),
                    field="targets",
                )
            weights[str(key)] = target["weight"]
        return self._answer(
            services.portfolio_targets_set(
                access=self.access, portfolio=portfolio, by=by, weights=weights
            )
        )


class AssetTagViewSet(WorkspaceViewSet):
    """The workspace's tags, by asset."""

    serializer_class = TagsSerializer
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self) -> Any:
        """The assets whose tags these are."""
        return assets_of(access=self.access)

    @extend_schema(responses=TagsSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Tags of an asset."""
        asset = asset_get(access=self.access, asset_id=pk)
        found = tags_of(access=self.access, asset_ids=[asset.pk])
        return Response({"tags": found.get(str(asset.pk), [])})

    @extend_schema(request=TagsSerializer, responses=TagsSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Replaces the tags of an asset; an empty list removes them."""
        asset = asset_get(access=self.access, asset_id=pk)
        data = TagsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        kept = services.asset_tags_set(
            access=self.access, asset=asset, names=data.validated_data["tags"]
        )
        return Response({"tags": kept})
