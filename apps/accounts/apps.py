"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = _("Pessoas e espaços")
    default_auto_field = "django.db.models.BigAutoField"
