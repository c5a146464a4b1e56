"""Writes a catalogue of the source language in which every text stands for itself.

The texts in the code are Portuguese, so a lookup finds nothing and walks the whole chain of
fallbacks, once for every text of every page. With this catalogue the first look finds it. Texts of
libraries that have no Portuguese come from ``locale/pt_BR/LC_MESSAGES/django.po``.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"
SOURCE = LOCALE / "pt_BR" / "LC_MESSAGES"


def main() -> None:
    """Reads the English catalogue for its source texts and writes theirs."""
    catalogue = Catalog(locale="pt_BR")
    # As without a catalogue: one is singular, anything else plural.
    catalogue._num_plurals, catalogue._plural_expr = 2, "(n != 1)"
    with (LOCALE / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
        for message in read_po(file, locale="en"):
            if message.id:
                catalogue.add(message.id, message.id, context=message.context)
    own = SOURCE / "django.po"
    if own.exists():
        with own.open("rb") as file:
            for message in read_po(file, locale="pt_BR"):
                if message.id and message.string:
                    catalogue.add(message.id, message.string, context=message.context)
    SOURCE.mkdir(parents=True, exist_ok=True)
    with (SOURCE / "django.mo").open("wb") as file:
        write_mo(file, catalogue)


if __name__ == "__main__":
    main()
