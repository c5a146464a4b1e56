"""Which edit of a workspace was the last: what was kept before it is not shown again.

Versions tell of rows and prices; a renamed account or holder moves none of them.
"""

from __future__ import annotations

import uuid

from django.core.cache import cache

# Longer than anything is kept that names accounts, holders or assets.
EDIT_SECONDS = 24 * 3600


def edit_key(workspace_id: object) -> str:
    """Where the mark of a workspace's last edit is."""
    return f"edited:{workspace_id}"


def last_edit(workspace_id: object) -> str | None:
    """The mark of the last edit; ``None`` where there was none for a long time."""
    found: str | None = cache.get(edit_key(workspace_id))
    return found


def workspace_edited(workspace_id: object) -> None:
    """Makes whatever is kept of the workspace's names so far something to be written anew."""
    cache.set(edit_key(workspace_id), uuid.uuid4().hex, EDIT_SECONDS)
