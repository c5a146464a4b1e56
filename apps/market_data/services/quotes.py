"""Refreshing last prices."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from apps.accounts.access import Access
from apps.accounts.models import TaskRun
from apps.accounts.services import task_run_advance, task_run_finish, task_run_start
from apps.assets.models import Asset
from apps.market_data.calendar import calendars_load, open_now
from apps.market_data.chain import Chain, Health
from apps.market_data.models import DataSource, Quote
from apps.market_data.providers import base
from apps.market_data.services.state import market_touch
from apps.market_data.sources import chain_load
from apps.market_data.store import (
    CachedQuote,
    Flight,
    quotes_forget,
    quotes_get,
    quotes_put,
)

STEP = Decimal("1E-10")
# A person waits for a progress bar that moves.
PROGRESS_BATCH = 10


@dataclass(frozen=True, slots=True)
class QuotesReport:
    """What a refresh did: ``fresh`` needed nothing, ``elsewhere`` is being refreshed by another
    process, ``failed`` says what each vendor answered."""

    updated: frozenset[uuid.UUID] = frozenset()
    fresh: frozenset[uuid.UUID] = frozenset()
    elsewhere: frozenset[uuid.UUID] = frozenset()
    failed: Mapping[uuid.UUID, Mapping[str, str]] = field(default_factory=dict)

    def __add__(self, other: QuotesReport) -> QuotesReport:
        return QuotesReport(
            self.updated | other.updated,
            self.fresh | other.fresh,
            self.elsewhere | other.elsewhere,
            {**self.failed, **other.failed},
        )


def quotes_refresh(
    *,
    asset_ids: Iterable[uuid.UUID],
    force: bool = False,
    only_open: bool = False,
    chain: Chain | None = None,
    now: dt.datetime | None = None,
) -> QuotesReport:
    """Asks vendors for the last price of the assets that have no fresh one.

    Each asset is asked for by one process at a time. With ``only_open``, assets whose exchange is
    closed are left alone; with ``force``, a fresh quote is asked for again. When every vendor
    fails, what is stored stays as it is. Delisted and demonstration assets are never asked for.
    """
    now = now or timezone.now()
    assets = {
        asset.pk: asset
        for asset in Asset.objects.filter(
            pk__in=set(asset_ids), is_delisted=False, is_demo=False
        ).only("id", "ticker", "exchange_id", "market", "currency", "asset_class", "quote_symbol")
    }
    if only_open:
        trading = open_now(calendars_load(since=now.date() - dt.timedelta(days=2)), now)
        assets = {pk: asset for pk, asset in assets.items() if asset.exchange_id in trading}
    if force:
        quotes_forget(assets)
    fresh = frozenset(quotes_get(assets))
    with Flight(f"quote:{pk}" for pk in assets if pk not in fresh) as flight:
        mine = [asset for pk, asset in assets.items() if f"quote:{pk}" in flight.mine]
        # Between the look and the lock another flight may have landed.
        landed = frozenset(quotes_get(asset.pk for asset in mine))
        wanted = [asset for asset in mine if asset.pk not in landed]
        report = _ask(wanted, chain or chain_load(), now) if wanted else QuotesReport()
    elsewhere = frozenset(assets) - fresh - {asset.pk for asset in mine}
    return report + QuotesReport(fresh=fresh | landed, elsewhere=elsewhere)


def _ask(assets: Sequence[Asset], chain: Chain, now: dt.datetime) -> QuotesReport:
    answers = chain.quotes([instrument_of(asset) for asset in assets])
    by_ref = {str(asset.pk): asset.pk for asset in assets}
    found = {by_ref[ref]: quote for ref, quote in answers.quotes.items()}
    cached = {
        pk: CachedQuote(
            price=_money(quote.price),
            currency=quote.currency,
            previous_close=None if quote.previous_close is None else _money(quote.previous_close),
            as_of=quote.as_of,
            fetched_at=now,
            source=quote.source,
        )
        for pk, quote in found.items()
    }
    _quotes_store(cached)
    if cached:
        quotes_put(cached)
    sources_note(health=chain.health, now=now)
    return QuotesReport(
        updated=frozenset(found),
        failed={by_ref[ref]: why for ref, why in answers.errors.items()},
    )


@transaction.atomic
def _quotes_store(quotes: Mapping[uuid.UUID, CachedQuote]) -> None:
    if not quotes:
        return
    # In one order everywhere: two refreshes that overlap must not wait for each other.
    ids = sorted(quotes)
    stored = {row.pk: row for row in Quote.objects.select_for_update().filter(pk__in=ids)}
    rows, changed = [], []
    for pk in ids:
        quote, before = quotes[pk], stored.get(pk)
        if before is not None and before.as_of > quote.as_of:
            # A slower vendor's older price does not replace a newer one.
            continue
        rows.append(
            Quote(
                asset_id=pk,
                price=quote.price,
                currency=quote.currency,
                previous_close=quote.previous_close,
                as_of=quote.as_of,
                fetched_at=quote.fetched_at,
                source=quote.source,
            )
        )
        if before is None or (before.price, before.previous_close, before.as_of) != (
            quote.price,
            quote.previous_close,
            quote.as_of,
        ):
            changed.append(pk)
    Quote.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["asset"],
        update_fields=["price", "currency", "previous_close", "as_of", "fetched_at", "source"],
    )
    if changed:
        market_touch(asset_ids=changed)


def quotes_refresh_request(*, access: Access, asset_ids: Iterable[uuid.UUID]) -> TaskRun:
    """Announces a refresh a person asked for; ``tasks.refresh_quotes_run`` carries it out.
    Editors only."""
    access.require_editor()
    return task_run_start(
        workspace_id=access.workspace.pk,
        user_id=access.user.pk,
        kind="quotes_refresh",
        title=_t("Atualizar cotações"),
        total=len(set(asset_ids)),
    )


def quotes_refresh_run(
    *,
    task_run_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    chain_factory: Callable[[], Chain] = chain_load,
) -> QuotesReport:
    """The refresh with its progress bar. Assets whose price could not be had are counted in the
    message; the bar ends well all the same, since the last prices are still there."""
    ids = sorted(set(asset_ids))
    report = QuotesReport()
    try:
        chain = chain_factory()
        for start in range(0, len(ids), PROGRESS_BATCH):
            batch = ids[start : start + PROGRESS_BATCH]
            report += quotes_refresh(asset_ids=batch, force=True, chain=chain)
            task_run_advance(task_run_id=task_run_id, done=start + len(batch), total=len(ids))
    except Exception:
        task_run_finish(
            task_run_id=task_run_id,
            message=_t("Não foi possível atualizar as cotações. Os últimos preços continuam."),
            failed=True,
        )
        raise
    task_run_finish(
        task_run_id=task_run_id,
        message=_summary(report),
        failed=bool(report.failed) and not report.updated,
    )
    return report


def _summary(report: QuotesReport) -> str:
    count = len(report.updated)
    text = ngettext("%d cotação atualizada.", "%d cotações atualizadas.", count) % count
    missing = len(report.failed)
    if missing:
        text += " " + (
            ngettext(
                "%d ativo continua com o último preço conhecido.",
                "%d ativos continuam com o último preço conhecido.",
                missing,
            )
            % missing
        )
    return text


def sources_note(*, health: Health, now: dt.datetime) -> None:
    """Writes to the vendors' rows what a run learnt of them."""
    if health.good:
        DataSource.objects.filter(pk__in=health.good - health.bad.keys()).update(
            last_ok_at=now, last_error=""
        )
    for code, error in health.bad.items():
        DataSource.objects.filter(pk=code).update(last_error=error)


def instrument_of(asset: Asset) -> base.Instrument:
    """An asset as vendors know it."""
    return base.Instrument(
        ref=str(asset.pk),
        ticker=asset.ticker,
        exchange=asset.exchange_id or "",
        market=asset.market,
        currency=asset.currency,
        asset_class=asset.asset_class,
        quote_symbol=asset.quote_symbol,
    )


def _money(value: Decimal) -> Decimal:
    return value.quantize(STEP, rounding=ROUND_HALF_EVEN)
