"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.dashboard"
    label = "dashboard"
    verbose_name = _("Painel")
    default_auto_field = "django.db.models.BigAutoField"
