"""Short ways through the services, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import engine_assets
from apps.engine.holdings import Holding, fold
from apps.engine.types import Account
from apps.imports import services
from apps.imports.models import Batch, Line
from apps.ledger.models import Transaction
from apps.ledger.selectors import engine_rows, held_asset_ids


def hand_in(access: Access, data: bytes, name: str = "arquivo.xlsx", **options: Any) -> Batch:
    """A file read and planned, awaiting review."""
    batch = services.batch_create(access=access, file_name=name, data=data, queued=False, **options)
    services.batch_parse(batch_id=batch.pk)
    batch.refresh_from_db()
    return batch


def run(access: Access, batch: Batch) -> Batch:
    """A reviewed batch recorded."""
    services.batch_apply(access=access, batch=batch, queued=False)
    services.batch_apply_run(batch_id=batch.pk)
    batch.refresh_from_db()
    return batch


def bring(access: Access, data: bytes, name: str = "arquivo.xlsx", **options: Any) -> Batch:
    """A file read, planned and recorded."""
    return run(access, hand_in(access, data, name, **options))


def states(batch: Batch) -> list[str]:
    """The state of each line in the order of the file."""
    return list(
        Line.objects.filter(batch=batch).order_by("sheet", "number").values_list("state", flat=True)
    )


def line_of(batch: Batch, number: int) -> Line:
    """A line by its row in the file."""
    return Line.objects.get(batch=batch, number=number)


def rows_of(access: Access) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """The ledger as (kind, code, quantity, amount), oldest first."""
    found = Transaction.objects.of(access.workspace.pk).chronological().select_related("asset")
    return [(t.kind, t.asset.ticker if t.asset else "", t.quantity, t.amount) for t in found]


def holding(access: Access, ticker: str) -> Holding:
    """What the main holder has of an asset, folded."""
    rows = engine_rows(workspace_id=access.workspace.pk)
    assets = engine_assets(asset_ids=held_asset_ids(workspace_id=access.workspace.pk))
    accounts = {row.account: Account(code=row.account) for row in rows}
    wanted = {str(pk) for pk in Asset.objects.filter(ticker=ticker).values_list("pk", flat=True)}
    found = fold(rows, assets, accounts).holdings
    return next(h for (_holder, _account, code), h in found.items() if code in wanted)
