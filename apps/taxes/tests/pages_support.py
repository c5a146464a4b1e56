"""Ways to a page of taxes, and to its words, in a test."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.taxes.tests.support import Tax

YEARLY = ("year", "annual", "abroad", "income", "fixed", "crypto")
PLAIN = ("home", "darfs", "simulate", "raise", "harvest", "after_tax", "settings", "rules")
PLAIN += ("links", "calendar", "tile", "meter")
MONTHLY = ("month", "darf")
SHARED = ("home", "darfs", *YEARLY, *MONTHLY)


def args_of(name: str) -> list[Any]:
    if name in YEARLY:
        return [2024]
    return [2024, 3] if name in MONTHLY else []


def address(tax: Tax, name: str, *more: Any, **query: Any) -> str:
    args = [tax.workspace.pk, *args_of(name), *more]
    return reverse(f"taxes:{name}", args=args, query=query or None)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """A page's words, one space between them."""
    body = answer.content.decode()
    main = body.partition("<main")[2].partition("</main>")[0] or body
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\xa0", " ").split())


def read(tax: Tax, name: str, *more: Any, **query: Any) -> str:
    answer = signed_in(tax.access.user).get(address(tax, name, *more, **query))
    assert answer.status_code == 200, name
    return words(answer)
