"""Load, fold, store: positions, cash and issues as the ledger tells them."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from apps.accounts.models import Workspace
from apps.engine.holdings import Fold
from apps.ledger.models import Change, Transaction
from apps.portfolios.folding import By, fold_in, fold_native
from apps.portfolios.loading import FUNDING_KINDS, Ledger, ledger_load
from apps.portfolios.models import Build, CashBalance, CashPart
from apps.portfolios.scope import LAYOUT, SHARED_ISSUES, Assets, rates_mark, stale_assets
from apps.portfolios.signals import figures_rebuilt
from apps.portfolios.store import Row, parts_replace, positions_replace, rows_of

REPORT_CURRENCIES = ("BRL", "USD")
_LAST = "9999-12-31"


@transaction.atomic
def workspace_rebuild(*, workspace_id: uuid.UUID, force: bool = False) -> bool:
    """Folds the ledger and stores positions, cash and issues; tells whether it had to.

    Only the assets whose rows changed, and those linked to them, are folded again where that is
    sure to give what folding everything gives. ``force`` folds everything.

    One rebuild of a workspace runs at a time. The ledger version noted before reading is the one
    stored: a write that comes meanwhile leaves the versions different and the next call folds
    again.
    """
    build = _locked(workspace_id)
    version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
    if build.ledger_version == version and not force:
        return False
    started, began = timezone.now(), time.perf_counter()
    assets = None if force else stale_assets(build, version)
    if assets is None or not _refold(build, assets):
        _refold(build, None)
    build.layout = LAYOUT
    build.ledger_version = version
    build.built_at = started
    build.rows = Transaction.objects.of(workspace_id).count()
    build.took_ms = int((time.perf_counter() - began) * 1000)
    build.save()
    Change.objects.filter(workspace_id=workspace_id, version__lte=version).delete()
    Workspace.objects.filter(pk=workspace_id, ledger_version=version).update(stale_since=None)
    transaction.on_commit(
        lambda: figures_rebuilt.send(sender=Build, workspace_id=workspace_id), robust=True
    )
    return True


def _locked(workspace_id: uuid.UUID) -> Build:
    """The workspace's build, which nobody else may touch meanwhile. Of two that come first together
    one makes it and the other waits for that one."""
    held = Build.objects.select_for_update().filter(pk=workspace_id)
    build = held.first()
    if build is None:
        Build.objects.bulk_create([Build(workspace_id=workspace_id)], ignore_conflicts=True)
        build = held.get()
    return build


def _refold(build: Build, assets: Assets | None) -> bool:
    """Folds ``assets`` (``None``: all of them) and stores what they are part of; False, and
    nothing stored, when what came of it cannot be joined to the rest."""
    workspace_id = build.workspace_id
    until = Transaction.objects.of(workspace_id).aggregate(newest=Max("trade_date"))["newest"]
    until = until or timezone.localdate()
    # Older than the rates it stands for: one that comes meanwhile makes it differ.
    mark = rates_mark(until)
    ledger = ledger_load(workspace_id=workspace_id, asset_ids=assets)
    native, by_account = fold_native(ledger)
    if assets is not None and any(issue.code in SHARED_ISSUES for issue in native.issues):
        return False
    last = max((row.date for row in ledger.rows), default=until)
    if last > until:  # an event of the market after the last row
        until, mark = last, rates_mark(last)
    if assets is None or build.rates_until is None or until >= build.rates_until:
        build.rates_until, build.rates = until, mark
    _positions_store(workspace_id, assets, ledger, native, by_account)
    parts_replace(workspace_id, assets, native.cash_parts)
    _cash_store(workspace_id)
    kept = [] if assets is None else [each for each in build.issues if not _is_of(each, assets)]
    build.issues = sorted([*kept, *_issues(ledger, native)], key=_issue_place)
    return True


def _positions_store(
    workspace_id: uuid.UUID, assets: Assets | None, ledger: Ledger, legal: Fold, by_account: Fold
) -> None:
    rows: list[Row] = []
    folds: tuple[tuple[Fold, By], ...] = ((legal, "asset"), (by_account, "account"))
    for native, by in folds:
        brl, usd = (fold_in(ledger, currency, by, native) for currency in REPORT_CURRENCIES)
        rows += rows_of(workspace_id, native.holdings, brl, usd)
    positions_replace(workspace_id, assets, rows)


def _cash_store(workspace_id: uuid.UUID) -> None:
    """Balances as the sum of their parts."""
    # A file of trades alone tells nothing of the money that paid for them: only an account whose
    # deposits, withdrawals or exchange are recorded has a balance worth counting.
    funded = set(
        Transaction.objects.of(workspace_id)
        .filter(kind__in=FUNDING_KINDS)
        .order_by()
        .values_list("account_id", flat=True)
        .distinct()
    )
    parts = CashPart.objects.filter(workspace_id=workspace_id)
    unknown = set(parts.filter(is_complete=False).values_list("account_id", "currency"))
    sums = parts.values_list("account_id", "currency").annotate(total=Sum("amount"))
    balances = [
        CashBalance(
            workspace_id=workspace_id,
            account_id=account,
            currency=currency,
            amount=total,
            is_tracked=account in funded and (account, currency) not in unknown,
        )
        for account, currency, total in sums
    ]
    CashBalance.objects.filter(workspace_id=workspace_id).delete()
    CashBalance.objects.bulk_create(balances)


def _issues(ledger: Ledger, native: Fold) -> list[dict[str, Any]]:
    """The fold's issues as plain JSON, with their row's place within its day."""
    places = {row.ref: row.seq for row in ledger.rows}
    return [
        {
            "code": issue.code,
            "where": issue.where,
            "params": dict(issue.params),
            "place": places.get(issue.where, 0),
        }
        for issue in native.issues
    ]


def _issue_place(issue: dict[str, Any]) -> tuple[str, int, str]:
    """Rows' issues by day and place; those of whole positions after them."""
    return issue["params"].get("date", _LAST), issue["place"], issue["where"]


def _is_of(issue: dict[str, Any], assets: Assets) -> bool:
    asset = issue["params"].get("asset")
    return (uuid.UUID(asset) if asset else None) in assets
