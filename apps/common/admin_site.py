"""The admin's door: the common sign-in page, and only for administrators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class ExitusAdminSite(UnfoldAdminSite):
    """The admin. Superusers only; signing in goes through the site's own page.

    That page counts failed tries and asks for the second factor; the admin's own would not.
    """

    site_title = "Exitus"
    site_header = "Exitus"
    index_title = _("Administração")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person administers the installation."""
        user = request.user
        return bool(user.is_active and user.is_staff and getattr(user, "is_superuser", False))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sends people to the sign-in page, and refuses who signed in but does not administer."""
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if request.user.is_authenticated:
            raise PermissionDenied
        # Not at the top: this module is loaded before the models are.
        from django.contrib.auth.views import redirect_to_login

        target = request.GET.get(REDIRECT_FIELD_NAME, index)
        return redirect_to_login(target, str(settings.LOGIN_URL))


class AdminConfig(DjangoAdminConfig):
    """Django's admin with this site."""

    default_site = "apps.common.admin_site.ExitusAdminSite"
