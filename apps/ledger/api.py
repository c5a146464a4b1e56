"""Endpoints of the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Access
from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.assets.models import Asset
from apps.assets.selectors import asset_get
from apps.brokers.selectors import account_get
from apps.common.api import DecimalString
from apps.common.errors import FieldError, Invalid, NotFound
from apps.ledger import selectors, services
from apps.ledger.kinds import CASH, INCOME, TRADES
from apps.ledger.models import BrokerageNote, Bucket, Kind, Transaction
from apps.ledger.services import TransactionInput

CURRENCY = r"^[A-Z]{3}$"


def _money(**kwargs: Any) -> DecimalString:
    return DecimalString(max_digits=28, decimal_places=10, **kwargs)


def _rate(**kwargs: Any) -> DecimalString:
    return DecimalString(max_digits=28, decimal_places=12, **kwargs)


class TransactionSerializer(serializers.ModelSerializer[Transaction]):
    """A row of the ledger. Money is in ``currency``; null fees and tax are unknown."""

    ticker = serializers.CharField(source="asset.ticker", read_only=True, default=None)
    to_ticker = serializers.CharField(source="to_asset.ticker", read_only=True, default=None)
    account_name = serializers.CharField(source="account.name", read_only=True)
    quantity = DecimalString(read_only=True, allow_null=True)
    unit_price = _money(read_only=True, allow_null=True)
    amount = _money(read_only=True, allow_null=True)
    fees = _money(read_only=True, allow_null=True)
    tax_withheld = _money(read_only=True, allow_null=True)
    fx_rate = _rate(read_only=True, allow_null=True)
    ratio = _rate(read_only=True, allow_null=True)
    cost_share = _rate(read_only=True, allow_null=True)

    class Meta:
        model = Transaction
        fields = (
            "id",
            "kind",
            "trade_date",
            "trade_time",
            "account",
            "account_name",
            "asset",
            "ticker",
            "quantity",
            "unit_price",
            "amount",
            "fees",
            "tax_withheld",
            "currency",
            "fx_rate",
            "ratio",
            "to_asset",
            "to_ticker",
            "to_currency",
            "cost_share",
            "bucket",
            "note",
            "origin",
            "batch_id",
            "brokerage_note",
            "edited_by_hand",
            "sequence",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class TransactionBody(serializers.Serializer[Any]):
    """A row to record. Assets are named by id (``asset``) or code (``ticker``, ``ABC:US``)."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    trade_date = serializers.DateField()
    trade_time = serializers.TimeField(required=False, allow_null=True)
    account = serializers.UUIDField()
    asset = serializers.UUIDField(required=False, allow_null=True)
    ticker = serializers.CharField(required=False, allow_blank=True, max_length=60)
    quantity = DecimalString(required=False, allow_null=True)
    unit_price = _money(required=False, allow_null=True)
    amount = _money(required=False, allow_null=True)
    fees = _money(required=False, allow_null=True)
    tax_withheld = _money(required=False, allow_null=True)
    currency = serializers.RegexField(CURRENCY, required=False, allow_blank=True)
    fx_rate = _rate(required=False, allow_null=True)
    ratio = _rate(required=False, allow_null=True)
    to_asset = serializers.UUIDField(required=False, allow_null=True)
    to_ticker = serializers.CharField(required=False, allow_blank=True, max_length=60)
    to_currency = serializers.RegexField(CURRENCY, required=False, allow_blank=True)
    cost_share = _rate(required=False, allow_null=True)
    bucket = serializers.ChoiceField(choices=Bucket.choices, required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class PreviewBody(TransactionBody):
    """A row that might be recorded; ``transaction`` names the one it would replace."""

    transaction = serializers.UUIDField(required=False, allow_null=True)


class FiguresSerializer(serializers.Serializer[Any]):
    """A position at one moment; null is unknown."""

    quantity = DecimalString()
    average_cost = DecimalString(source="average", allow_null=True)
    total_cost = DecimalString(source="cost", allow_null=True)
    realised_gain = DecimalString(source="realised", allow_null=True)
    income = DecimalString(allow_null=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """A holder's position without and with the row."""

    asset = serializers.CharField()
    ticker = serializers.CharField()
    holder = serializers.CharField()
    currency = serializers.CharField()
    before = FiguresSerializer()
    after = FiguresSerializer()


class CashChangeSerializer(serializers.Serializer[Any]):
    """What the row adds to an account's cash."""

    account = serializers.CharField()
    currency = serializers.CharField()
    amount = DecimalString()


class PreviewSerializer(serializers.Serializer[Any]):
    """The effect of a row: ``then`` on its date when later rows exist, ``now`` in the end."""

    date = serializers.DateField()
    now = ChangeSerializer(many=True)
    then = ChangeSerializer(many=True)
    cash = CashChangeSerializer(many=True)
    issues = serializers.ListField(child=serializers.CharField())
    solved = serializers.ListField(child=serializers.CharField())


def _asset(access: Access, values: dict[str, Any], name: str, code: str) -> Asset | None:
    """The asset that ``name`` (id) or ``code`` says. Raises :class:`Invalid`."""
    key, text = values.pop(name, None), values.pop(code, "")
    found = None
    try:
        if key is not None:
            found = asset_get(access=access, asset_id=key)
    except NotFound as error:
        raise Invalid("not_found", error.message, field=name) from None
    if found is None and text:
        found = selectors.asset_by_text(access=access, text=text)
        if found is None:
            message = _("Não conhecemos este código; inclua o ativo primeiro.")
            raise Invalid("unknown_asset", message, field=code)
    return found


def to_input(
    access: Access, body: dict[str, Any], row: Transaction | None = None
) -> TransactionInput:
    """The row a request describes, on top of a stored one for a partial change."""
    values = dict(body)
    names = TransactionInput.__dataclass_fields__
    base: dict[str, Any] = {n: getattr(row, n) for n in names} if row is not None else {}
    if "account" in values:
        try:
            base["account"] = account_get(access=access, account_id=values.pop("account"))
        except NotFound as error:
            raise Invalid("not_found", error.message, field="account") from None
    for name, code in (("asset", "ticker"), ("to_asset", "to_ticker")):
        if name in values or code in values:
            base[name] = _asset(access, values, name, code)
    return TransactionInput(**{**base, **values})


class TransactionFilter(django_filters.FilterSet):
    """Narrowing the ledger."""

    kind = django_filters.MultipleChoiceFilter(choices=Kind.choices)
    account = django_filters.UUIDFilter("account_id")
    asset = django_filters.UUIDFilter("asset_id")
    ticker = django_filters.CharFilter("asset__ticker", lookup_expr="iexact")
    date_from = django_filters.DateFilter("trade_date", lookup_expr="gte")
    date_to = django_filters.DateFilter("trade_date", lookup_expr="lte")
    batch = django_filters.UUIDFilter("batch_id")
    origin = django_filters.CharFilter()
    fees_unknown = django_filters.BooleanFilter(method="by_fees", label="fees_unknown")

    class Meta:
        model = Transaction
        fields: tuple[str, ...] = ()

    def by_fees(self, queryset: Any, name: str, value: bool) -> Any:
        """Trades whose fees nobody gave, or all the rest."""
        unknown = {"fees__isnull": True, "kind__in": TRADES}
        return queryset.filter(**unknown) if value else queryset.exclude(**unknown)


class LedgerList(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Rows of some kinds, newest first."""

    serializer_class = TransactionSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_class = TransactionFilter
    ordering_fields = ("trade_date", "sequence", "kind", "created_at", "updated_at")
    kinds: tuple[Kind, ...] = ()

    def get_queryset(self) -> Any:
        """The workspace's rows."""
        rows = selectors.transactions_of(access=self.access)
        return rows.filter(kind__in=self.kinds) if self.kinds else rows


@extend_schema_view(list=extend_schema(description=_("Proventos: os mesmos de `transactions/`.")))
class IncomeView(LedgerList):
    """Dividends, JCP, FII income, interest and lending income."""

    kinds = INCOME


@extend_schema_view(list=extend_schema(description=_("Caixa: os mesmos de `transactions/`.")))
class CashMovementView(LedgerList):
    """Deposits, withdrawals, fees, taxes and exchange."""

    kinds = CASH


class TransactionView(LedgerList):
    """Every row of the ledger."""

    def _row(self, pk: str) -> Transaction:
        return selectors.transaction_get(access=self.access, transaction_id=pk)

    @extend_schema(request=TransactionBody, responses={201: TransactionSerializer})
    def create(self, request: Request) -> Response:
        """Records a row."""
        body = TransactionBody(data=request.data)
        body.is_valid(raise_exception=True)
        data = to_input(self.access, body.validated_data)
        made = services.transaction_record(access=self.access, data=data)
        return Response(TransactionSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TransactionBody, responses=TransactionSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Replaces a row: what is left out becomes empty."""
        row = self._row(pk)
        body = TransactionBody(data=request.data)
        body.is_valid(raise_exception=True)
        data = to_input(self.access, body.validated_data)
        changed = services.transaction_update(access=self.access, row=row, data=data)
        return Response(TransactionSerializer(changed).data)

    @extend_schema(request=TransactionBody(partial=True), responses=TransactionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes what is given. A new asset brings its currency unless one is given too."""
        row = self._row(pk)
        body = TransactionBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        data = to_input(self.access, body.validated_data, row)
        if data.asset != row.asset and "currency" not in body.validated_data:
            data = replace(data, currency="")
        changed = services.transaction_update(access=self.access, row=row, data=data)
        return Response(TransactionSerializer(changed).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Deletes a row; the history keeps it."""
        services.transaction_delete(access=self.access, row=self._row(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=PreviewBody, responses=PreviewSerializer)
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def preview(self, request: Request) -> Response:
        """What a row would do to position and average price. Records nothing."""
        body = PreviewBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        key = values.pop("transaction", None)
        row = self._row(str(key)) if key else None
        data = to_input(self.access, values)
        found = selectors.transaction_preview(access=self.access, data=data, row=row)
        return Response(PreviewSerializer(found).data)


class NoteSerializer(serializers.ModelSerializer[BrokerageNote]):
    """A brokerage note and the trades that carry its fees."""

    fees = _money(read_only=True)
    irrf = _money(read_only=True, allow_null=True)
    trades = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)

    class Meta:
        model = BrokerageNote
        fields = ("id", "account", "trade_date", "number", "fees", "irrf", "trades", "created_at")
        read_only_fields = fields


class NoteBody(serializers.Serializer[Any]):
    """A note to record; without ``trades`` it takes those of the day whose fees are unknown."""

    account = serializers.UUIDField()
    trade_date = serializers.DateField()
    number = serializers.CharField(required=False, allow_blank=True, max_length=40, default="")
    fees = _money()
    irrf = _money(required=False, allow_null=True, default=None)
    trades = serializers.ListField(child=serializers.UUIDField(), required=False)


class NotePatch(serializers.Serializer[Any]):
    """What may be corrected in a note."""

    number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    fees = _money(required=False)
    irrf = _money(required=False, allow_null=True)
    trades = serializers.ListField(child=serializers.UUIDField(), required=False)


class NoteView(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet):
    """Fees by note and day, spread over its trades by value."""

    serializer_class = NoteSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ("account", "trade_date", "number")
    ordering_fields = ("trade_date", "number", "created_at")

    def get_queryset(self) -> Any:
        """The workspace's notes."""
        return selectors.notes_of(access=self.access).prefetch_related("trades")

    def _answer(self, note: BrokerageNote, code: int = status.HTTP_200_OK) -> Response:
        return Response(NoteSerializer(note).data, status=code)

    @extend_schema(request=NoteBody, responses={201: NoteSerializer})
    def create(self, request: Request) -> Response:
        """Records a note and spreads its fees."""
        body = NoteBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        try:
            account = account_get(access=self.access, account_id=values.pop("account"))
        except NotFound as error:
            errors = [FieldError("account", "not_found", error.message)]
            raise Invalid("invalid", error.message, errors=errors) from None
        values["trade_ids"] = values.pop("trades", None)
        made = services.brokerage_note_record(access=self.access, account=account, **values)
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=NotePatch, responses=NoteSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Corrects a note and spreads it anew."""
        note = selectors.note_get(access=self.access, note_id=pk)
        body = NotePatch(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        trades = given.pop("trades", None)
        values = {"number": note.number, "fees": note.fees, "irrf": note.irrf, **given}
        changed = services.brokerage_note_update(
            access=self.access, note=note, trade_ids=trades, **values
        )
        return self._answer(changed)

    def destroy(self, request: Request, pk: str) -> Response:
        """Takes a note back: its trades' fees become unknown."""
        note = selectors.note_get(access=self.access, note_id=pk)
        services.brokerage_note_delete(access=self.access, note=note)
        return Response(status=status.HTTP_204_NO_CONTENT)


routes = [
    ("transactions", TransactionView, "transaction"),
    ("income", IncomeView, "income"),
    ("cash-movements", CashMovementView, "cash-movement"),
    ("brokerage-notes", NoteView, "brokerage-note"),
]
