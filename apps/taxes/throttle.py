"""Whoever tries addresses that ask for a token is slowed down."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

#: Requests of one network address in a minute: reading fast is fine, guessing is not.
MOST = 120
MINUTE = 60


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks, past the proxies this installation says it has."""
    proxies = int(settings.REST_FRAMEWORK["NUM_PROXIES"])
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(passed) >= proxies and passed[-proxies].strip():
        return passed[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def too_many(request: HttpRequest) -> bool:
    """Whether this network address asked too often within the minute."""
    who = address_of(request)
    key = "tax-shared:" + hashlib.sha256(who.encode()).hexdigest()[:24]
    if cache.add(key, 1, MINUTE):
        return False
    try:
        return cache.incr(key) > MOST
    except ValueError:  # the minute ended in between
        return False
