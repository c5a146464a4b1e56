"""Every text a person reads is translated, whole, with the same blanks to fill in."""

from __future__ import annotations

import gettext
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import unfold
from babel.messages.catalog import Catalog, Message
from celery.app.task import Context
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.template.base import Lexer, TokenType
from django.utils import translation

import exitus.celery  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
OWN_PORTUGUESE = ROOT / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPOKEN = {"title", "aria-label", "aria-description", "placeholder", "alt", "data-label"}
SILENT = {"script", "style", "code", "kbd", "pre"}
# The same word in both languages: names of our own and of others, and codes.
SAME_IN_BOTH = {
    "Exitus",  # our name
    "CPF",  # the Brazilian tax number
    "CNPJ",  # that of a company
    "DARF",  # the form a tax is paid with
    "IOF",
    "IRRF",
    "PTAX",
    "ReVar",  # the tax authority's calculator
    "B3",
    "CSV",
    "PDF",
    "XLSX",
    "BRL",
    "USD",
    "Ctrl",  # keys of the keyboard
    "Esc",
    "PETR4",  # tickers as examples
    "ITUB4",
}
_PERCENT = re.compile(r"%\((\w+)\)([sd])|%([sd%])")
_BRACES = re.compile(r"\{(\w*)\}")
_WORD = re.compile(r"[^\W\d_][\w.]*")
_TAGS = re.compile(r"</?[a-z]+>")
_ENTITY = re.compile(r"&\w+;")
_CONSTANT = re.compile(r"""(?<![_(])(?:"([^"]*)"|'([^']*)')""")
_SENTENCE = re.compile(r"[^\W\d_]\s+[^\W\d_]|[À-ÿ]")
HOLE = "\ue000"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"exitus_{name}", ROOT / "bin" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = _module("_messages")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return messages.gather()


@pytest.fixture(scope="module", params=sorted(messages.CATALOGUES))
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return messages.read(messages.CATALOGUES[request.param])


def blanks(text: str) -> list[str]:
    """What is filled in while the program runs, in no order: a translation may move it."""
    named = ["".join(found) for found in _PERCENT.findall(text)]
    return sorted(named + _BRACES.findall(text) + _TAGS.findall(text))


def forms(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_every_text_is_translated(texts: Catalog, catalogue: Catalog) -> None:
    missing = []
    for text in texts:
        known = catalogue.get(text.id, text.context) if text.id else None
        if text.id and (known is None or not messages.is_translated(known)):
            missing.append(f"{text.id!r} in {text.locations[0][0]}")
        elif known is not None and known.pluralizable != text.pluralizable:
            missing.append(f"the plural of {text.id!r}")
    assert not missing, "Run bin/messages and translate:\n" + "\n".join(missing)


def test_no_translation_outlives_its_text(texts: Catalog, catalogue: Catalog) -> None:
    assert [m.id for m in catalogue if m.id and texts.get(m.id, m.context) is None] == []


def test_translations_have_the_same_blanks(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        own, other = forms(message), messages.strings(message)
        # A singular may write the number out, so a plural answers for both.
        wanted = {tuple(blanks(text)) for text in own}
        wrong += [text for text in other if tuple(blanks(text)) not in wanted]
    assert wrong == []


def test_translations_end_as_their_texts_do(catalogue: Catalog) -> None:
    """A full stop, a colon or an ellipsis lost on the way shows on the page."""
    wrong = []
    for message in filter(lambda one: one.id, catalogue):
        for own, other in zip(forms(message), messages.strings(message), strict=False):
            ends = {text[-1:] if text[-1:] in ".:…?!" else "" for text in (own, other)}
            spaces = {(text[:1].isspace(), text[-1:].isspace()) for text in (own, other)}
            if len(ends) > 1 or len(spaces) > 1:
                wrong.append((own, other))
    assert wrong == []


def test_the_catalogue_is_as_bin_messages_writes_it(texts: Catalog) -> None:
    for language, path in messages.CATALOGUES.items():
        written = messages.written(messages.merge(texts, messages.read(path)), language)
        assert path.read_bytes() == written, "run bin/messages"


def test_the_catalogue_compiles(tmp_path: Path) -> None:
    for path in messages.CATALOGUES.values():
        done = subprocess.run(
            [
                *(sys.executable, "-m", "babel.messages.frontend", "compile"),
                *("--input-file", str(path), "--output-file", str(tmp_path / "django.mo")),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "error" not in done.stderr.lower(), done.stderr


# Portuguese of libraries -------------------------------------------------------------------------


def unfold_texts() -> Iterator[str | tuple[str, ...]]:
    """Texts of the parts of unfold that are in use, its editor of rich text aside."""
    folder = Path(unfold.__file__).parent
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in {".py", ".html"} or path.name == "toolbar.html":
            continue
        if inside.parts[0] == "contrib" and inside.parts[1] not in {"filters", "forms"}:
            continue
        yield from (text for _, text, _ in messages.texts_of(path) if text)


def plural(text: tuple[str, ...]) -> tuple[str, ...]:
    one, many = text
    return tuple(translation.ngettext(one, many, count) for count in (1, 2))


def test_the_administration_speaks_portuguese() -> None:
    own = {text.id for text in messages.read(OWN_PORTUGUESE) if text.id}
    with translation.override("pt-br"):
        english = {
            text
            for text in set(unfold_texts()) - own
            if text == (translation.gettext(text) if isinstance(text, str) else plural(text))
        }
    assert english == set()
    assert own <= set(unfold_texts())


def test_portuguese_of_libraries_is_whole() -> None:
    for message in filter(lambda one: one.id, messages.read(OWN_PORTUGUESE)):
        for own, other in zip(forms(message), messages.strings(message), strict=True):
            assert other, own
            assert blanks(own) == blanks(other), own


def test_the_catalogue_of_the_source_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _module("source_catalogue")
    for language in ("en", "pt_BR"):
        folder = Path(language) / "LC_MESSAGES"
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(ROOT / "locale" / folder / "django.po", tmp_path / folder)
    monkeypatch.setattr(source, "LOCALE", tmp_path)
    monkeypatch.setattr(source, "SOURCE", tmp_path / "pt_BR" / "LC_MESSAGES")
    source.main()
    with (tmp_path / "pt_BR" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext("Go back") == "Voltar"
    assert read.gettext("Carteira") == "Carteira"
    assert read.ngettext("%(n)s lançamento", "%(n)s lançamentos", 0) == "%(n)s lançamentos"
    assert read.pgettext("posição", "Valor") == "Valor"


# Templates ---------------------------------------------------------------------------------------


class _Speech(HTMLParser):
    """Collects what a template says by itself: its text and the attributes read to people."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.silent -= tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def _without_tags(source: str) -> str:
    """The template's own HTML: tags, variables, comments and translated texts become holes."""
    parts, hidden = [], ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(" ")[0] if token.token_type is TokenType.BLOCK else ""
        if hidden:
            hidden = "" if name == hidden else hidden
        elif name in {"blocktranslate", "blocktrans", "comment"}:
            hidden = f"end{name}"
            parts.append(HOLE)
        elif token.contents == "block page_class":
            hidden = "endblock"
        elif token.token_type is TokenType.TEXT:
            parts.append(token.contents)
        elif token.token_type is TokenType.VAR:
            parts.append(HOLE)
    return "".join(parts)


def untranslated(source: str) -> Iterator[str]:
    """Words a template says in one language only."""
    reader = _Speech()
    reader.feed(_without_tags(source))
    reader.close()
    for said in reader.said:
        words = _WORD.findall(_ENTITY.sub(" ", said.replace(HOLE, " ")))
        unknown = [word for word in words if len(word) > 1 and word not in SAME_IN_BOTH]
        if unknown:
            yield " ".join(said.replace(HOLE, "…").split())
    for token in Lexer(source).tokenize():
        if token.token_type in {TokenType.VAR, TokenType.BLOCK} and not token.contents.startswith(
            ("translate ", "trans ")
        ):
            said_in_code = ["".join(found) for found in _CONSTANT.findall(token.contents)]
            yield from (text for text in said_in_code if _SENTENCE.search(text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_templates_say_nothing_untranslated(path: Path) -> None:
    assert list(untranslated(path.read_text(encoding="utf-8"))) == []


def test_the_scanner_sees() -> None:
    said = '<p title="Ajuda">{% translate "Sim" %} Olá, {{ name }}</p><script>let a = 1</script>'
    assert list(untranslated(said)) == ["Ajuda", "Olá, …"]
    assert list(untranslated('<p {% if a %}class="b"{% endif %}>CPF: {{ cpf }} R$</p>')) == []
    assert list(untranslated('{% include "a.html" with title="Não há" %}')) == ["Não há"]
    assert list(untranslated('{% include "a.html" with title=_("Não há") %}')) == []
    assert list(untranslated("{% blocktranslate %}Não{% endblocktranslate %}{# Não #}")) == []


# Tasks -------------------------------------------------------------------------------------------


def test_a_task_speaks_the_language_of_whoever_asked() -> None:
    headers: dict[str, object] = {}
    with translation.override("en"):
        before_task_publish.send(sender="any", headers=headers)
    task = SimpleNamespace(request=Context(headers))
    task_prerun.send(sender="any", task=task)
    assert translation.get_language() == "en"
    task_postrun.send(sender="any", task=task)
    assert translation.get_language() == "pt-br"
