"""What a person may do in a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Role, User, Workspace
from apps.common.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Access:
    """A member's standing in a workspace; every selector and service asks for one."""

    workspace: Workspace
    role: str
    user: User

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
