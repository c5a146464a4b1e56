"""What selling would cost: the meter, the simulator, the cheapest way, losses, worth after tax."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.common.api import DecimalString
from apps.common.errors import Invalid
from apps.taxes import selectors, services
from apps.taxes.api.base import HOLDER, ON, TaxViewSet, day_asked, plain
from apps.taxes.api.months import HolderInput


class SaleInput(serializers.Serializer[Any]):
    """A sale to suppose; the last price and the account with most of it where not given."""

    asset = serializers.UUIDField()
    quantity = DecimalString()
    unit_price = DecimalString(required=False, max_digits=28, decimal_places=10, min_value=0)
    account = serializers.UUIDField(required=False)
    fees = DecimalString(required=False, max_digits=28, decimal_places=10, min_value=0)


class SimulationInput(HolderInput):
    """Sales of one day."""

    sales = SaleInput(many=True)
    on = serializers.DateField(required=False)


class CashInput(HolderInput):
    """An amount wanted after tax."""

    amount = DecimalString(max_digits=17, decimal_places=2)
    on = serializers.DateField(required=False)


class SimulateView(TaxViewSet):
    """Sales that did not happen; nothing is written."""

    write_role = Role.VIEWER
    idempotent_methods = frozenset()

    @extend_schema(request=SimulationInput, responses=OpenApiTypes.OBJECT)
    def create(self, request: Request) -> Response:
        """What sales of a day would change: tax by bucket, DARF, losses, what is left."""
        data = SimulationInput(data=request.data)
        data.is_valid(raise_exception=True)
        sales = [
            selectors.Sale(
                sale["asset"],
                sale["quantity"],
                sale.get("unit_price"),
                sale.get("account"),
                **({"fees": sale["fees"]} if "fees" in sale else {}),
            )
            for sale in data.validated_data["sales"]
        ]
        found = selectors.simulate_sale(**self.who, sales=sales, on=data.validated_data.get("on"))
        return Response(plain(found))


class RaiseCashView(TaxViewSet):
    """The cheapest way to have an amount; nothing is written."""

    write_role = Role.VIEWER
    idempotent_methods = frozenset()

    @extend_schema(request=CashInput, responses=OpenApiTypes.OBJECT)
    def create(self, request: Request) -> Response:
        """What to sell to have an amount after the least tax, and the other ways."""
        data = CashInput(data=request.data)
        data.is_valid(raise_exception=True)
        amount = data.validated_data["amount"]
        if amount <= 0:
            raise Invalid("not_positive", _("Deve ser maior que zero."), field="amount")
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        on = data.validated_data.get("on")
        return Response(plain(selectors.raise_cash(**self.who, amount=amount, on=on)))


class MeterView(TaxViewSet):
    """The exemption of small sales."""

    @extend_schema(
        parameters=[
            HOLDER,
            ON,
            OpenApiParameter("sale", OpenApiTypes.DECIMAL, description=_("Uma venda a mais.")),
            OpenApiParameter("gold", OpenApiTypes.BOOL),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def list(self, request: Request) -> HttpResponseBase:
        """Sales of the month against the limit, and with one more."""
        on, gold = day_asked(request), request.query_params.get("gold") in ("1", "true")
        field = DecimalString(max_digits=28, decimal_places=10, min_value=0)
        text = request.query_params.get("sale")
        try:
            sale = field.run_validation(text) if text else None
        except serializers.ValidationError:
            raise Invalid("invalid", _("Use um número com ponto."), field="sale") from None
        return self.kept(
            request, lambda: selectors.exemption_meter(**self.who, on=on, sale=sale, gold=gold)
        )


class HarvestView(TaxViewSet):
    """Losses that may be taken."""

    @extend_schema(parameters=[HOLDER], responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> Response:
        """Positions below cost, with the tax that selling each would take back."""
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        return Response(plain(selectors.loss_harvest(**self.who)))


class AfterTaxView(TaxViewSet):
    """Worth after tax."""

    @extend_schema(parameters=[HOLDER], responses=OpenApiTypes.OBJECT)
    def list(self, request: Request) -> Response:
        """What everything would leave if sold today."""
        services.assessments_ensure(workspace_id=self.access.workspace.pk)
        return Response(plain(selectors.after_tax(**self.who)))
