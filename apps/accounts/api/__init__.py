"""Endpoints of people and workspaces, and the bases every other endpoint stands on."""

from apps.accounts.api.base import IdempotencyMixin, WorkspaceMixin, WorkspaceViewSet

routes: list[tuple[str, type, str]] = []

__all__ = ["IdempotencyMixin", "WorkspaceMixin", "WorkspaceViewSet", "routes"]
