"""What belongs to a workspace itself: holders and running tasks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import selectors, services
from apps.accounts.api.base import UUID_PATTERN, WorkspaceViewSet
from apps.accounts.models import Holder, TaskRun


class HolderSerializer(serializers.ModelSerializer[Holder]):
    """A taxpayer. The CPF is written and never read back."""

    cpf = serializers.CharField(max_length=14, write_only=True, required=False, allow_blank=True)
    has_cpf = serializers.SerializerMethodField()

    class Meta:
        model = Holder
        fields = ("id", "name", "cpf", "has_cpf", "is_default", "created_at")
        read_only_fields = ("is_default", "created_at")

    def get_has_cpf(self, holder: Holder) -> bool:
        """Whether a CPF is kept."""
        return bool(holder.cpf_encrypted)


class HolderView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Taxpayers of the workspace."""

    serializer_class = HolderSerializer
    lookup_value_regex = UUID_PATTERN
    ordering_fields = ("name", "created_at")

    def get_queryset(self) -> Any:
        """The workspace's holders, the main one first."""
        return selectors.holders_of(access=self.access)

    @extend_schema(responses={201: HolderSerializer})
    def create(self, request: Request) -> Response:
        """Adds a taxpayer."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.holder_create(access=self.access, **data.validated_data)
        return Response(HolderSerializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Renames a taxpayer or replaces the CPF."""
        holder = selectors.holder_get(access=self.access, holder_id=pk)
        data = self.get_serializer(holder, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        values = {"name": holder.name} | data.validated_data
        changed = services.holder_update(access=self.access, holder=holder, **values)
        return Response(HolderSerializer(changed).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Removes a taxpayer without accounts."""
        holder = selectors.holder_get(access=self.access, holder_id=pk)
        services.holder_delete(access=self.access, holder=holder)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaskRunSerializer(serializers.ModelSerializer[TaskRun]):
    """Work in progress or done."""

    class Meta:
        model = TaskRun
        fields = (
            "id",
            "kind",
            "title",
            "state",
            "done",
            "total",
            "message",
            "link",
            "created_at",
            "started_at",
            "finished_at",
            "seen_at",
        )
        read_only_fields = fields


class TaskRunView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """The person's own tasks in this workspace, newest first."""

    serializer_class = TaskRunSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ("state", "kind")
    ordering_fields = ("created_at",)

    def get_queryset(self) -> Any:
        """The person's tasks."""
        return selectors.task_runs(access=self.access)
