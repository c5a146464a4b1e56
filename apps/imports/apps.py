"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.imports"
    label = "imports"
    verbose_name = _("Importações")
    default_auto_field = "django.db.models.BigAutoField"
