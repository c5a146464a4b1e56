"""How a position's quantity, average price and gains came to be, line by line."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.common.errors import NotFound
from apps.corporate_events.expansion import EVENT_REF
from apps.engine.holdings import Holding, Step
from apps.engine.legal import legal_fold
from apps.ledger.models import Transaction
from apps.portfolios.loading import holder_names, ledger_load


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One line: what happened, what it did, and the row it came from."""

    step: Step
    transaction_id: str | None
    account: str
    to_ticker: str
    from_market_event: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole trail of one holder's position in an asset."""

    asset: Asset
    holder_id: str
    holder: str
    currency: str
    holding: Holding
    steps: Sequence[ExplainedStep]


def explanation(
    *,
    access: Access,
    asset: Asset,
    holder_id: str | None = None,
    currency: str | None = None,
    on: dt.date | None = None,
) -> list[Explanation]:
    """The trail of the asset for each holder (or one), folded anew from its rows.

    Assets that fed it (a merger, a rename, a spin-off) are folded along. Raises
    :class:`NotFound` when nobody in the workspace ever had it.
    """
    related = _related(access.workspace.pk, asset.pk)
    ledger = ledger_load(workspace_id=access.workspace.pk, until=on, asset_ids=related)
    folded = legal_fold(
        ledger.rows, ledger.assets, ledger.accounts, by="asset", currency=currency, fx=ledger.fx
    )
    code = str(asset.pk)
    wanted = {
        key: holding
        for key, holding in folded.holdings.items()
        if key[2] == code and (holder_id is None or key[0] == str(holder_id))
    }
    if not wanted:
        raise NotFound("not_found", _("Não há lançamentos deste ativo."))
    accounts = _accounts_by_row(access.workspace.pk, related)
    names = holder_names(workspace_id=access.workspace.pk)
    tickers = dict(
        Asset.objects.visible_to(access.workspace.pk)
        .filter(pk__in=related)
        .values_list("pk", "ticker")
    )
    return [
        Explanation(
            asset=asset,
            holder_id=key[0],
            holder=names.get(key[0], ""),
            currency=holding.currency,
            holding=holding,
            steps=[_explained(step, accounts, tickers) for step in holding.steps],
        )
        for key, holding in sorted(wanted.items(), key=lambda item: names.get(item[0][0], ""))
    ]


def _explained(
    step: Step, accounts: dict[str, str], tickers: dict[uuid.UUID, str]
) -> ExplainedStep:
    from_event = step.ref.startswith(EVENT_REF)
    target = str(step.params.get("to_asset", ""))
    return ExplainedStep(
        step=step,
        transaction_id=None if from_event else step.ref,
        account=accounts.get(step.ref, ""),
        to_ticker=tickers.get(uuid.UUID(target), "") if len(target) == 36 else "",
        from_market_event=from_event,
    )


def _related(workspace_id: uuid.UUID, asset_id: uuid.UUID) -> set[uuid.UUID]:
    """The asset and every asset its rows came from, followed back. A query for all links."""
    links = list(
        Transaction.objects.of(workspace_id)
        .filter(to_asset__isnull=False, asset__isnull=False)
        .values_list("asset_id", "to_asset_id")
        .distinct()
    )
    found = {asset_id}
    grew = True
    while grew:
        grew = False
        for source, target in links:
            for here, there in ((source, target), (target, source)):
                if here in found and there is not None and there not in found:
                    found.add(there)
                    grew = True
    return found


def _accounts_by_row(workspace_id: uuid.UUID, asset_ids: set[uuid.UUID]) -> dict[str, str]:
    values = (
        Transaction.objects.of(workspace_id)
        .filter(asset_id__in=asset_ids)
        .values_list("pk", "account__name")
    )
    return {str(pk): name for pk, name in values}


def cost_line(explained: Explanation) -> list[tuple[dt.date, Decimal | None]]:
    """The average price after each day with a change, for the chart of an asset."""
    line: dict[dt.date, Decimal | None] = {}
    for item in explained.steps:
        line[item.step.date] = item.step.average if item.step.quantity else None
    return sorted(line.items())
