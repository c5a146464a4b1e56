"""Keeping house: what would otherwise grow for ever."""

from __future__ import annotations

from django.core.management import call_command

from apps.accounts.idempotency import answers_forget


def housekeeping() -> int:
    """Forgets expired tokens, sessions and old answers to repeated writes; tells of the last."""
    call_command("flushexpiredtokens")
    call_command("clearsessions")
    return answers_forget()
