"""Endpoints of institutions and accounts."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.accounts.selectors import holder_default, holder_get
from apps.brokers import selectors, services
from apps.brokers.models import Account, Institution


class InstitutionSerializer(serializers.ModelSerializer[Institution]):
    """A broker, bank or exchange. ``shared`` ones belong to the installation."""

    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    shared = serializers.SerializerMethodField()

    class Meta:
        model = Institution
        fields = ("id", "name", "short_name", "cnpj", "country", "shared")

    def get_shared(self, institution: Institution) -> bool:
        """Whether every workspace reads it."""
        return institution.workspace_id is None


class InstitutionView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """The shared registry and the workspace's own institutions."""

    serializer_class = InstitutionSerializer
    lookup_value_regex = UUID_PATTERN
    filter_backends = (
        django_filters.rest_framework.DjangoFilterBackend,
        SearchFilter,
        OrderingFilter,
    )
    filterset_fields = ("cnpj", "country")
    search_fields = ("name", "short_name")
    ordering_fields = ("name",)

    def get_queryset(self) -> Any:
        """What the workspace sees, by name."""
        return selectors.institutions_of(access=self.access)

    @extend_schema(responses={201: InstitutionSerializer})
    def create(self, request: Request) -> Response:
        """Adds an institution that only this workspace sees."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.institution_create(access=self.access, **data.validated_data)
        return Response(InstitutionSerializer(made).data, status=status.HTTP_201_CREATED)


class AccountSerializer(serializers.ModelSerializer[Account]):
    """A holder's account with an institution."""

    holder_name = serializers.CharField(source="holder.name", read_only=True)
    institution_name = serializers.CharField(source="institution.name", read_only=True)

    class Meta:
        model = Account
        fields = (
            "id",
            "name",
            "institution",
            "institution_name",
            "holder",
            "holder_name",
            "currency",
            "is_active",
            "created_at",
        )
        read_only_fields = fields


class AccountInput(serializers.Serializer[Any]):
    """An account to open; without a holder it is the main one's, without a name it is the
    institution's.
    """

    institution = serializers.UUIDField()
    holder = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)


class AccountPatch(serializers.Serializer[Any]):
    """What may change in an account."""

    name = serializers.CharField(max_length=80, required=False)
    is_active = serializers.BooleanField(required=False)


class AccountFilter(django_filters.FilterSet):
    """By whose it is and where."""

    holder = django_filters.UUIDFilter("holder_id")
    institution = django_filters.UUIDFilter("institution_id")
    currency = django_filters.CharFilter()
    is_active = django_filters.BooleanFilter()


class AccountView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """The workspace's accounts."""

    serializer_class = AccountSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_class = AccountFilter
    ordering_fields = ("name", "created_at")

    def get_queryset(self) -> Any:
        """The accounts with institution and holder."""
        return selectors.accounts_of(access=self.access)

    @extend_schema(request=AccountInput, responses={201: AccountSerializer})
    def create(self, request: Request) -> Response:
        """Opens an account."""
        data = AccountInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        key = values.pop("holder", None)
        holder = (
            holder_get(access=self.access, holder_id=key)
            if key
            else holder_default(access=self.access)
        )
        key = values.pop("institution")
        institution = selectors.institution_get(access=self.access, institution_id=key)
        made = services.account_create(
            access=self.access, institution=institution, holder=holder, **values
        )
        return Response(AccountSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AccountPatch, responses=AccountSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Renames an account or sets it aside."""
        account = selectors.account_get(access=self.access, account_id=pk)
        data = AccountPatch(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        values = {"name": account.name, "is_active": account.is_active} | data.validated_data
        changed = services.account_update(access=self.access, account=account, **values)
        return Response(AccountSerializer(changed).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Removes an account that never recorded anything; 409 otherwise."""
        account = selectors.account_get(access=self.access, account_id=pk)
        services.account_delete(access=self.access, account=account)
        return Response(status=status.HTTP_204_NO_CONTENT)


routes = [
    ("institutions", InstitutionView, "institution"),
    ("accounts", AccountView, "account"),
]
