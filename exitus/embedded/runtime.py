"""The file that tells other commands who runs the servers."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from exitus.embedded.layout import (
    Layout,
)


def write_runtime(layout: Layout, *, kind: str, wanted: Sequence[str], address: str) -> None:
    """Tells other commands who runs the servers."""
    content = {"pid": os.getpid(), "kind": kind, "servers": list(wanted), "address": address}
    draft = layout.runtime.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(layout.runtime)


def read_runtime(layout: Layout) -> dict[str, object] | None:
    """What the owner wrote, or None. Only meaningful while `owner.lock` is held."""
    try:
        content = json.loads(layout.runtime.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None


def already_running(layout: Layout) -> str:
    """The sentence for a second start on the same data directory."""
    runtime = read_runtime(layout) or {}
    who = "Exitus" if runtime.get("kind") == "run" else "A manage.py command"
    pid = f" (process {runtime['pid']})" if runtime.get("pid") else ""
    where = f" at {runtime['address']}" if runtime.get("address") else ""
    return (
        f"{who}{pid} is already running on {layout.root}{where}. "
        "Stop it, or choose another EXITUS_DATA_DIR and PORT."
    )
