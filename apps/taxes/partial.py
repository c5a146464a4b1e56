"""The part of a ledger that a supposed sale moves, where the stored months tell the rest."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max
from django.db.models.fields.json import KeyTransform

from apps.accounts.models import Holder, Workspace
from apps.assets.models import Asset, AssetClass
from apps.assets.selectors import engine_assets
from apps.engine.kinds import Kind
from apps.engine.taxes.monthly import month_index
from apps.engine.taxes.settings import TaxSettings
from apps.engine.taxes.simulate import Rest
from apps.engine.taxes.standing import is_pooled, standing_read
from apps.ledger.selectors import held_asset_ids
from apps.portfolios.scope import linked_assets
from apps.taxes.assessing import LAYOUT, Inputs, inputs_load
from apps.taxes.choices import parsed
from apps.taxes.law import market_mark, rules_mark
from apps.taxes.made import Made, choices_mark, made_from
from apps.taxes.models import Assessment, AssessmentBuild

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the assets sold and of those settled with them; ``rest`` is what the stored month
    knows of the others, ``until`` the last year that was assessed."""

    inputs: Inputs
    rest: Rest
    until: int


def part_load(*, holder: Holder, asset_ids: Collection[uuid.UUID], on: dt.date) -> Part | None:
    """The part of the holder's ledger that sales of ``asset_ids`` on a day may move. None where it
    cannot stand for the whole: assessments older than what they rest on, a month nobody assessed
    or somebody paid for, rows of those assets after the day, futures.

    ``holder`` comes with its choices. A fixed number of queries.
    """
    workspace_id = holder.workspace_id
    build = AssessmentBuild.objects.filter(pk=holder.pk).defer("issues").first()
    if build is None or not _is_current(build, holder):
        return None
    stored = {
        month: (figures, standing)
        for month, figures, standing in Assessment.objects.filter(
            holder=holder, year=on.year, month__in=(0, on.month)
        ).values_list("month", "figures", KeyTransform("standing", "detail"))
    }
    figures, standing = stored.get(on.month, ({}, None))
    form = figures.get("darf")
    if standing is None or (form and Decimal(form["paid"])):
        return None
    settings = getattr(holder, "tax_settings", None)
    found = _settled_together(workspace_id, asset_ids, parsed(settings.values if settings else {}))
    if found is None:
        return None
    ids, is_whole_abroad = found
    inputs = inputs_load(workspace_id=workspace_id, asset_ids={*ids, None})
    if not _stands_alone(inputs, holder, on):
        return None
    abroad = stored.get(0, ({}, None))[0].get("abroad") or {}
    loss = None if is_whole_abroad else Decimal(abroad.get("loss_after") or _ZERO)
    rest = Rest(standing_read(month_index(on), standing), loss)
    months = Assessment.objects.filter(holder=holder).months()
    until: int = months.aggregate(last=Max("year"))["last"]
    return Part(inputs, rest, until)


def _is_current(build: AssessmentBuild, holder: Holder) -> bool:
    version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=holder.workspace_id)
    market = market_mark(workspace_id=holder.workspace_id)
    return made_from(build) == Made(version, rules_mark(), market, choices_mark(holder), LAYOUT)


def _settled_together(
    workspace_id: uuid.UUID, asset_ids: Collection[uuid.UUID], settings: TaxSettings
) -> tuple[set[uuid.UUID], bool] | None:
    """The assets whose rows are needed, and whether everything abroad is among them; None where
    one is a future: contracts of one day are settled together."""
    held = held_asset_ids(workspace_id=workspace_id)
    found = linked_assets(workspace_id, set(asset_ids), held)
    found |= _fractional(workspace_id, found)
    sold = engine_assets(asset_ids=found).values()
    if any(asset.asset_class == AssetClass.FUTURE for asset in sold):
        return None
    if not any(is_pooled(asset, settings) for asset in sold):
        return found, False
    assets = engine_assets(asset_ids=held)
    pool = {uuid.UUID(pk) for pk, asset in assets.items() if is_pooled(asset, settings)}
    return linked_assets(workspace_id, found | pool, held), True


def _fractional(workspace_id: uuid.UUID, assets: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The odd-lot tickers of the same shares, and the shares of odd-lot tickers."""
    visible = Asset.objects.visible_to(workspace_id)
    tickers = list(visible.filter(pk__in=assets).values_list("ticker", flat=True))
    same = [f"{ticker}F" for ticker in tickers] + [t[:-1] for t in tickers if t.endswith("F")]
    return set(visible.filter(ticker__in=same).values_list("pk", flat=True))


def _stands_alone(inputs: Inputs, holder: Holder, on: dt.date) -> bool:
    rows = inputs.ledger.rows
    if any(row.date > on for row in rows):
        return False
    first = on.replace(day=1)
    if any(row.kind is Kind.DARF_PAYMENT and row.date >= first for row in rows):
        return False
    # Two assets of one ticker are told apart by all that are loaded.
    codes = KeyTransform("codes", "detail")
    stored = Assessment.objects.filter(holder=holder).shelf().values_list(codes, flat=True).first()
    return all((stored or {}).get(name) == pk for name, pk in inputs.codes.items())
