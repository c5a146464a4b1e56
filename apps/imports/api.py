"""Endpoints of imports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import UUID_PATTERN, WorkspaceViewSet
from apps.accounts.selectors import holder_get
from apps.brokers.selectors import account_get
from apps.common.api import DecimalString
from apps.common.errors import Invalid
from apps.imports import selectors, services
from apps.imports.formats import Format, Mapping
from apps.imports.models import Batch, Line
from apps.ledger.models import Kind

FORMATS = ["auto", *(str(name) for name in Format)]


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """A file handed in. ``counts`` holds lines by state; ``message`` says why it was refused."""

    message = serializers.SerializerMethodField()
    error_code = serializers.SerializerMethodField()
    proposals = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            "id",
            "status",
            "file_name",
            "size",
            "format",
            "account",
            "holder",
            "counts",
            "proposals",
            "error_code",
            "message",
            "auto_apply",
            "dry_run",
            "created_at",
            "applied_at",
            "undone_at",
        )
        read_only_fields = fields

    def get_message(self, batch: Batch) -> str:
        """One sentence with sheet, row and column; empty where nothing is wrong."""
        return selectors.error_message(batch)

    def get_error_code(self, batch: Batch) -> str:
        """The stable code of what is wrong."""
        return str((batch.error or {}).get("code", ""))

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_proposals(self, batch: Batch) -> dict[str, Any]:
        """Accounts and assets that applying would make, and what a CSV's columns still lack."""
        found = batch.proposals or {}
        return {
            "institutions": found.get("institutions", {}),
            "assets": found.get("assets", {}),
            "lacks": (found.get("meta") or {}).get("lacks", []),
        }


class UploadSerializer(serializers.Serializer[Any]):
    """A file to import."""

    file = serializers.FileField(allow_empty_file=True)
    account = serializers.UUIDField(required=False, allow_null=True)
    holder = serializers.UUIDField(required=False, allow_null=True)
    format = serializers.ChoiceField(choices=FORMATS, default="auto")
    dry_run = serializers.BooleanField(default=False)
    auto_apply = serializers.BooleanField(default=False)


class LineSerializer(serializers.Serializer[Any]):
    """One row of the file: how it stood, what it becomes and why."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    sheet = serializers.CharField()
    state = serializers.ChoiceField(choices=Line.State.choices)
    kind = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()
    raw = serializers.DictField(child=serializers.CharField())
    date = serializers.DateField(allow_null=True)
    asset = serializers.CharField()
    to_asset = serializers.CharField()
    account = serializers.CharField()
    currency = serializers.CharField()
    quantity = DecimalString(allow_null=True)
    unit_price = DecimalString(allow_null=True)
    amount = DecimalString(allow_null=True)
    fees = DecimalString(allow_null=True)
    tax_withheld = DecimalString(allow_null=True)
    ratio = DecimalString(allow_null=True)
    transaction_id = serializers.UUIDField(allow_null=True)
    choices = serializers.SerializerMethodField()
    suggested = serializers.DictField(child=serializers.CharField())

    def get_choices(self, view: selectors.LineView) -> list[str]:
        """Kinds suggested for a line to decide."""
        return [value for value, _label in view.choices]


class DecisionSerializer(serializers.Serializer[Any]):
    """What a line was: a kind with the fields that differ from the file, or ``ignore``."""

    kind = serializers.ChoiceField(choices=["ignore", *Kind.values])
    ticker = serializers.CharField(required=False, max_length=60)
    to_ticker = serializers.CharField(required=False, max_length=60)
    trade_date = serializers.DateField(required=False)
    quantity = DecimalString(required=False, allow_null=True)
    unit_price = DecimalString(required=False, allow_null=True, decimal_places=10)
    amount = DecimalString(required=False, allow_null=True, decimal_places=10)
    fees = DecimalString(required=False, allow_null=True, decimal_places=10)
    tax_withheld = DecimalString(required=False, allow_null=True, decimal_places=10)
    ratio = DecimalString(required=False, allow_null=True)
    cost_share = DecimalString(required=False, allow_null=True)
    alike = serializers.BooleanField(default=False)


class ProposalsSerializer(serializers.Serializer[Any]):
    """Answers to proposals: an account id (or ``create``) by institution, a class by code."""

    institutions = serializers.DictField(child=serializers.CharField(), default=dict)
    assets = serializers.DictField(child=serializers.CharField(), default=dict)


class MappingSerializer(serializers.Serializer[Any]):
    """What the columns of a CSV are."""

    columns = serializers.DictField(child=serializers.CharField())
    decimal = serializers.ChoiceField(choices=["auto", ",", "."], default="auto")
    date_order = serializers.ChoiceField(choices=["auto", "dmy", "mdy", "ymd"], default="auto")
    sign = serializers.ChoiceField(choices=["kind", "quantity", "amount"], default="kind")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    kinds = serializers.DictField(child=serializers.ChoiceField(choices=Kind.values), default=dict)
    save_as = serializers.CharField(required=False, max_length=80, default="")


class UndoSerializer(serializers.Serializer[Any]):
    """Whether rows changed by hand leave too; ``ask`` refuses with 409 where there are any."""

    edited = serializers.ChoiceField(choices=["ask", "remove", "keep"], default="ask")


class ImportView(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    WorkspaceViewSet,
):
    """Files that become ledger rows."""

    serializer_class = BatchSerializer
    lookup_value_regex = UUID_PATTERN
    parser_classes = (MultiPartParser, FormParser, JSONParser)
    filterset_fields = ("status", "format")
    ordering_fields = ("created_at",)

    def get_queryset(self) -> Any:
        """The workspace's batches, newest first; the answers show proposals, never the file."""
        return selectors.batches_of(access=self.access).defer(None).defer("file", "mapping")

    def _batch(self, pk: str) -> Batch:
        return selectors.batch_get(access=self.access, batch_id=pk)

    @extend_schema(request=UploadSerializer, responses={202: BatchSerializer})
    def create(self, request: Request) -> Response:
        """Hands a file in; it is read by a worker."""
        data = UploadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        account = values.get("account")
        holder = values.get("holder")
        batch = services.batch_create(
            access=self.access,
            file_name=values["file"].name or "",
            data=values["file"].read(),
            format=values["format"],
            account=account_get(access=self.access, account_id=account) if account else None,
            holder=holder_get(access=self.access, holder_id=holder) if holder else None,
            auto_apply=values["auto_apply"],
            dry_run=values["dry_run"],
        )
        return Response(self._answer(batch), status=status.HTTP_202_ACCEPTED)

    def _answer(self, batch: Batch) -> dict[str, Any]:
        return dict(BatchSerializer(batch).data)

    @extend_schema(request=None, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Records a reviewed batch; 409 while something waits for an answer."""
        batch = services.batch_apply(access=self.access, batch=self._batch(pk))
        return Response(self._answer(batch), status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=UndoSerializer, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Takes an applied batch back."""
        batch = self._batch(pk)
        data = UndoSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        undone = services.batch_undo(access=self.access, batch=batch, **data.validated_data)
        return Response(self._answer(undone))

    def destroy(self, request: Request, pk: str) -> Response:
        """Forgets a batch that recorded nothing; 409 otherwise."""
        services.batch_delete(access=self.access, batch=self._batch(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=Line.State.values)],
        responses=LineSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[])
    def lines(self, request: Request, pk: str) -> Response:
        """What became of each row, in the order of the file."""
        state = request.query_params.get("state", "")
        if state and state not in Line.State.values:
            raise Invalid("unknown_state", _("Estado desconhecido."), field="state")
        found = selectors.lines_of(batch=self._batch(pk), states=[state] if state else [])
        page = self.paginate_queryset(found)
        views = selectors.line_views(page or [])
        return self.get_paginated_response(LineSerializer(views, many=True).data)

    @extend_schema(request=DecisionSerializer, responses=LineSerializer)
    @action(detail=True, methods=["post"], url_path=r"lines/(?P<line_id>[0-9]+)/decision")
    def decide(self, request: Request, pk: str, line_id: str) -> Response:
        """Says what a line was."""
        batch = self._batch(pk)
        line = selectors.line_get(batch=batch, line_id=line_id)
        data = DecisionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        decided = services.line_decide(
            access=self.access,
            batch=batch,
            line=line,
            kind=values.pop("kind"),
            alike=values.pop("alike"),
            values=values,
        )
        return Response(LineSerializer(selectors.line_view(decided)).data)

    @extend_schema(request=ProposalsSerializer, responses=BatchSerializer)
    @action(detail=True, methods=["post"], url_path="proposals")
    def answer(self, request: Request, pk: str) -> Response:
        """Answers what applying would make."""
        batch = self._batch(pk)
        data = ProposalsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        changed = services.proposals_answer(access=self.access, batch=batch, **data.validated_data)
        return Response(self._answer(changed))

    @extend_schema(request=MappingSerializer, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"])
    def mapping(self, request: Request, pk: str) -> Response:
        """Says what the columns of a CSV are; the file is read again."""
        batch = self._batch(pk)
        data = MappingSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        save_as = values.pop("save_as")
        changed = services.mapping_set(
            access=self.access,
            batch=batch,
            mapping=Mapping.from_dict(values),
            save_as=save_as,
        )
        return Response(self._answer(changed), status=status.HTTP_202_ACCEPTED)


routes = [("imports", ImportView, "import")]
