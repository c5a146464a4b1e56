"""Whose taxes a page shows, of which year, and where its links lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holders_of
from apps.common.errors import NotFound
from apps.taxes import selectors, services

#: How many years stand beside each other before the rest go into a list.
NEAR = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of taxes shares. ``token`` is the id of an accountant's link, whose pages
    know one holder and lead nowhere else. ``is_ready`` is False while figures are being made;
    ``is_usual`` where this is the holder shown when none is asked for."""

    access: Access
    holder: Holder
    holders: Sequence[Holder]
    year: int
    years: Sequence[int]
    is_ready: bool
    token: str = ""
    is_usual: bool = True

    @property
    def can_edit(self) -> bool:
        """Whether whoever looks may write."""
        return not self.token and self.access.can_edit

    @property
    def filing_year(self) -> int:
        """The year in which the return of this one is filed."""
        return self.year + 1

    @property
    def year_before(self) -> int:
        """The year before."""
        return self.year - 1

    @property
    def near_years(self) -> list[int]:
        """The years shown side by side, the oldest first; the chosen one is among them."""
        near = list(self.years[:NEAR])
        if self.year not in near:
            near = [*near[: NEAR - 1], self.year]
        return sorted(near)

    @property
    def far_years(self) -> list[int]:
        """The others, the newest first."""
        near = self.near_years
        return [year for year in self.years if year not in near]

    def url(self, name: str, *args: Any, **query: Any) -> str:
        """The address of a page of taxes for the same holder."""
        given = {key.rstrip("_"): value for key, value in query.items() if value not in ("", None)}
        if self.token:
            return reverse(f"taxes_site:{name}", args=[self.token, *args], query=given or None)
        if not self.is_usual:
            given["titular"] = str(self.holder.pk)
        return reverse(f"taxes:{name}", args=[self.access.workspace.pk, *args], query=given or None)


def frame_of(*, access: Access, given: Mapping[str, Any], year: int | None = None) -> Frame:
    """The frame of a page of the workspace: the holder that ``titular`` names; without it the main
    one, or the first with anything assessed where the main one has nothing. Has stale assessments
    made. Raises :class:`NotFound` for a foreign holder."""
    ready = services.assessments_ensure(workspace_id=access.workspace.pk)
    holders = list(holders_of(access=access))
    usual = selectors.holder_with_taxes(access=access, holders=holders)
    asked = str(given.get("titular") or "")
    holder = _chosen(holders, asked) if asked else usual
    return _frame(access, holder, holders, year, ready, "", is_usual=holder == usual)


def shared_frame(*, access: Access, holder: Holder, token: str, year: int | None = None) -> Frame:
    """The frame of a page opened by an accountant's address."""
    ready = services.assessments_ensure(workspace_id=access.workspace.pk)
    return _frame(access, holder, [holder], year, ready, token)


def _frame(
    access: Access,
    holder: Holder,
    holders: Sequence[Holder],
    year: int | None,
    ready: bool,
    token: str,
    *,
    is_usual: bool = True,
) -> Frame:
    this = timezone.localdate().year
    years = selectors.years_of(access=access, holder=holder)
    known = sorted({*years, this}, reverse=True)
    return Frame(access, holder, holders, year or this, known, ready, token, is_usual)


def _chosen(holders: Sequence[Holder], asked: str) -> Holder:
    found = [each for each in holders if str(each.pk) == asked]
    if not found:
        raise NotFound("not_found", "")
    return found[0]
