"""What keeps figures from being whole, and what to do about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.ledger.models import Transaction
from apps.portfolios.models import Build
from apps.portfolios.selectors.dashboard import PRICE_ISSUES
from apps.portfolios.selectors.positions import positions_on


@dataclass(frozen=True, slots=True)
class HealthIssue:
    """One thing to mend. ``code`` picks the words; ``transaction_id`` or ``asset_id`` the place."""

    code: str
    ticker: str = ""
    asset_id: str | None = None
    transaction_id: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


def health_issues(*, access: Access) -> list[HealthIssue]:
    """Everything the figures of today miss: ledger issues, then missing and late prices."""
    build = Build.objects.filter(pk=access.workspace.pk).first()
    stored: list[dict[str, Any]] = build.issues if build else []
    rows = _rows_named(access, stored)
    tickers = _tickers(access, stored)
    found = [_from_engine(item, rows, tickers) for item in stored]
    today = timezone.localdate()
    for position in positions_on(access=access, currency="BRL").open_rows:
        for code in sorted(PRICE_ISSUES):
            if code in position.issues:
                found.append(
                    HealthIssue(
                        code,
                        position.ticker,
                        position.asset_id,
                        params={"as_of": position.price_as_of, "today": today},
                    )
                )
    return found


def _rows_named(access: Access, stored: list[dict[str, Any]]) -> set[str]:
    ids = {key for item in stored if (key := _uuid(item["where"]))}
    found = Transaction.objects.of(access.workspace.pk).filter(pk__in=ids)
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def _tickers(access: Access, stored: list[dict[str, Any]]) -> dict[str, str]:
    ids = {
        key
        for item in stored
        for name in ("asset", "to_asset")
        if (key := _uuid(item["params"].get(name, "")))
    }
    found = Asset.objects.visible_to(access.workspace.pk).filter(pk__in=ids)
    return {str(pk): ticker for pk, ticker in found.values_list("pk", "ticker")}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _from_engine(item: dict[str, Any], rows: set[str], tickers: dict[str, str]) -> HealthIssue:
    params = dict(item["params"])
    asset = params.get("asset", "")
    for name in ("asset", "to_asset"):
        if params.get(name) in tickers:
            params[name] = tickers[params[name]]
    return HealthIssue(
        code=item["code"],
        ticker=tickers.get(asset, ""),
        asset_id=asset if asset in tickers else None,
        transaction_id=item["where"] if item["where"] in rows else None,
        params=params,
    )
