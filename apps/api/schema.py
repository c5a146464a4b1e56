"""What the OpenAPI description says of every operation: its errors and its common headers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class TokenScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    """Our way of reading the same tokens."""

    target_class = "apps.accounts.tokens.TokenAuthentication"


WORKSPACE = OpenApiParameter(
    "X-Workspace",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description=_("O espaço de trabalho; sem ele, o inicial da pessoa."),
)
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": 120},
    OpenApiParameter.HEADER,
    description=_(
        "Repetir o pedido com a mesma chave e o mesmo conteúdo devolve a mesma resposta."
    ),
)

PROBLEMS = {
    "400": _("O pedido não pode ser aceito como está; `errors` diz os campos."),
    "401": _("Falta um token válido."),
    "403": _("A pessoa pode ver, mas não fazer isto."),
    "404": _("Não existe, ou não é de quem pede."),
    "405": _("O endereço não aceita este método."),
    "406": _("O formato pedido em `Accept` não é oferecido."),
    "409": _("O estado não permite isto, ou um pedido com a mesma chave ainda está em andamento."),
    "413": _("O conteúdo é maior que o limite."),
    "415": _("O tipo do conteúdo não é aceito."),
    "422": _("A chave de idempotência já foi usada com outro conteúdo."),
    "429": _("Pedidos demais; `Retry-After` diz quando voltar."),
}
_WITH_BODY = {"409", "413", "415", "422"}


class ProblemField(serializers.Serializer[Any]):
    """One wrong field."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error as RFC 9457 writes it; ``code`` is stable, ``detail`` is for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemField(many=True)
    request_id = serializers.CharField()


class Schema(AutoSchema):
    """Adds to each operation what the whole API shares."""

    def get_override_parameters(self) -> list[Any]:
        """The headers of a workspace and of repeatable writes."""
        parameters = list(super().get_override_parameters())
        # The mixins are known by their attributes: every view imports this module first.
        if hasattr(type(self.view), "access"):
            parameters.append(WORKSPACE)
        if self.method in getattr(self.view, "idempotent_methods", ()):
            parameters.append(IDEMPOTENCY)
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with its problems documented."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        from apps.common.api import PROBLEM_JSON

        problem = self.resolve_serializer(Problem, "response").ref
        for code, description in PROBLEMS.items():
            if code in _WITH_BODY and self.method == "GET":
                continue
            operation["responses"].setdefault(
                code, {"description": description, "content": {PROBLEM_JSON: {"schema": problem}}}
            )
        return operation
