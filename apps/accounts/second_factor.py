"""The second factor, for doors where only a password is asked."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from apps.accounts.models import User

_CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def second_factor_missing(*, user: User, code: str) -> bool:
    """Whether the person set up a second factor that ``code`` does not satisfy.

    A passkey cannot be shown here, so whoever has only passkeys never passes. One query.
    """
    authenticators = list(Authenticator.objects.filter(user=user))
    if not authenticators:
        return False
    coded = [item for item in authenticators if item.type in _CODES]
    return not code or not any(item.wrap().validate_code(code) for item in coded)
