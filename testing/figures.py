"""Figures of a page that open no explanation."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"br", "input", "img", "meta", "link", "hr", "source", "use", "polyline", "path"})
_FIGURE = re.compile(r"\d")
#: What is no figure of the portfolio: days, months and years, counts of rows.
_DATE = re.compile(r"^(desde )?(\d{2}/)?\d{2}/\d{4}$|^\d{4}$|^\D*( \d{2}/\d{2}| \d{2}:\d{2})+$")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag not in _VOID:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        text = " ".join(data.replace("\xa0", " ").split())
        if not _FIGURE.search(text) or _DATE.match(text):
            return
        classes = [set(css.split()) for _tag, css in self.open]
        tags = [tag for tag, _css in self.open]
        holds = any(
            (tag == "td" and "num" in css) or tag == "dd" or "stat-value" in css
            for tag, css in zip(tags, classes, strict=True)
        )
        if holds and not any("why" in css or "pill" in css for css in classes):
            self.found.append(text)


def bare_figures(page: str) -> list[str]:
    """Figures in tables, lists and heads of the page's main part that are no link to a why."""
    reader = _Reader()
    reader.feed(page.partition("<main")[2].partition("</main>")[0])
    return reader.found
