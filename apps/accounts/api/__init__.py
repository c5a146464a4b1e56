"""Endpoints of people and workspaces, and the bases every other endpoint stands on."""

from django.urls import path

from apps.accounts.api.auth import LoginView, LogoutView, RefreshView, RegisterView
from apps.accounts.api.base import (
    UUID_PATTERN,
    IdempotencyMixin,
    WorkspaceMixin,
    WorkspaceViewSet,
)
from apps.accounts.api.people import MeView, WorkspaceView
from apps.accounts.api.workspace import HolderView, TaskRunView

routes = [
    ("workspaces", WorkspaceView, "workspace"),
    ("holders", HolderView, "holder"),
    ("tasks", TaskRunView, "task"),
]

urlpatterns = [
    path("auth/register/", RegisterView.as_view(), name="auth-register"),
    path("auth/token/", LoginView.as_view(), name="auth-token"),
    path("auth/token/refresh/", RefreshView.as_view(), name="auth-token-refresh"),
    path("auth/logout/", LogoutView.as_view(), name="auth-logout"),
    path("me/", MeView.as_view(), name="me"),
]

__all__ = [
    "UUID_PATTERN",
    "IdempotencyMixin",
    "WorkspaceMixin",
    "WorkspaceViewSet",
    "routes",
    "urlpatterns",
]
