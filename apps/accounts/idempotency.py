"""A repeated write gets the answer of the first, exactly once even when requests race.

The answer is stored in the transaction of the write itself: a process that dies between the two
leaves neither, so a retry can never double a trade nor be told of one that was lost.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import IdempotencyKey, User
from apps.common.errors import Conflict, DomainError, Invalid

KEPT_FOR = dt.timedelta(days=2)
MAX_LENGTH = 120


class KeyReused(DomainError):
    """The key was used before for a different request."""

    status = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first request was told."""

    status: int
    body: Any


def key_clean(key: str) -> str:
    """The key as stored. Raises :class:`Invalid` when it is empty, too long or not printable."""
    key = key.strip()
    if not key or len(key) > MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise Invalid(
            "invalid_idempotency_key",
            _("Idempotency-Key deve ter de 1 a 120 caracteres ASCII."),
        )
    return key


def answer_claim(*, user: User, key: str, fingerprint: str) -> Answer | None:
    """The stored answer, or ``None`` when the caller is the first and holds the key.

    Call inside ``atomic``: the key is held until that block ends. Raises :class:`Conflict` while
    another request holds it, :class:`KeyReused` when the stored request was a different one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"idempotency:{user.pk}:{key}"],
        )
        if not cursor.fetchone()[0]:
            raise Conflict(
                "idempotency_in_progress",
                _("Um pedido com esta chave ainda está em andamento; tente de novo em instantes."),
            )
    stored = IdempotencyKey.objects.filter(user=user, key=key).first()
    if stored is None:
        return None
    if stored.fingerprint != fingerprint:
        raise KeyReused(
            "idempotency_key_reused",
            _("Esta chave já foi usada com outro conteúdo; use uma chave nova."),
        )
    return Answer(stored.status or 200, stored.body)


def answer_store(*, user: User, key: str, fingerprint: str, answer: Answer) -> None:
    """Keeps the answer; call inside the block that claimed the key."""
    IdempotencyKey.objects.create(
        user=user, key=key, fingerprint=fingerprint, status=answer.status, body=answer.body
    )


def answers_forget() -> int:
    """Deletes answers older than two days; tells how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]
