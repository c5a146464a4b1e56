"""What every template may ask of the installation."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Installation switches; no query, no session."""
    return {
        "signup_open": settings.EXITUS_SIGNUP_OPEN,
        "mail_enabled": settings.EXITUS_MAIL_ENABLED,
        "mfa_enabled": settings.EXITUS_MFA_ENABLED,
        "demo_enabled": settings.EXITUS_DEMO,
        "oidc_enabled": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
