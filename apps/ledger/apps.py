"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.ledger"
    label = "ledger"
    verbose_name = _("Lançamentos")
    default_auto_field = "django.db.models.BigAutoField"
