"""Positions on any day, valued in any currency."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.edits import last_edit
from apps.assets.models import Asset, AssetClass
from apps.brokers.models import Account
from apps.engine.holdings import Holding
from apps.engine.prices import FxTable
from apps.engine.valuation import splits
from apps.market_data.selectors import fx_table, market_version
from apps.portfolios.figures import (
    CashView,
    Group,
    Money,
    Positions,
    PositionView,
    Totals,
    total_of,
)
from apps.portfolios.folding import By, fold_in, fold_native
from apps.portfolios.loading import holder_names, ledger_load
from apps.portfolios.models import Build, CashBalance, Position
from apps.portfolios.pricing import TERMS, Priced, of_todays_shares, prices_now, prices_on
from apps.portfolios.selectors.selections import Chosen

CACHE_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Raw:
    """A holding before it is priced: figures in the asset's currency and in the report's."""

    holder_id: str
    account_id: str | None
    asset_id: uuid.UUID
    currency: str
    quantity: Decimal
    cost: Decimal | None
    realised: Decimal | None
    income: Decimal | None
    report_cost: Decimal | None
    report_realised: Decimal | None
    report_income: Decimal | None
    issues: tuple[str, ...]
    first_date: dt.date | None
    last_date: dt.date | None
    splits: tuple[tuple[dt.date, Decimal], ...] = ()


def built_version(*, workspace_id: uuid.UUID) -> int:
    """The ledger version of the stored figures; -1 before the first build."""
    found = Build.objects.filter(pk=workspace_id).values_list("ledger_version", flat=True).first()
    return -1 if found is None else found


def seen_version(access: Access) -> int:
    """:func:`built_version` as it was when the access was read: no query of its own."""
    if "built_version" not in access.alongside:
        return built_version(workspace_id=access.workspace.pk)
    found: int | None = access.alongside["built_version"]
    return -1 if found is None else found


def figures_versions(*, access: Access) -> tuple[int, int]:
    """What the figures shown to a member depend on, beside the ledger: they are kept by it."""
    return seen_version(access), market_version()


def positions_on(
    *, access: Access, currency: str = "BRL", on: dt.date | None = None, by: By = "asset"
) -> Positions:
    """Every position of the workspace on a day, closed ones with a result included.

    Today comes from the stored figures; a past day is folded until it. Both are kept in Redis by
    ledger and market version. ``by="account"`` splits holders' positions by account.
    """
    workspace = access.workspace
    today = timezone.localdate()
    day = today if on is None or on >= today else on
    version = built_version(workspace_id=workspace.pk)
    key = (
        f"positions:{workspace.pk}:{version if day == today else workspace.ledger_version}"
        f":{market_version()}:{day}:{currency}:{by}:{last_edit(workspace.pk)}"
    )
    found: Positions | None = cache.get(key)
    if found is None:
        found = _compute(access, currency, day, day == today, by, version)
        cache.set(key, found, CACHE_SECONDS)
    return replace(found, ledger_version=workspace.ledger_version)


def _compute(
    access: Access, currency: str, day: dt.date, is_today: bool, by: By, version: int
) -> Positions:
    workspace_id = access.workspace.pk
    if is_today and currency in ("BRL", "USD"):
        raws = _stored(workspace_id, currency, by)
        balances = [
            (str(b.account_id), b.currency, b.amount)
            for b in CashBalance.objects.filter(workspace_id=workspace_id, is_tracked=True)
        ]
        built = version
    else:
        raws, balances = _folded(workspace_id, currency, day, by)
        built = access.workspace.ledger_version
    assets = {
        a.pk: a
        for a in Asset.objects.select_related("terms").filter(pk__in={r.asset_id for r in raws})
    }
    open_assets = {r.asset_id: assets[r.asset_id] for r in raws if r.quantity}
    prices = (
        prices_now(workspace_id=workspace_id, assets=open_assets)
        if is_today
        else prices_on(workspace_id=workspace_id, assets=open_assets, on=day)
    )
    fx = fx_table(until=day)
    names = holder_names(workspace_id=workspace_id)
    accounts = {
        str(a.pk): a
        for a in Account.objects.select_related("institution").filter(workspace_id=workspace_id)
    }
    rows = [
        _view(
            raw, assets[raw.asset_id], prices.get(raw.asset_id), fx, day, currency, names, accounts
        )
        for raw in raws
    ]
    rows.sort(key=lambda r: (r.asset_class, r.ticker, r.holder, r.account))
    totals = total_of(rows, currency)
    cash = [_cash(a, c, amount, fx, day, currency, accounts) for a, c, amount in balances if amount]
    worth = totals.value
    weighed = [replace(r, weight=_weight(r.report.value, worth)) for r in rows]
    return Positions(day, currency, weighed, cash, totals, built, built)


def _weight(value: Decimal | None, whole: Decimal) -> Decimal | None:
    return value / whole if value is not None and whole > 0 else None


def _stored(workspace_id: uuid.UUID, currency: str, by: By) -> list[Raw]:
    suffix = currency.lower()
    rows = Position.objects.filter(workspace_id=workspace_id, account__isnull=by == "asset")
    return [
        Raw(
            str(p.holder_id),
            str(p.account_id) if p.account_id else None,
            p.asset_id,
            p.currency,
            p.quantity,
            p.total_cost,
            p.realised_gain,
            p.income,
            getattr(p, f"total_cost_{suffix}"),
            getattr(p, f"realised_gain_{suffix}"),
            getattr(p, f"income_{suffix}"),
            tuple(p.issues),
            p.first_date,
            p.last_date,
            tuple((dt.date.fromisoformat(day), Decimal(ratio)) for day, ratio in p.splits),
        )
        for p in rows
    ]


def _folded(
    workspace_id: uuid.UUID, currency: str, day: dt.date, by: By
) -> tuple[list[Raw], list[tuple[str, str, Decimal]]]:
    ledger = ledger_load(workspace_id=workspace_id, until=day)
    legal, by_account = fold_native(ledger)
    native = legal if by == "asset" else by_account
    report = fold_in(ledger, currency, by, native)
    raws = [_raw(key, holding, report.get(key)) for key, holding in native.holdings.items()]
    tracked = set(
        CashBalance.objects.filter(workspace_id=workspace_id, is_tracked=True).values_list(
            "account_id", "currency"
        )
    )
    balances = [
        (account, code, amount)
        for (account, code), amount in native.cash.items()
        if (uuid.UUID(account), code) in tracked
    ]
    return raws, balances


def _raw(key: tuple[str, str | None, str], native: Holding, report: Holding | None) -> Raw:
    return Raw(
        key[0],
        key[1],
        uuid.UUID(key[2]),
        native.currency,
        native.quantity,
        native.total_cost,
        native.realised_gain,
        native.income,
        report.total_cost if report else None,
        report.realised_gain if report else None,
        report.income if report else None,
        native.issue_codes,
        native.first_date,
        native.last_date,
        tuple(splits(native)),
    )


def _view(
    raw: Raw,
    asset: Asset,
    priced: Priced | None,
    fx: FxTable,
    day: dt.date,
    currency: str,
    holders: Mapping[str, str],
    accounts: Mapping[str, Account],
) -> PositionView:
    priced, before_split = of_todays_shares(priced, raw.splits, day)
    units = raw.quantity * asset.multiplier
    value = Decimal(0) if not raw.quantity else units * priced.price if priced else None
    before = units * priced.previous if priced and priced.previous is not None else None
    rate = fx.rate(raw.currency, currency, day)
    prior = (priced.previous_day if priced else None) or day - dt.timedelta(days=1)
    rate_before = fx.rate(raw.currency, currency, prior)
    moved = None if priced is None or priced.session_missed else before
    account = accounts.get(raw.account_id or "")
    report_value = _times(value, rate)
    issues = raw.issues
    if raw.quantity and priced is None:
        issues = (*issues, "price_missing")
    elif priced is not None and priced.stale:
        issues = (*issues, "index_stale" if priced.source == TERMS else "price_stale")
    if raw.quantity and before_split:
        issues = (*issues, "price_before_split")
    if raw.quantity and rate is None:
        issues = (*issues, "fx_rate_missing") if "fx_rate_missing" not in issues else issues
    return PositionView(
        holder_id=raw.holder_id,
        holder=holders.get(raw.holder_id, ""),
        account_id=raw.account_id,
        account=account.name if account else "",
        institution=str(account.institution) if account else "",
        asset_id=str(asset.pk),
        ticker=asset.ticker,
        name=asset.name,
        asset_class=asset.asset_class,
        market=asset.market,
        sector=asset.sector,
        country=asset.country,
        quantity=raw.quantity,
        average_cost=raw.cost / raw.quantity if raw.cost is not None and raw.quantity else None,
        price=priced.price if priced else None,
        price_as_of=priced.as_of if priced else None,
        price_source=priced.source if priced else "",
        price_stale=bool(priced and priced.stale),
        native=Money(
            raw.currency,
            raw.cost,
            value,
            _less(value, raw.cost),
            raw.realised,
            raw.income,
            _less(value, moved),
        ),
        report=Money(
            currency,
            raw.report_cost,
            report_value,
            _less(report_value, raw.report_cost),
            raw.report_realised,
            raw.report_income,
            _less(report_value, _times(moved, rate_before)),
        ),
        issues=issues,
        first_date=raw.first_date,
        last_date=raw.last_date,
    )


def _times(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    if amount is not None and not amount:
        return amount
    return amount * rate if amount is not None and rate is not None else None


def _less(value: Decimal | None, cost: Decimal | None) -> Decimal | None:
    return value - cost if value is not None and cost is not None else None


def _cash(
    account_id: str,
    code: str,
    amount: Decimal,
    fx: FxTable,
    day: dt.date,
    currency: str,
    accounts: Mapping[str, Account],
) -> CashView:
    account = accounts.get(account_id)
    value = _times(amount, fx.rate(code, currency, day))
    return CashView(account_id, account.name if account else "", code, amount, value)


def _class_label(value: str) -> str:
    return str(dict(AssetClass.choices).get(value, value))


GROUPINGS: dict[str, Callable[[PositionView], tuple[str, str]]] = {
    "class": lambda p: (p.asset_class, _class_label(p.asset_class)),
    "broker": lambda p: (p.institution or p.account, p.institution or p.account),
    "currency": lambda p: (p.native.currency, p.native.currency),
    "sector": lambda p: (p.sector, p.sector),
    "country": lambda p: (p.country, p.country),
    "holder": lambda p: (p.holder_id, p.holder),
}


#: Groupings whose groups may share positions with each other.
OVERLAPPING = frozenset({"portfolio"})


def group_positions(
    rows: Iterable[PositionView],
    grouping: str,
    totals: Totals,
    portfolios: Mapping[tuple[str, str], Chosen] | None = None,
) -> Sequence[Group]:
    """Positions by class, broker, currency, sector, country, holder or portfolio; the worthiest
    first. ``portfolios`` says by key and name what each selects: a position stands in all that
    select it, or in a group without key where none does, which is the last."""
    name = GROUPINGS.get(grouping, GROUPINGS["class"])
    members: dict[tuple[str, str], list[PositionView]] = defaultdict(list)
    for row in rows:
        if portfolios is None:
            members[name(row)].append(row)
            continue
        found = [
            named
            for named, chosen in portfolios.items()
            if chosen.holds(row.account_id or "", row.asset_id, row.asset_class)
        ]
        for named in found or [NOWHERE]:
            members[named].append(row)
    groups = []
    for (key, label), found_rows in members.items():
        subtotal = total_of(found_rows, totals.currency)
        weight = _weight(subtotal.value, totals.value)
        groups.append(Group(key, label, found_rows, subtotal, weight))
    last = NOWHERE[0] if portfolios is not None else None
    return sorted(groups, key=lambda g: (g.key == last, -g.totals.value, g.label))


NOWHERE = ("", "")
