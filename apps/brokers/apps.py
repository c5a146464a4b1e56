"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BrokersConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.brokers"
    label = "brokers"
    verbose_name = _("Instituições e contas")
    default_auto_field = "django.db.models.BigAutoField"
