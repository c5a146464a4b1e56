#!/usr/bin/env python
"""Django's command line, on the embedded servers when no DATABASE_URL / REDIS_URL is set."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exitus.settings.embedded")
    from exitus import embedded

    try:
        with embedded.for_command(sys.argv):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except embedded.EmbeddedError as error:
        embedded.complain(error)


if __name__ == "__main__":
    main()
