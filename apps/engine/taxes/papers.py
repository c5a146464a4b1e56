"""Papers of fixed income, each custodian's apart, with what left them and what they paid."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.engine.holdings import Holding, LotUse, fold
from apps.engine.holdings.model import RawIncome
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal, disposals, holdings_of
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Asset


@dataclass(slots=True)
class Paper:
    """A holding of fixed income: what left it and what it paid, by year, and which lots left by
    each row."""

    holding: Holding
    asset: Asset | None
    left: dict[int, list[Disposal]] = field(default_factory=dict)
    coupons: dict[int, list[RawIncome]] = field(default_factory=dict)
    uses: list[LotUse] = field(default_factory=list)
    by_ref: dict[str, list[LotUse]] = field(default_factory=dict)


def papers_of(ctx: Context) -> list[Paper]:
    """Papers that paid or left, the same for every year asked for."""
    return ctx.once("papers", lambda: _papers(ctx))


def _papers(ctx: Context) -> list[Paper]:
    papers = []
    for holding, asset in lots_by_account(ctx):
        paper = Paper(holding, asset)
        for each in disposals(holding, asset):
            paper.left.setdefault(each.row.date.year, []).append(each)
        for income in holding.raw_income:
            paper.coupons.setdefault(income[0].date.year, []).append(income)
        if paper.left or paper.coupons:
            paper.uses = holding.lot_uses
            for use in paper.uses:
                paper.by_ref.setdefault(use.ref, []).append(use)
            papers.append(paper)
    return papers


def lots_by_account(ctx: Context) -> list[tuple[Holding, Asset | None]]:
    """Holdings of fixed income, one per account where a paper is in several: each custodian
    redeems its own lots."""
    joined = holdings_of(ctx, Regime.FIXED_INCOME)
    codes = {holding.asset for holding, _asset in joined}
    accounts: dict[str, set[str]] = {}
    for row in ctx.rows:
        if row.asset in codes and row.asset and row.account:
            accounts.setdefault(row.asset, set()).add(row.account)
    several = {code for code, places in accounts.items() if len(places) > 1}
    if not several:
        return joined
    rows = [row for row in ctx.rows if row.asset in several or row.to_asset in several]
    apart = fold(rows, ctx.assets, ctx.accounts, by="account", currency=HOME, fx=ctx.fx)
    kept = [(holding, asset) for holding, asset in joined if holding.asset not in several]
    for holding in apart.holdings.values():
        if holding.asset in several:
            kept.append((holding, ctx.assets.get(holding.asset)))
    return kept
