"""Writes of derived figures: load, fold, store."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Workspace
from apps.engine.holdings import Fold, Holding, fold
from apps.portfolios.loading import Ledger, ledger_load
from apps.portfolios.models import Build, CashBalance, Position
from apps.portfolios.signals import figures_rebuilt

REPORT_CURRENCIES = ("BRL", "USD")
HoldingKey = tuple[str, str | None, str]


@transaction.atomic
def workspace_rebuild(*, workspace_id: uuid.UUID, force: bool = False) -> bool:
    """Folds the ledger and stores positions, cash and issues; tells whether it had to.

    One rebuild of a workspace runs at a time. The ledger version noted before reading is the one
    stored: a write that comes meanwhile leaves the versions different and the next call folds
    again.
    """
    build, _created = Build.objects.get_or_create(workspace_id=workspace_id)
    build = Build.objects.select_for_update().get(pk=build.pk)
    version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
    if build.ledger_version == version and not force:
        return False
    started = time.perf_counter()
    ledger = ledger_load(workspace_id=workspace_id)
    native, by_account = fold_native(ledger)
    _positions_store(workspace_id, ledger, native, by_account)
    _cash_store(workspace_id, native)
    build.ledger_version = version
    build.built_at = timezone.now()
    build.rows = len(ledger.rows)
    build.issues = _issues(native)
    build.took_ms = int((time.perf_counter() - started) * 1000)
    build.save()
    Workspace.objects.filter(pk=workspace_id, ledger_version=version).update(stale_since=None)
    transaction.on_commit(lambda: figures_rebuilt.send(sender=Build, workspace_id=workspace_id))
    return True


def fold_native(ledger: Ledger) -> tuple[Fold, Fold]:
    """The ledger folded in each asset's currency: per holder, and per account."""
    legal = fold(ledger.rows, ledger.assets, ledger.accounts, by="asset", fx=ledger.fx)
    by_account = fold(ledger.rows, ledger.assets, ledger.accounts, by="account", fx=ledger.fx)
    return legal, by_account


def fold_in(ledger: Ledger, currency: str, by: str, native: Fold) -> Mapping[HoldingKey, Holding]:
    """The holdings in one currency; the native fold serves when nothing needs converting."""
    if ledger.currencies() <= {currency}:
        return native.holdings
    return fold(
        ledger.rows, ledger.assets, ledger.accounts, by=by, currency=currency, fx=ledger.fx
    ).holdings


def _positions_store(
    workspace_id: uuid.UUID, ledger: Ledger, legal: Fold, by_account: Fold
) -> None:
    rows: list[Position] = []
    for native, by in ((legal, "asset"), (by_account, "account")):
        report = {c: fold_in(ledger, c, by, native) for c in REPORT_CURRENCIES}
        for key, holding in native.holdings.items():
            rows.append(
                _position(workspace_id, key, holding, {c: report[c].get(key) for c in report})
            )
    Position.objects.filter(workspace_id=workspace_id).delete()
    Position.objects.bulk_create(rows, batch_size=1000)


def net_income(holding: Holding | None) -> Decimal | None:
    """Income received, gross: what the asset paid before withholding; ``None`` when unknown."""
    return None if holding is None else holding.income


def _position(
    workspace_id: uuid.UUID,
    key: HoldingKey,
    holding: Holding,
    report: Mapping[str, Holding | None],
) -> Position:
    holder, account, asset = key
    brl, usd = report["BRL"], report["USD"]
    codes = list(holding.issue_codes)
    if holding.fees_unknown:
        codes.append("fees_unknown")
    return Position(
        workspace_id=workspace_id,
        holder_id=holder,
        account_id=account,
        asset_id=asset,
        currency=holding.currency,
        quantity=holding.quantity,
        total_cost=holding.total_cost,
        realised_gain=holding.realised_gain,
        income=holding.income,
        fifo_cost=holding.fifo_cost,
        fifo_realised=holding.fifo_realised,
        total_cost_brl=brl.total_cost if brl else None,
        realised_gain_brl=brl.realised_gain if brl else None,
        income_brl=net_income(brl),
        total_cost_usd=usd.total_cost if usd else None,
        realised_gain_usd=usd.realised_gain if usd else None,
        income_usd=net_income(usd),
        first_date=holding.first_date,
        last_date=holding.last_date,
        issues=codes,
    )


def _cash_store(workspace_id: uuid.UUID, native: Fold) -> None:
    balances = [
        CashBalance(workspace_id=workspace_id, account_id=account, currency=currency, amount=amount)
        for (account, currency), amount in native.cash.items()
    ]
    CashBalance.objects.filter(workspace_id=workspace_id).delete()
    CashBalance.objects.bulk_create(balances)


def _issues(native: Fold) -> list[dict[str, object]]:
    """Issues as stored; those about unknown fees are one line an asset, with how many."""
    found: list[dict[str, object]] = [
        {"code": issue.code, "where": issue.where, "params": dict(issue.params)}
        for issue in native.issues
    ]
    unknown: dict[str, int] = defaultdict(int)
    for holding in native.holdings.values():
        unknown[holding.asset] += holding.fees_unknown
    found += [
        {"code": "fees_unknown", "where": asset, "params": {"asset": asset, "count": str(count)}}
        for asset, count in unknown.items()
        if count
    ]
    return found
