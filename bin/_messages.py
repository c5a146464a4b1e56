"""Texts of the code and the templates, and the catalogues that translate them.

Django's own makemessages calls GNU gettext; Babel reads Python and writes catalogues without it.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = {"en": ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"}
TEMPLATES = {".html", ".txt"}
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Neither dates nor names of people: two runs over the same texts write the same bytes.
HEADER = """\
# Exitus: Brazilian Portuguese, the language of the texts in the code, into English.
# Gathered by bin/messages; compiled by the set-up.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def sources() -> list[Path]:
    """Files that may hold texts, in a fixed order. Tests speak to no user."""
    python = [
        path
        for folder in ("apps", "exitus")
        for path in (ROOT / folder).rglob("*.py")
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
    ]
    templates = [
        path
        for folder in [ROOT / "templates", *(ROOT / "apps").glob("*/templates")]
        for path in folder.rglob("*")
        if path.suffix in TEMPLATES
    ]
    return sorted(python) + sorted(templates)


def texts_of(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    """Line, text (or singular and plural) and context of every text of a file."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is no text became X's; their indentation would mean something to a Python reader.
        lines = templatize(source, origin=str(path)).split("\n")
        source = "\n".join(line.strip() for line in lines)
    found = extract("python", io.BytesIO(source.encode()), KEYWORDS)  # type: ignore[arg-type]
    for line, text, _, context in found:
        yield line, text, context


def gather() -> Catalog:
    """Every text there is, with the files that hold it."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        for _, text, context in texts_of(path):
            catalog.add(text, locations=[(place, 0)], context=context)
    return catalog


def read(path: Path) -> Catalog:
    """A catalogue, empty when there is none yet."""
    if not path.exists():
        return Catalog(charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def strings(message: Message) -> tuple[str, ...]:
    """The translation's forms: one, or one for each plural."""
    forms = message.string or ""
    return (forms,) if isinstance(forms, str) else tuple(forms)


def is_translated(message: Message) -> bool:
    """Whether every form of the message has a certain translation."""
    return bool(strings(message)) and all(strings(message)) and not message.fuzzy


def merge(texts: Catalog, known: Catalog) -> Catalog:
    """The texts there are with the translations there were. Texts that left are dropped."""
    merged = Catalog(charset="utf-8")
    for text in texts:
        if not text.id:
            continue
        old = known.get(text.id, text.context)
        # Singular and plural look alike in a catalogue's index: only the same kind is kept.
        kept = old if old is not None and old.pluralizable == text.pluralizable else None
        merged.add(
            text.id,
            kept.string if kept is not None else "",
            locations=text.locations,
            flags=kept.flags - {"python-format", "python-brace-format"} if kept is not None else (),
            user_comments=kept.user_comments if kept is not None else (),
            context=text.context,
        )
    return merged


def written(catalog: Catalog, language: str) -> bytes:
    """The catalogue's file."""
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, include_lineno=False, sort_by_file=True, width=100)
    return HEADER.format(language=language).encode() + body.getvalue()


def main() -> int:
    """Writes the catalogues; answers how many texts lack a translation."""
    parser = argparse.ArgumentParser(prog="bin/messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args()
    settings.configure()  # templatize asks for the default charset
    texts, missing, stale = gather(), 0, False
    for language, path in CATALOGUES.items():
        merged = merge(texts, read(path))
        content = written(merged, language)
        stale |= not path.exists() or path.read_bytes() != content
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for message in merged:
            if message.id and not is_translated(message):
                missing += 1
                print(f"{language}: {message.id!r}  ({message.locations[0][0]})")
    print(f"{len(texts)} texts, {missing} to translate.")
    return 1 if missing or (options.check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
