"""What can be taken away."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.api import WorkspaceMixin


class ExportKind(serializers.Serializer[Any]):
    """A file offered."""

    kind = serializers.CharField()
    media_type = serializers.CharField()
    url = serializers.URLField()


class ExportsView(WorkspaceMixin, APIView):
    """The files a workspace offers."""

    @extend_schema(operation_id="exports_list", tags=["exports"], responses=ExportKind(many=True))
    def get(self, request: Request) -> Response:
        """The kinds of file and where each is."""
        ledger = reverse("api:export-ledger", request=request)
        return Response([{"kind": "ledger", "media_type": "text/csv", "url": ledger}])
