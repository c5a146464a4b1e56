"""What can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.access import Access
from apps.accounts.api import WorkspaceMixin
from apps.ledger import exports

FILES = {
    "ledger": exports.ledger_csv,
    "assets": exports.assets_csv,
    "accounts": exports.accounts_csv,
}


class ExportKind(serializers.Serializer[Any]):
    """A file offered."""

    kind = serializers.ChoiceField(choices=(*FILES, "all"))
    media_type = serializers.CharField()
    url = serializers.URLField()


class ExportsView(WorkspaceMixin, APIView):
    """The files a workspace offers."""

    @extend_schema(operation_id="exports_list", tags=["exports"], responses=ExportKind(many=True))
    def get(self, request: Request) -> Response:
        """The kinds of file and where each is."""
        return Response(
            [
                {
                    "kind": kind,
                    "media_type": "text/csv",
                    "url": reverse("api:export", kwargs={"kind": kind}, request=request),
                }
                for kind in FILES
            ]
            + [
                {
                    "kind": "all",
                    "media_type": "application/zip",
                    "url": reverse("api:export_all", request=request),
                }
            ]
        )


class WhateverIsAsked(BaseContentNegotiation):
    """A file is what it is, whatever ``Accept`` says; its errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The first."""
        return renderers[0], renderers[0].media_type


class ExportView(WorkspaceMixin, APIView):
    """One file, streamed; `python -m apps.engine` and the import page read it back."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="exports_retrieve",
        tags=["exports"],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """The whole of it as UTF-8 CSV."""
        if kind not in FILES:
            raise NotFound
        response = StreamingHttpResponse(
            _encoded(FILES[kind], self.access), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
        return response


class ArchiveView(WorkspaceMixin, APIView):
    """Every file in one archive, which the import takes whole."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="exports_all_retrieve",
        tags=["exports"],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The archive."""
        response = HttpResponse(
            exports.workspace_zip(access=self.access), content_type="application/zip"
        )
        response["Content-Disposition"] = 'attachment; filename="exitus.zip"'
        return response


def _encoded(make: Any, access: Access) -> Iterator[bytes]:
    piece: str
    for piece in make(access=access):
        yield piece.encode()
