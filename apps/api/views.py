"""Addresses that belong to the API as a whole."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
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
