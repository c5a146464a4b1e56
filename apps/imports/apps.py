"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Files that become ledger rows."""

    name = "apps.imports"
    label = "imports"
    verbose_name = _("Importações")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connects the receivers."""
        from apps.imports import receivers  # noqa: F401
