"""The looks and the menu of the administration."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Exitus",
    "SITE_HEADER": "Exitus",
    "SITE_SUBHEADER": _("Administração"),
    "SITE_SYMBOL": "monitoring",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "COLORS": {
        # Shades of the pages' accent (static/src/app.css).
        "primary": {
            "50": "#f0f9f8",
            "100": "#e3f0ee",
            "200": "#c3e0dc",
            "300": "#93c9c2",
            "400": "#4fb8ab",
            "500": "#1f8c81",
            "600": "#0e665f",
            "700": "#0a534d",
            "800": "#0a433f",
            "900": "#093633",
            "950": "#06231f",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "apps.api.admin_menu.navigation",
    },
    "COMMAND": {
        "search_models": [
            "accounts.user",
            "accounts.workspace",
            "assets.asset",
            "brokers.institution",
            "market_data.datasource",
        ],
    },
}
