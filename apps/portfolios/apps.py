"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfoliosConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.portfolios"
    label = "portfolios"
    verbose_name = _("Carteira")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connects the receivers; has the version of the figures read with whoever asks."""
        from apps.accounts.access import ALONGSIDE
        from apps.portfolios import receivers  # noqa: F401

        ALONGSIDE["built_version"] = "workspace__build__ledger_version"
