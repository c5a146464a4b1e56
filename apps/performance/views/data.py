"""The JSON of the charts, and the files of the tables, for whoever is signed in to a page."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.assets.selectors import asset_get
from apps.common.errors import NotFound
from apps.performance.answers import KINDS, answer, options_parse, send
from apps.performance.query import query_parse


@workspace_view()
@require_safe
def data(request: WorkspaceRequest, answer_kind: str) -> HttpResponse:
    """One kind of answer about the portfolio that ``carteira`` names; 202 while it is built."""
    if answer_kind not in KINDS or answer_kind == "asset":
        raise NotFound("not_found", "")
    given = request.GET.dict()
    query = query_parse(given, portfolio=given.get("carteira") or "all")
    found = answer(
        access=request.access,
        kind=answer_kind,
        query=query,
        options=options_parse(given, for_people=True),
        if_none_match=request.headers.get("If-None-Match"),
    )
    return send(found)


@workspace_view()
@require_safe
def asset_data(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The return and the prices of one asset."""
    asset = asset_get(access=request.access, asset_id=asset_id)
    given = request.GET.dict()
    found = answer(
        access=request.access,
        kind="asset",
        query=query_parse(given),
        options=options_parse(given, asset=asset, for_people=True),
        if_none_match=request.headers.get("If-None-Match"),
    )
    return send(found)
