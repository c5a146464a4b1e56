"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PerformanceConfig(AppConfig):
    """Names the app for Django; connects its receivers."""

    name = "apps.performance"
    label = "performance"
    verbose_name = _("Análises")

    def ready(self) -> None:
        """Connects the receivers."""
        from apps.performance import receivers  # noqa: F401
