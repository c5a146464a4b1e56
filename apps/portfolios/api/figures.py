"""Endpoints of positions and of the overview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_date
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Access
from apps.accounts.api import WorkspaceMixin
from apps.assets.selectors import asset_get
from apps.common.api import DecimalString
from apps.common.errors import Invalid
from apps.portfolios.folding import By
from apps.portfolios.pages import page_key, trail_lines
from apps.portfolios.selectors import dashboard_figures, evolution, explanation, positions_on
from apps.portfolios.selectors.positions import CACHE_SECONDS

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="Any day; today when absent.")
CURRENCY = OpenApiParameter(
    "currency", OpenApiTypes.STR, enum=["BRL", "USD"], description="Currency of the figures."
)
ASSET = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The asset.")
BY = OpenApiParameter("by", OpenApiTypes.STR, enum=["asset", "account"])


def _on(request: Request) -> dt.date | None:
    text = request.query_params.get("on")
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Invalid("invalid_date", _("Use uma data no formato AAAA-MM-DD."), field="on")
    return found


def _choice(request: Request, name: str, allowed: tuple[str, ...]) -> Any:
    text = request.query_params.get(name)
    if not text:
        return None
    if text not in allowed:
        raise Invalid(
            "invalid_choice",
            _("Use um destes: %(values)s.") % {"values": ", ".join(allowed)},
            field=name,
        )
    return text


class PositionSerializer(serializers.Serializer[Any]):
    """One position. Money is in ``currency``; ``average_cost`` and ``price`` are per unit."""

    asset = serializers.UUIDField(source="row.asset_id")
    ticker = serializers.CharField(source="row.ticker")
    name = serializers.CharField(source="row.name")
    asset_class = serializers.CharField(source="row.asset_class")
    holder = serializers.CharField(source="row.holder")
    holder_id = serializers.UUIDField(source="row.holder_id")
    account = serializers.CharField(source="row.account")
    account_id = serializers.UUIDField(source="row.account_id", allow_null=True)
    quantity = DecimalString(source="row.quantity")
    average_cost = DecimalString(allow_null=True)
    total_cost = DecimalString(source="money.cost", allow_null=True)
    currency = serializers.CharField(source="money.currency")
    price = DecimalString(source="row.price", allow_null=True)
    price_currency = serializers.CharField(source="row.native.currency")
    price_as_of = serializers.SerializerMethodField()
    price_source = serializers.CharField(source="row.price_source")
    price_stale = serializers.BooleanField(source="row.price_stale")
    market_value = DecimalString(source="money.value", allow_null=True)
    unrealised_gain = DecimalString(source="money.unrealised", allow_null=True)
    realised_gain = DecimalString(source="money.realised", allow_null=True)
    income = DecimalString(source="money.income", allow_null=True)
    day_change = DecimalString(source="money.day_change", allow_null=True)
    weight = DecimalString(source="row.weight", allow_null=True)
    issues = serializers.ListField(child=serializers.CharField(), source="row.issues")

    def get_price_as_of(self, item: dict[str, Any]) -> str | None:
        """ISO date, or date and time, of the price."""
        as_of = item["row"].price_as_of
        return as_of.isoformat() if as_of else None


class PositionViewSet(WorkspaceMixin, viewsets.ViewSet):
    """Positions on any day, one row per holder and asset; ``by=account`` splits them."""

    pagination_class = None
    serializer_class = PositionSerializer

    @extend_schema(parameters=[ON, CURRENCY, BY], responses=PositionSerializer(many=True))
    def list(self, request: Request) -> HttpResponseBase:
        """Every position; without ``currency`` each is in its asset's own."""
        currency = _choice(request, "currency", ("BRL", "USD"))
        by: By = "account" if _choice(request, "by", ("asset", "account")) == "account" else "asset"
        on = _on(request)
        key = page_key(self.access, on, "api", currency, by, self.access.workspace.ledger_version)
        return answer(request, key, lambda: _positions(self.access, currency, on, by))

    @extend_schema(parameters=[ASSET, ON, CURRENCY], responses=OpenApiTypes.OBJECT)
    def retrieve(self, request: Request, pk: str) -> Response:
        """How an asset's quantity, average price and gains came to be, line by line."""
        asset = asset_get(access=self.access, asset_id=pk)
        trails = explanation(
            access=self.access,
            asset=asset,
            currency=_choice(request, "currency", ("BRL", "USD")),
            on=_on(request),
        )
        return Response({"ticker": asset.ticker, "holders": [_trail(t) for t in trails]})


def _positions(access: Access, currency: str | None, on: dt.date | None, by: By) -> dict[str, Any]:
    found = positions_on(access=access, currency=currency or "BRL", on=on, by=by)
    rows = []
    for row in found.rows:
        money = row.report if currency else row.native
        average = money.cost / row.quantity if money.cost is not None and row.quantity else None
        rows.append({"row": row, "money": money, "average_cost": average})
    data = PositionSerializer(rows, many=True).data
    return {
        "count": len(data),
        "next": None,
        "previous": None,
        "on": found.on.isoformat(),
        "is_stale": found.is_stale,
        "results": data,
    }


def answer(request: Request, key: str, compute: Callable[[], Any]) -> HttpResponseBase:
    """The JSON of ``compute``, kept as bytes under ``key``, with a validator for the next time."""
    etag = quote_etag(key[-40:])
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    body: bytes | None = cache.get(f"json:{key}")
    if body is None:
        body = JSONRenderer().render(compute())
        cache.set(f"json:{key}", body, CACHE_SECONDS)
    return HttpResponse(body, content_type="application/json", headers=headers)


def _text(value: Any) -> str | None:
    return DecimalString().to_representation(value)


def _trail(trail: Any) -> dict[str, Any]:
    lines = trail_lines(trail)["lines"]
    return {
        "holder": trail.holder,
        "currency": trail.currency,
        "quantity": _text(trail.holding.quantity),
        "average_cost": _text(trail.holding.average_cost),
        "total_cost": _text(trail.holding.total_cost),
        "realised_gain": _text(trail.holding.realised_gain),
        "steps": [
            {
                "date": line["step"].date.isoformat(),
                "kind": str(line["step"].kind),
                "transaction": line["item"].transaction_id,
                "account": line["item"].account,
                "text": line["what"],
                "formula": line["step"].formula,
                "quantity": _text(line["step"].quantity),
                "cost": _text(line["step"].cost),
                "average_cost": _text(line["step"].average),
                "realised": _text(line["step"].realised),
            }
            for line in lines
        ],
    }


class DashboardViewSet(WorkspaceMixin, viewsets.ViewSet):
    """The overview's figures."""

    pagination_class = None
    serializer_class = serializers.Serializer

    @extend_schema(parameters=[ON, CURRENCY], responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> HttpResponseBase:
        """Worth, change of the day, gains, income, allocation and largest positions."""
        currency = _choice(request, "currency", ("BRL", "USD")) or "BRL"
        on = _on(request)
        key = page_key(self.access, on, "dashboard", currency, self.access.workspace.ledger_version)
        return answer(
            request,
            key,
            lambda: _plain(dashboard_figures(access=self.access, currency=currency, on=on)),
        )


class EvolutionViewSet(WorkspaceMixin, viewsets.ViewSet):
    """Worth and net contributions by day."""

    pagination_class = None
    serializer_class = serializers.Serializer

    @extend_schema(
        parameters=[
            CURRENCY,
            OpenApiParameter("from", OpenApiTypes.DATE),
            OpenApiParameter("to", OpenApiTypes.DATE),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def list(self, request: Request) -> Response:
        """The daily series; 202 while the worker builds it."""
        found = evolution(
            access=self.access,
            currency=_choice(request, "currency", ("BRL", "USD")) or "BRL",
            start=_day(request, "from"),
            end=_day(request, "to"),
        )
        if found is None:
            return Response({"status": "building"}, status=202)
        return Response(found)


def _day(request: Request, name: str) -> dt.date | None:
    text = request.query_params.get(name)
    try:
        found = parse_date(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        raise Invalid("invalid_date", _("Use uma data no formato AAAA-MM-DD."), field=name)
    return found


def _plain(value: Any) -> Any:
    """Figures as JSON: decimals as text, dates as ISO."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if hasattr(value, "as_tuple"):
        return _text(value)
    return value
