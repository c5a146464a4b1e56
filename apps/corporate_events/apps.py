from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorporateEventsConfig(AppConfig):
    name = "apps.corporate_events"
    label = "corporate_events"
    verbose_name = _("Eventos corporativos")
    default_auto_field = "django.db.models.BigAutoField"
