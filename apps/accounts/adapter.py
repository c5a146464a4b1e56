"""How django-allauth signs people up here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _t

from apps.accounts.models import User
from apps.accounts.services import workspace_create


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Opens sign-up where the installation allows it and gives each person a workspace."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may sign up on this installation."""
        return bool(settings.EXITUS_SIGNUP_OPEN)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Saves the person and makes their workspace in the same breath."""
        user = super().save_user(request, user, form, commit=commit)
        if commit:
            workspace_create(user=user, name=_t("Minha carteira"))
        return user
