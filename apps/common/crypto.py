"""Encryption of the few secrets kept in tables (provider keys, CPF)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """The text was encrypted with another key."""


def _fernet() -> Fernet:
    material = getattr(settings, "EXITUS_ENCRYPTION_KEY", "") or settings.SECRET_KEY
    digest = hashlib.sha256(b"exitus.fields." + material.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypt(text: str) -> str:
    """``text`` encrypted for storage; empty stays empty."""
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """What :func:`encrypt` was given. Raises :class:`Unreadable` when the key changed."""
    if not token:
        return ""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
