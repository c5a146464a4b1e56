"""DataSource rows as vendors that can be asked."""

from __future__ import annotations

import os
from collections.abc import Mapping

from django.conf import settings

from apps.common.crypto import Unreadable, decrypt
from apps.market_data.chain import Chain, Source
from apps.market_data.clock import Clock, SystemClock
from apps.market_data.guard import Limits
from apps.market_data.models import DataSource
from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.registry import PROVIDERS


def env_url_name(code: str) -> str:
    """The variable that overrides a vendor's address, as ``EXITUS_BRAPI_URL``."""
    return f"EXITUS_{code.upper()}_URL"


def env_token_name(code: str) -> str:
    """The variable that overrides a vendor's key."""
    return f"EXITUS_{code.upper()}_TOKEN"


def source_of(row: DataSource, environ: Mapping[str, str] = os.environ) -> Source | None:
    """The vendor of a row, the environment's address and key first; ``None`` when this version
    does not know it."""
    kind = PROVIDERS.get(row.code)
    if kind is None:
        return None
    try:
        stored = decrypt(row.token_encrypted)
    except Unreadable:
        # The installation's key changed: without this key the vendor says so itself.
        stored = ""
    timeout = float(row.timeout_seconds)
    config = ProviderConfig(
        base_url=environ.get(env_url_name(row.code)) or row.base_url or kind.default_url,
        token=environ.get(env_token_name(row.code)) or stored,
        connect_timeout=min(timeout, 4.0),
        read_timeout=timeout,
        total_timeout=timeout * 2,
        batch_size=row.batch_size,
        cache_dir=os.path.join(settings.DATA_DIR, "cache", row.code),
        options={str(key): str(value) for key, value in (row.options or {}).items()},
    )
    return Source(kind(config), Limits(row.per_minute, row.per_day))


def chain_load(clock: Clock | None = None) -> Chain:
    """The enabled vendors in their order. One query."""
    rows = DataSource.objects.filter(enabled=True).order_by("priority", "code")
    sources = [source for row in rows if (source := source_of(row)) is not None]
    return Chain(sources, clock or SystemClock())
