"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssetsConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.assets"
    label = "assets"
    verbose_name = _("Ativos")
    default_auto_field = "django.db.models.BigAutoField"
