"""Django's entry to the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TaxesConfig(AppConfig):
    """Names the app for Django and the admin."""

    name = "apps.taxes"
    label = "taxes"
    verbose_name = _("Impostos")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connects the receivers; has the law seeded with the other reference data."""
        from apps.common.seeding import LATER
        from apps.taxes import receivers  # noqa: F401
        from apps.taxes.seeds import seed_reference

        LATER.append(seed_reference)
