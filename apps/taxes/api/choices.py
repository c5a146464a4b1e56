"""A holder's choices, what came before, and secret addresses."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN
from apps.accounts.models import Role
from apps.common.api import DecimalString, Pagination
from apps.ledger.models import LOSS_BUCKETS
from apps.taxes import selectors, services
from apps.taxes.api.base import HOLDER, TaxViewSet, plain
from apps.taxes.api.months import HolderInput
from apps.taxes.models import TaxLink


class SettingsInput(HolderInput):
    """Choices to change by name; null goes back to the default."""

    values = serializers.DictField(child=serializers.JSONField(allow_null=True))


class SettingsView(TaxViewSet):
    """Choices where the law is not settled."""

    @extend_schema(
        operation_id="taxes_settings_retrieve",
        parameters=[HOLDER],
        responses=OpenApiTypes.OBJECT,
        tags=["taxes"],
    )
    def get(self, request: Request) -> Response:
        """Every choice with its value, its default and what it may be."""
        return Response({"choices": plain(selectors.settings_described(**self.who))})

    @extend_schema(
        operation_id="taxes_settings_update",
        request=SettingsInput,
        responses=OpenApiTypes.OBJECT,
        tags=["taxes"],
    )
    def patch(self, request: Request) -> Response:
        """Changes some of them; the figures follow."""
        data = SettingsInput(data=request.data)
        data.is_valid(raise_exception=True)
        services.settings_update(**self.who, values=data.validated_data["values"])
        return self.get(request)


class OpeningInput(HolderInput):
    """What comes from before ``date``; sums are positive, by bucket."""

    date = serializers.DateField()
    darf = DecimalString(required=False, max_digits=17, decimal_places=2)
    losses = serializers.DictField(
        child=DecimalString(max_digits=17, decimal_places=2), required=False
    )
    withheld = serializers.DictField(
        child=DecimalString(max_digits=17, decimal_places=2), required=False
    )


class OpeningView(TaxViewSet):
    """What a holder brings from before the ledger; costs are its opening positions."""

    @extend_schema(
        operation_id="taxes_opening_retrieve",
        parameters=[HOLDER],
        responses=OpenApiTypes.OBJECT,
        tags=["taxes"],
    )
    def get(self, request: Request) -> Response:
        """The opening; ``date`` is null where everything is in the ledger."""
        empty = {"date": None, "darf": "0", "losses": {}, "withheld": {}}
        found = selectors.opening_of(**self.who)
        return Response(
            {**(plain(found) if found else empty), "buckets": [each.value for each in LOSS_BUCKETS]}
        )

    @extend_schema(
        operation_id="taxes_opening_update",
        request=OpeningInput,
        responses=OpenApiTypes.OBJECT,
        tags=["taxes"],
    )
    def put(self, request: Request) -> Response:
        """Records the opening in place of what was there."""
        data = OpeningInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = {**data.validated_data}
        values.pop("holder", None)
        services.opening_set(**self.who, **values)
        return self.get(request)

    @extend_schema(
        operation_id="taxes_opening_destroy",
        parameters=[HOLDER],
        responses={204: None},
        tags=["taxes"],
    )
    def delete(self, request: Request) -> Response:
        """Forgets it: everything is then in the ledger."""
        services.opening_delete(**self.who)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LinkInput(HolderInput):
    """An address to make."""

    purpose = serializers.ChoiceField(
        choices=TaxLink.Purpose.choices, default=TaxLink.Purpose.PAGES
    )
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    expires_on = serializers.DateField(required=False)


class LinkSerializer(serializers.ModelSerializer[TaxLink]):
    """A secret address; its token is told once, when it is made."""

    class Meta:
        model = TaxLink
        fields = ("id", "holder", "purpose", "name", "created_at", "expires_at", "last_used_at")
        read_only_fields = fields


class LinkView(TaxViewSet):
    """Secret addresses: an accountant's reading of the taxes, a calendar's feed."""

    read_role = Role.EDITOR
    lookup_value_regex = UUID_PATTERN
    pagination_class = Pagination

    @extend_schema(parameters=[HOLDER], responses=LinkSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Addresses that were not revoked."""
        given = request.query_params.get("holder")
        holder = self.holder if given else None
        pages = self.pagination_class()
        found = selectors.links_of(access=self.access, holder=holder)
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(LinkSerializer(page, many=True).data)

    @extend_schema(request=LinkInput, responses={201: OpenApiTypes.OBJECT})
    def create(self, request: Request) -> Response:
        """Makes one; ``token`` is in this answer only."""
        data = LinkInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = {**data.validated_data}
        values.pop("holder", None)
        link, token = services.link_create(**self.who, **values)
        body = {**LinkSerializer(link).data, "token": token}
        if link.purpose == TaxLink.Purpose.CALENDAR:
            address = reverse("taxes_site:calendar", args=[token])
            body["url"] = request.build_absolute_uri(address)
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Revokes one for good."""
        services.link_revoke(access=self.access, link_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
