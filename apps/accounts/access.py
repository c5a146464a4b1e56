"""What a person may do in a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Role, User, Workspace
from apps.common.errors import Forbidden

# What the apps above want read in the same query as a member's standing: name -> lookup from
# Membership. They add theirs when Django starts.
ALONGSIDE: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Access:
    """A member's standing in a workspace; every selector and service asks for one.

    ``alongside`` holds what ``ALONGSIDE`` names, as it was when the standing was read; empty where
    an access was made by hand.
    """

    workspace: Workspace
    role: str
    user: User
    alongside: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def can_edit(self) -> bool:
        """Whether the member may change records."""
        return self.role in (Role.OWNER, Role.EDITOR)

    @property
    def is_owner(self) -> bool:
        """Whether the member may manage people and the workspace itself."""
        return self.role == Role.OWNER

    def require_editor(self) -> None:
        """Raises :class:`Forbidden` for a viewer."""
        if not self.can_edit:
            raise Forbidden(
                "viewer_cannot_change", _("Você pode ver, mas não alterar este espaço.")
            )

    def require_owner(self) -> None:
        """Raises :class:`Forbidden` for anyone but an owner."""
        if not self.is_owner:
            raise Forbidden("owner_only", _("Só o proprietário do espaço pode fazer isto."))

    def require(self, role: str) -> None:
        """Raises :class:`Forbidden` unless the member has at least ``role``."""
        if role == Role.OWNER:
            self.require_owner()
        elif role == Role.EDITOR:
            self.require_editor()
