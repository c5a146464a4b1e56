"""Who a token belongs to, with their workspace read in the same query."""

from __future__ import annotations

from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import get_md5_hash_password

from apps.accounts.access import Access
from apps.accounts.selectors import access_with_user

HEADER = "X-Workspace"


class TokenAuthentication(JWTAuthentication):
    """JWT as the library checks it; a member's usual request costs one query."""

    def authenticate(self, request: Any) -> tuple[Any, Token] | None:
        """The person and the token; notes the access found with them on the request."""
        self._named = request.headers.get(HEADER, "").strip() or None
        self._access: Access | None = None
        found: tuple[Any, Token] | None = super().authenticate(request)
        if self._access is not None:
            request._request.access_found = self._named, self._access
        return found

    def get_user(self, validated_token: Token) -> Any:
        """The token's person. Whatever is not as usual is left to the library to refuse."""
        access = access_with_user(
            user_id=validated_token.get(api_settings.USER_ID_CLAIM), workspace_id=self._named
        )
        if access is not None and access.user.is_active:
            claim = validated_token.get(api_settings.REVOKE_TOKEN_CLAIM)
            if claim == get_md5_hash_password(access.user.password):
                self._access = access
                return access.user
        return super().get_user(validated_token)
