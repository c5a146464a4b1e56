"""Sign-up and JSON Web Tokens."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.serializers import (
    TokenBlacklistSerializer,
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.views import TokenViewBase

from apps.accounts.models import User
from apps.accounts.second_factor import second_factor_missing
from apps.accounts.services import user_register
from apps.common.errors import Forbidden


class ByAddress(SimpleRateThrottle):
    """So many tries of a scope from one address, signed in or not."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def get_rate(self) -> str | None:
        """The rate as the settings have it now."""
        rate: str | None = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].get(self.scope)
        return rate

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """One bucket for each address."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ByName(ByAddress):
    """So many tries of a scope on one username, from wherever they come."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """One bucket for each username, hashed: the cache keeps no names."""
        data = request.data
        name = str(data.get("username", "")).strip().lower() if hasattr(data, "get") else ""
        if not name:
            return None
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return self.cache_format % {"scope": self.scope, "ident": f"name-{digest}"}


class RegisterInput(serializers.Serializer[Any]):
    """What signing up takes."""

    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=128, write_only=True, trim_whitespace=False, style={"input_type": "password"}
    )


class RegisterOutput(serializers.Serializer[Any]):
    """The person and the workspace made for them."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    email = serializers.EmailField()
    default_workspace = serializers.UUIDField(source="default_workspace_id")


class TokenPair(serializers.Serializer[Any]):
    """An access token for 30 minutes and a refresh token for 7 days."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class RegisterView(APIView):
    """Signs a person up where the installation allows it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_throttles(self) -> list[Any]:
        """Sign-ups from one address."""
        return [ByAddress("register")]

    @extend_schema(
        operation_id="auth_register",
        tags=["auth"],
        request=RegisterInput,
        responses={201: RegisterOutput},
    )
    def post(self, request: Request) -> Response:
        """Makes the person and their workspace; 403 when sign-up is closed."""
        if not settings.EXITUS_SIGNUP_OPEN:
            raise Forbidden("signup_closed", _("O cadastro está fechado nesta instalação."))
        data = RegisterInput(data=request.data)
        data.is_valid(raise_exception=True)
        user = user_register(**data.validated_data)
        return Response(RegisterOutput(user).data, status=status.HTTP_201_CREATED)


class LoginSerializer(TokenObtainPairSerializer):
    """Username (or e-mail) and password; ``code`` where a second factor is set up."""

    code = serializers.CharField(required=False, default="", allow_blank=True, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Answers the pair. Raises ``AuthenticationFailed``."""
        data = super().validate(attrs)
        user: Any = self.user
        if second_factor_missing(user=user, code=attrs.get("code", "")):
            raise exceptions.AuthenticationFailed(
                _("Informe em `code` o código do segundo fator."), "second_factor_required"
            )
        return data


class RefreshSerializer(TokenRefreshSerializer):
    """The refresh token, which is spent and answered anew."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Answers the pair. A token of someone who no longer exists is not valid."""
        try:
            return super().validate(attrs)
        except User.DoesNotExist:
            raise TokenError(_("O token é inválido ou expirou.")) from None


class TokenView(TokenViewBase):
    """Shared by the three token addresses: no session, no role."""

    permission_classes = (AllowAny,)


class LoginView(TokenView):
    """Username and password for a pair of tokens."""

    serializer_class = LoginSerializer

    def get_throttles(self) -> list[Any]:
        """Guesses from one address, and on one name from many addresses."""
        return [ByAddress("login"), ByName("login")]

    @extend_schema(
        operation_id="auth_token", tags=["auth"], request=LoginSerializer, responses=TokenPair
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers an access and a refresh token."""
        return super().post(request, *args, **kwargs)


class RefreshView(TokenView):
    """A refresh token for a new pair; the old one is spent."""

    serializer_class = RefreshSerializer

    @extend_schema(
        operation_id="auth_token_refresh",
        tags=["auth"],
        request=RefreshSerializer,
        responses=TokenPair,
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers a new pair."""
        return super().post(request, *args, **kwargs)


class LogoutView(TokenView):
    """Puts a refresh token on the blacklist."""

    serializer_class = TokenBlacklistSerializer

    @extend_schema(
        operation_id="auth_logout",
        tags=["auth"],
        request=TokenBlacklistSerializer,
        responses={204: OpenApiResponse(description=_("A sessão terminou."))},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ends the session of this refresh token."""
        serializer = self.get_serializer(data=request.data)
        try:
            serializer.is_valid(raise_exception=True)
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
