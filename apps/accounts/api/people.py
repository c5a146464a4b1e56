"""The person, their workspaces and who else takes part."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.accounts import selectors, services
from apps.accounts.access import Access
from apps.accounts.api.base import UUID_PATTERN, IdempotencyMixin
from apps.accounts.models import Membership, Role, User

CURRENCY = r"^[A-Z]{3}$"
MEMBER_ID = OpenApiParameter("member_id", int, OpenApiParameter.PATH)


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking and how they like to see Exitus."""

    id = serializers.UUIDField(read_only=True)
    username = serializers.CharField(read_only=True)
    email = serializers.EmailField(read_only=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = serializers.ChoiceField(choices=User.Theme.choices, required=False)
    default_workspace = serializers.UUIDField(source="default_workspace_id", required=False)


class MeView(IdempotencyMixin, APIView):
    """The person signed in."""

    @extend_schema(operation_id="me_retrieve", tags=["me"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who is asking."""
        return Response(MeSerializer(request.user).data)

    @extend_schema(
        operation_id="me_update", tags=["me"], request=MeSerializer, responses=MeSerializer
    )
    def patch(self, request: Request) -> Response:
        """Changes language, theme or the workspace that opens first."""
        data = MeSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        chosen = values.pop("default_workspace_id", None)
        user: Any = request.user
        if chosen is not None:
            access = selectors.access_get(user=user, workspace_id=chosen)
            values["default_workspace"] = access.workspace
        return Response(MeSerializer(services.preferences_update(user=user, **values)).data)


class WorkspaceSerializer(serializers.Serializer[Membership]):
    """A workspace as one of its members sees it."""

    id = serializers.UUIDField(source="workspace_id", read_only=True)
    name = serializers.CharField(source="workspace.name", max_length=120)
    base_currency = serializers.RegexField(
        CURRENCY, source="workspace.base_currency", required=False
    )
    is_demo = serializers.BooleanField(source="workspace.is_demo", read_only=True)
    ledger_version = serializers.IntegerField(source="workspace.ledger_version", read_only=True)
    created_at = serializers.DateTimeField(source="workspace.created_at", read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """Someone who takes part in a workspace; the id is that of the membership."""

    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "username", "role")


class MemberInput(serializers.Serializer[Any]):
    """Whom to let in, and as what."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.VIEWER)


class RoleInput(serializers.Serializer[Any]):
    """The role to give."""

    role = serializers.ChoiceField(choices=Role.choices)


@extend_schema_view(list=extend_schema(description=_("Os espaços de que a pessoa participa.")))
class WorkspaceView(IdempotencyMixin, mixins.ListModelMixin, GenericViewSet[Membership]):
    """Workspaces. Here the address names the workspace, not ``X-Workspace``."""

    serializer_class = WorkspaceSerializer
    lookup_value_regex = UUID_PATTERN
    lookup_field = "workspace_id"
    lookup_url_kwarg = "id"
    filter_backends = ()
    queryset = Membership.objects.none()

    def get_queryset(self) -> Any:
        """The person's memberships with their workspaces."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        user: Any = self.request.user
        return selectors.workspaces_of(user=user)

    def _access(self, workspace_id: str) -> Access:
        user: Any = self.request.user
        return selectors.access_get(user=user, workspace_id=workspace_id)

    def _answer(self, workspace_id: object, code: int = status.HTTP_200_OK) -> Response:
        membership = self.get_queryset().get(workspace_id=workspace_id)
        return Response(WorkspaceSerializer(membership).data, status=code)

    def create(self, request: Request) -> Response:
        """Makes a workspace owned by the person."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        made = services.workspace_create(user=user, **data.validated_data["workspace"])
        return self._answer(made.pk, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, id: str) -> Response:
        """One workspace."""
        return self._answer(self._access(id).workspace.pk)

    def partial_update(self, request: Request, id: str) -> Response:
        """Renames the workspace or changes its currency. Owners only."""
        access = self._access(id)
        data = self.get_serializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        current = {"name": access.workspace.name, "base_currency": access.workspace.base_currency}
        values = current | data.validated_data.get("workspace", {})
        services.workspace_update(access=access, **values)
        return self._answer(access.workspace.pk)

    @extend_schema(responses=MemberSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def members(self, request: Request, id: str) -> Response:
        """Who takes part."""
        rows = selectors.members_of(access=self._access(id))
        return Response(MemberSerializer(rows, many=True).data)

    @extend_schema(request=MemberInput, responses={201: MemberSerializer})
    @members.mapping.post
    def member_add(self, request: Request, id: str) -> Response:
        """Lets someone who already signs in here take part. Owners only."""
        access = self._access(id)
        access.require_owner()
        data = MemberInput(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.member_add(access=access, **data.validated_data)
        return Response(MemberSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RoleInput, responses=MemberSerializer, parameters=[MEMBER_ID])
    @action(detail=True, methods=["patch"], url_path=r"members/(?P<member_id>\d{1,18})")
    def member(self, request: Request, id: str, member_id: str) -> Response:
        """Changes a member's role. Owners only."""
        access = self._access(id)
        access.require_owner()
        data = RoleInput(data=request.data)
        data.is_valid(raise_exception=True)
        role = data.validated_data["role"]
        changed = services.member_set_role(access=access, membership_id=member_id, role=role)
        return Response(MemberSerializer(changed).data)

    @extend_schema(request=None, responses={204: None}, parameters=[MEMBER_ID])
    @member.mapping.delete
    def member_remove(self, request: Request, id: str, member_id: str) -> Response:
        """Takes a member out. Owners only."""
        services.member_remove(access=self._access(id), membership_id=member_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
