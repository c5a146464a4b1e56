"""Every address of the site, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.declarations import LIBRARIES


@dataclass(frozen=True)
class Address:
    """A pattern with its full name and the names of its parameters."""

    name: str
    route: str
    parameters: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """Whether it belongs to /api/v1/."""
        return self.name.startswith("api:")

    @property
    def basename(self) -> str:
        """``account`` of ``api:account-detail``."""
        return self.name.removeprefix("api:").rpartition("-")[0]


def addresses() -> list[Address]:
    """Every address but those of libraries."""
    found = _walk(get_resolver().url_patterns, "", (), ())
    return [
        address
        for address in found
        if not address.name.startswith(LIBRARIES) and not address.route.startswith("conta/")
    ]


def _walk(
    patterns: list[URLPattern | URLResolver],
    route: str,
    spaces: tuple[str, ...],
    parameters: tuple[str, ...],
) -> Iterator[Address]:
    for pattern in patterns:
        path = route + str(pattern.pattern)
        named = parameters + tuple(pattern.pattern.converters) or parameters
        named += tuple(n for n in pattern.pattern.regex.groupindex if n not in named)
        if isinstance(pattern, URLResolver):
            space = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, path, space, named)
        else:
            yield Address(":".join((*spaces, pattern.name or "")), path, named)
