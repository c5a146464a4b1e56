"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorporateEventsConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.corporate_events"
    label = "corporate_events"
    verbose_name = _("Eventos corporativos")
    default_auto_field = "django.db.models.BigAutoField"
