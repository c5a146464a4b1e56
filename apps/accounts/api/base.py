"""What endpoints of a workspace share: who asks, in which workspace, and writes that repeat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.datastructures import MultiValueDict
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.accounts.access import Access
from apps.accounts.edits import workspace_edited
from apps.accounts.idempotency import Answer, answer_claim, answer_store, key_clean
from apps.accounts.models import Role, User, Workspace
from apps.accounts.selectors import access_default, access_get
from apps.accounts.tokens import HEADER

Handler = Callable[..., Response]

UUID_PATTERN = "[0-9a-fA-F-]{36}"


class WorkspaceMixin:
    """Gives a view ``self.access`` and lets only editors write.

    The workspace is the one named by ``X-Workspace``, else the member's default. A view whose
    unsafe methods are open to viewers, or only to owners, says so in ``write_role``.
    """

    read_role: str = Role.VIEWER
    write_role: str = Role.EDITOR
    request: Request

    @cached_property
    def access(self) -> Access:
        """The member's access. Raises ``NotFound`` for strangers. One query."""
        if getattr(self, "swagger_fake_view", False):  # the schema asks for no one's rows
            return Access(Workspace(), Role.VIEWER, User())
        user = self.request.user
        assert isinstance(user, User)  # permissions came first
        given = self.request.headers.get(HEADER, "").strip()
        named, found = getattr(self.request._request, "access_found", (None, None))
        if found is not None and found.user is user and named == (given or None):
            return found
        return access_get(user=user, workspace_id=given) if given else access_default(user=user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Checks the role before anything is read or written."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        safe = request.method in SAFE_METHODS
        self.access.require(self.read_role if safe else self.write_role)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Marks the workspace as written to, so that no page from before is shown again."""
        if request.method not in SAFE_METHODS and response.status_code < 400:
            workspace_edited(self.access.workspace.pk)
        answer: Response = super().finalize_response(  # type: ignore[misc]
            request, response, *args, **kwargs
        )
        return answer


class IdempotencyMixin:
    """Answers a repeated POST, PUT or PATCH with the same ``Idempotency-Key`` as the first time.

    The same key with another body is refused (422), and so is one whose first request still runs
    (409). A refused write keeps no answer: it may be corrected and sent again.
    """

    idempotent_methods = frozenset({"POST", "PUT", "PATCH"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Wraps the handler when the request carries a key."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        given = request.headers.get("Idempotency-Key")
        method = request.method or ""
        if given is None or method not in self.idempotent_methods:
            return
        if not request.user.is_authenticated:
            return
        handler = getattr(self, method.lower(), None)
        if handler is not None:
            setattr(self, method.lower(), partial(_once, handler, key_clean(given)))


def _once(handler: Handler, key: str, request: Request, *args: Any, **kwargs: Any) -> Response:
    user = request.user
    assert isinstance(user, User)
    fingerprint = request_fingerprint(request)
    with transaction.atomic():
        answer = answer_claim(user=user, key=key, fingerprint=fingerprint)
        if answer is not None:
            headers = {"Idempotent-Replayed": "true"}
            return Response(answer.body, status=answer.status, headers=headers)
        response = handler(request, *args, **kwargs)
        if response.status_code < 400:
            body = json.loads(JSONRenderer().render(response.data) or b"null")
            answer = Answer(response.status_code, body)
            answer_store(user=user, key=key, fingerprint=fingerprint, answer=answer)
    return response


def request_fingerprint(request: Request) -> str:
    """A digest of method, address, workspace and content; files count by their bytes."""
    digest = hashlib.sha256()
    workspace = request.headers.get("X-Workspace", "")
    digest.update(f"{request.method}\n{request.get_full_path()}\n{workspace}\n".encode())
    data = request.data
    if isinstance(data, MultiValueDict):
        for name in sorted(data):
            for value in data.getlist(name):
                digest.update(f"\n{name}\n".encode())
                digest.update(_content(value))
    else:
        digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _content(value: Any) -> bytes:
    if not isinstance(value, UploadedFile):
        return str(value).encode()
    inner = hashlib.sha256()
    for chunk in value.chunks():
        inner.update(chunk)
    value.seek(0)
    return inner.digest()


class WorkspaceViewSet(WorkspaceMixin, IdempotencyMixin, GenericViewSet[Any]):
    """The base of most endpoints: a workspace, a role and repeatable writes."""
