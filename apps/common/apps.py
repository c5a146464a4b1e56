"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.common"
    label = "common"
    verbose_name = _("Comum")
    default_auto_field = "django.db.models.BigAutoField"
