"""Whether what is stored follows what it rests on, and whose it is."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.assets.models import Asset
from apps.common.errors import NotFound
from apps.portfolios.selectors import figures_versions
from apps.taxes.law import rules_mark
from apps.taxes.models import Assessment, AssessmentBuild

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class State:
    """``version`` rises whenever what is stored changes; ``is_stale`` while the ledger is newer."""

    version: int
    is_stale: bool
    built_at: dt.datetime | None


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


def holder_with_taxes(*, access: Access, holders: Sequence[Holder]) -> Holder:
    """Whose taxes are shown when nobody is asked for: the main holder's, the first; where nothing
    of theirs was assessed, those of the first that has something. At most one query."""
    if len(holders) < 2:
        return holders[0]
    with_rows = set(
        Assessment.objects.filter(holder__workspace=access.workspace, month=0, year=0).values_list(
            "holder_id", flat=True
        )
    )
    return next((each for each in holders if each.pk in with_rows), holders[0])


def state_of(*, access: Access, holder: Holder) -> State:
    """Whether the holder's assessments follow the ledger. One query."""
    require_holder(access, holder)
    build = AssessmentBuild.objects.filter(pk=holder.pk).defer("issues").first()
    if build is None:
        return State(0, True, None)
    stale = build.ledger_version != access.workspace.ledger_version
    return State(build.version, stale, build.built_at)


def workspace_mark(*, access: Access) -> str:
    """Tells one state of all the assessments of a workspace from another. One query."""
    builds = AssessmentBuild.objects.filter(workspace=access.workspace).order_by("pk")
    found = builds.values_list("pk", "version", "ledger_version")
    return ";".join(f"{pk}:{version}:{ledger}" for pk, version, ledger in found)


def pages_mark(*, access: Access) -> tuple[object, ...]:
    """Everything the pages of a workspace's taxes depend on beside its rows and its last edit. At
    most three queries."""
    return (workspace_mark(access=access), rules_mark(), *figures_versions(access=access))


def issues_of(*, access: Access, holder: Holder) -> list[dict[str, Any]]:
    """Everything the holder's assessments could not know: ``code, where, params``. One query."""
    require_holder(access, holder)
    found = AssessmentBuild.objects.filter(pk=holder.pk).values_list("issues", flat=True).first()
    return found or []


def codes_of(*, holder: Holder) -> dict[str, str]:
    """The id of each asset by the name assessments call it. One query."""
    found = (
        Assessment.objects.filter(holder=holder)
        .shelf()
        .values_list("detail__codes", flat=True)
        .first()
    )
    return found or {}


def asset_names(*, access: Access, holder: Holder, values: Iterable[Any]) -> dict[str, Named]:
    """The assets whose names stand anywhere in ``values``, by that name. Two queries."""
    return names_of(access=access, codes=codes_of(holder=holder), values=values)


def names_of(
    *, access: Access, codes: Mapping[str, str], values: Iterable[Any]
) -> dict[str, Named]:
    """The same, where ``codes`` lead from names to ids. One query."""
    said: set[str] = set()
    _collect(list(values), said)
    wanted = {codes[name]: name for name in said & codes.keys()}
    rows = (
        Asset.objects.visible_to(access.workspace.pk)
        .filter(pk__in=[uuid.UUID(each) for each in wanted])
        .values_list("pk", "ticker", "name", "asset_class")
    )
    return {wanted[str(pk)]: Named(str(pk), ticker, name, kind) for pk, ticker, name, kind in rows}


def _collect(value: Any, said: set[str]) -> None:
    if isinstance(value, str):
        said.add(value)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in ("refs", "law", "rule", "label"):
                _collect(each, said)
    elif isinstance(value, list):
        for each in value:
            _collect(each, said)


def money(value: Any) -> Decimal:
    """A stored figure as a number; what is absent is zero."""
    return Decimal(value) if value not in (None, "") else ZERO
