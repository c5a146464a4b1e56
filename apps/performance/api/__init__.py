"""Endpoints of returns, risk, allocation and income."""

from apps.performance.api.views import urlpatterns

__all__ = ["urlpatterns"]
