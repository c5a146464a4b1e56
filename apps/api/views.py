"""Addresses that belong to the API as a whole."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import get_language
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@extend_schema(exclude=True)
class UnknownView(APIView):
    """Says that an address under /api/ leads nowhere, as a problem and not as a page."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses every method alike."""
        super().initial(request, *args, **kwargs)
        raise NotFound

    def get(self, request: Request) -> Response:
        """Never reached: ``initial`` refuses first."""
        raise NotFound


class SchemaView(SpectacularAPIView):
    """The description, drawn once for each language: it takes a second and never changes."""

    renderer_classes = (
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    )
    drawn: ClassVar[dict[str, Any]] = {}

    def _get_schema_response(self, request: Request) -> Response:
        language = get_language() or ""
        if language not in self.drawn:
            self.drawn[language] = super()._get_schema_response(request).data
        return Response(self.drawn[language])
