"""Whether what is stored follows what it rests on, and whose it is."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.assets.models import Asset
from apps.common.errors import NotFound
from apps.taxes.models import AssessmentBuild

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class State:
    """``version`` rises whenever what is stored changes; ``is_stale`` while the ledger is newer."""

    version: int
    is_stale: bool
    built_at: dt.datetime | None
    issues: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Named:
    """An asset as pages show it."""

    id: str
    ticker: str
    name: str
    asset_class: str


def not_found() -> NotFound:
    """What a stranger is told."""
    return NotFound("not_found", _("Não encontramos o que você procura."))


def require_holder(access: Access, holder: Holder) -> None:
    """Raises :class:`NotFound` for a holder of another workspace."""
    if holder.workspace_id != access.workspace.pk:
        raise not_found()


def state_of(*, access: Access, holder: Holder) -> State:
    """Whether the holder's assessments follow the ledger. One query."""
    require_holder(access, holder)
    build = AssessmentBuild.objects.filter(pk=holder.pk).first()
    if build is None:
        return State(0, True, None, [])
    stale = build.ledger_version != access.workspace.ledger_version
    return State(build.version, stale, build.built_at, build.issues)


def asset_names(*, access: Access, values: Iterable[Any]) -> dict[str, Named]:
    """The assets whose ids stand anywhere in ``values``, by id as text. One query at most."""
    ids: set[str] = set()
    _collect(list(values), ids)
    if not ids:
        return {}
    rows = (
        Asset.objects.visible_to(access.workspace.pk)
        .filter(pk__in=[uuid.UUID(each) for each in ids])
        .values_list("pk", "ticker", "name", "asset_class")
    )
    return {str(pk): Named(str(pk), ticker, name, kind) for pk, ticker, name, kind in rows}


def _collect(value: Any, ids: set[str]) -> None:
    if isinstance(value, str):
        if len(value) == 36 and _UUID.match(value):
            ids.add(value)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name != "refs":
                _collect(each, ids)
    elif isinstance(value, list):
        for each in value:
            _collect(each, ids)


def money(value: Any) -> Decimal:
    """A stored figure as a number; what is absent is zero."""
    return Decimal(value) if value not in (None, "") else ZERO
