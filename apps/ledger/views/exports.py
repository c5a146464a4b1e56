"""Downloads."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.ledger import exports


def _attachment(request: WorkspaceRequest, extension: str) -> str:
    name = slugify(request.access.workspace.name) or "exitus"
    return f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.{extension}"'


@workspace_view()
@require_safe
def export(request: WorkspaceRequest) -> Any:  # streamed: not an HttpResponse
    """The whole ledger as one CSV."""
    pieces = exports.ledger_csv(access=request.access)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _attachment(request, "csv")
    return response


@workspace_view()
@require_safe
def export_all(request: WorkspaceRequest) -> HttpResponse:
    """The ledger, its assets and its accounts in one archive."""
    archive = exports.workspace_zip(access=request.access)
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = _attachment(request, "zip")
    return response
