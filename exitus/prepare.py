"""`python -m exitus.prepare`: migrations, reference data, demonstration; one Django start."""

from __future__ import annotations

import os

import django
from django.core.management import call_command, get_commands


def main() -> None:
    """Brings the database to what this version needs; safe to repeat."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exitus.settings.embedded")
    django.setup()
    from django.conf import settings

    call_command("migrate", interactive=False, verbosity=0)
    known = get_commands()
    for name in ["seed_reference", *(["seed_demo"] if settings.EXITUS_DEMO else [])]:
        if name in known:
            call_command(name, verbosity=1)


if __name__ == "__main__":
    main()
