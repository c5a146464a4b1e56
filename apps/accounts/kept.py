"""Pages kept as written: the same figures, person and choices give the same page.

Writing a page costs many times what reading it from Redis does. A kept page never holds a token: a
mark stands in its place, and each answer gets a fresh one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from functools import cache as once
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from apps.accounts.edits import edit_key
from apps.accounts.http import WorkspaceRequest

KEPT_SECONDS = 300
LARGEST = 1_000_000  # bytes

# What the page of one template shows: its name and context, or a whole answer instead (a redirect).
Written = tuple[str, dict[str, object]] | HttpResponse


def page_kept(
    request: WorkspaceRequest,
    *,
    versions: tuple[object, ...],
    choices: Collection[str],
    write: Callable[[], Written],
) -> HttpResponse:
    """The page that ``write`` tells of, or as it was kept for this person under these versions.

    ``versions`` is everything its content depends on beside the address, the person, the workspace,
    the language and the theme; ``choices`` the parameters of the address that make few pages. One
    with others, or with a message to show, is neither kept nor taken, nor is one from before the
    last edit of the workspace (a renamed account, say, moves no version).
    """
    plain = request.GET.keys() <= set(choices) and not len(get_messages(request))
    key = page_key(request, versions) if plain else None
    mark_key = edit_key(request.access.workspace.pk)
    known = cache.get_many([key, mark_key]) if key else {}
    edited = known.get(mark_key)
    of_edit, body = known.get(key, (None, None))
    if body is None or of_edit != edited:
        written = write()
        if isinstance(written, HttpResponse):
            return written
        template, context = written
        body = render(request, template, {**context, "csrf_token": token_mark()}).content
        if key and len(body) <= LARGEST:
            cache.set(key, (edited, body), KEPT_SECONDS)
    mark = token_mark().encode()
    if mark in body:
        body = body.replace(mark, get_token(request).encode())
    return HttpResponse(body)


def page_key(request: WorkspaceRequest, versions: tuple[object, ...]) -> str:
    """Where the page is kept."""
    access = request.access
    workspace, user = access.workspace, access.user
    parts = (
        release(),
        timezone.localdate(),
        (workspace.pk, workspace.name, workspace.base_currency, workspace.is_demo),
        workspace.ledger_version,
        (user.pk, user.username, user.is_staff, user.theme, access.role),
        (request.COOKIES.get("theme"), get_language(), request.get_full_path()),
        request.headers.get("HX-Request"),
        versions,
    )
    return "kept:" + hashlib.sha256(repr(parts).encode()).hexdigest()


@once
def token_mark() -> str:
    """What stands where a page's CSRF token will; nobody outside can guess it."""
    return salted_hmac("apps.accounts.kept", "csrf", algorithm="sha256").hexdigest()


@once
def release() -> str:
    """A digest of templates, texts and static files: a new version writes its own pages."""
    digest = hashlib.sha256(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    folders = [settings.BASE_DIR / "templates", *map(Path, settings.LOCALE_PATHS)]
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".html", ".mo"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
