"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketDataConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.market_data"
    label = "market_data"
    verbose_name = _("Dados de mercado")
    default_auto_field = "django.db.models.BigAutoField"
