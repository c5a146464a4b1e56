"""Endpoint of corporate events: the installation's are read, a workspace may record its own."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.assets.selectors import asset_get
from apps.common.api import DecimalString
from apps.corporate_events import selectors, services
from apps.corporate_events.models import CorporateEvent, EventKind


class EventSerializer(serializers.ModelSerializer[CorporateEvent]):
    """An event applied to whoever holds the asset at the open of ``ex_date``."""

    ticker = serializers.CharField(source="asset.ticker", read_only=True)
    to_ticker = serializers.CharField(source="to_asset.ticker", read_only=True, allow_null=True)
    currency = serializers.CharField(source="asset.currency", read_only=True)
    ratio = DecimalString(allow_null=True)
    unit_amount = DecimalString(allow_null=True)
    cost_share = DecimalString(allow_null=True)
    shared = serializers.SerializerMethodField()

    class Meta:
        model = CorporateEvent
        fields = (
            "id",
            "asset",
            "ticker",
            "kind",
            "ex_date",
            "payment_date",
            "ratio",
            "unit_amount",
            "currency",
            "to_asset",
            "to_ticker",
            "cost_share",
            "source",
            "note",
            "shared",
        )
        read_only_fields = fields

    def get_shared(self, event: CorporateEvent) -> bool:
        """Whether every workspace reads it."""
        return event.workspace_id is None


class EventInput(serializers.Serializer[Any]):
    """An event to record for this workspace; the same asset, kind and date replaces."""

    asset = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EventKind.choices)
    ex_date = serializers.DateField()
    ratio = DecimalString(required=False, max_digits=28, decimal_places=12)
    unit_amount = DecimalString(required=False, max_digits=28, decimal_places=10, min_value=0)
    to_asset = serializers.UUIDField(required=False)
    cost_share = DecimalString(required=False, decimal_places=12, min_value=0, max_value=1)
    source = serializers.CharField(max_length=200, required=False, allow_blank=True)


class EventFilter(django_filters.FilterSet):
    """By asset, kind and day."""

    asset = django_filters.UUIDFilter("asset_id")
    kind = django_filters.MultipleChoiceFilter(choices=EventKind.choices)
    ex_date_from = django_filters.DateFilter("ex_date", "gte")
    ex_date_to = django_filters.DateFilter("ex_date", "lte")


class EventView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Corporate events the workspace sees, newest first."""

    serializer_class = EventSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_class = EventFilter
    ordering_fields = ("ex_date",)

    def get_queryset(self) -> Any:
        """The events with their assets."""
        return selectors.events_of(access=self.access)

    @extend_schema(request=EventInput, responses={201: EventSerializer})
    def create(self, request: Request) -> Response:
        """Records or replaces an event of this workspace; its figures are rebuilt."""
        data = EventInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        for name in ("asset", "to_asset"):
            if name in values:
                values[name] = asset_get(access=self.access, asset_id=values[name])
        made = services.event_record(access=self.access, **values)
        return Response(EventSerializer(made).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Removes an event of this workspace."""
        event = selectors.event_get(access=self.access, event_id=pk)
        services.event_delete(access=self.access, event=event)
        return Response(status=status.HTTP_204_NO_CONTENT)


routes = [("corporate-events", EventView, "corporate-event")]
