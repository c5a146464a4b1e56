"""How django-allauth signs people up here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from apps.accounts.http import remember_language
from apps.accounts.models import User
from apps.accounts.services import workspace_create


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Opens sign-up where the installation allows it and gives each person a workspace."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may sign up on this installation."""
        return bool(settings.EXITUS_SIGNUP_OPEN)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Saves the person, who reads this page's language, and makes their workspace."""
        user.language = get_language() or user.language
        user = super().save_user(request, user, form, commit=commit)
        if commit:
            workspace_create(user=user, name=_t("Minha carteira"))
        return user

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Lets a person in, in their language; a login that many share has none."""
        response: HttpResponse = super().post_login(request, user, **options)
        if not user.is_shared:
            remember_language(response, user.language)
        return response
