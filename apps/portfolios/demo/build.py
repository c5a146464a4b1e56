"""Writes the demonstration workspace: once, then only what the days have added."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder, Membership, Role, User, Workspace
from apps.assets.models import Asset, FixedIncomeTerms
from apps.assets.selectors import holidays_of
from apps.brokers.models import Account, Institution
from apps.common.errors import Conflict
from apps.corporate_events.models import CorporateEvent, EventKind
from apps.corporate_events.services import event_record
from apps.engine.fixed_income import unit_price
from apps.ledger.models import Origin, Transaction
from apps.ledger.services import TransactionInput, transactions_record_bulk
from apps.market_data.models import Price
from apps.market_data.selectors import fx_table, index_table
from apps.market_data.services import market_touch
from apps.portfolios.demo.book import Book, Entry
from apps.portfolios.demo.catalogue import ASSETS, COIN, START, STORY_END, DemoAsset
from apps.portfolios.demo.story import ACCOUNTS, HOLDERS, tell
from apps.portfolios.demo.walk import adjustment, closes, market_levels
from apps.portfolios.services import workspace_rebuild

LOGIN = "demo"
SOURCE = "demo"
WORKSPACE_NAME = "Carteira de demonstração"
# The same address on every installation and after every rebuild.
WORKSPACE_ID = uuid.uuid5(uuid.NAMESPACE_URL, "exitus:demo")
_OWNER = "exitus-demo"
_CLOSE_OF_B3 = dt.time(18)
Closes = Mapping[str, tuple[list[dt.date], list[Decimal]]]


@transaction.atomic
def demo_ensure(*, rebuild: bool = False) -> tuple[Workspace, bool]:
    """Makes the demonstration where it is missing and brings its prices up to date.

    Answers the workspace and whether its ledger was written. Reference data must have been seeded.
    Raises :class:`Conflict` where somebody real signs in as ``demo``.
    """
    access = _people_ensure()
    if rebuild:
        _wipe(access.workspace)
    written = not Transaction.objects.of(access.workspace.pk).exists()
    until = _newest_day()
    if written or _prices_end(access.workspace) < until:
        closed = {code: holidays_of(exchange_code=code) for code in ("BVMF", "XNYS")}
        series = _series(closed, until)
        assets = _assets_ensure(access.workspace)
        if written:
            _write(access, assets, series, closed["BVMF"])
        _prices_extend(access.workspace, assets, series)
        market_touch(workspace_id=access.workspace.pk)
    workspace_id = access.workspace.pk
    transaction.on_commit(lambda: workspace_rebuild(workspace_id=workspace_id))
    return access.workspace, written


def demo_extend() -> bool:
    """The day's closes, while the application runs; tells whether there is a demonstration."""
    if settings.EXITUS_DEMO:
        demo_ensure()
    return settings.EXITUS_DEMO


def demo_login_close() -> bool:
    """Where the demonstration is switched off nobody signs in as ``demo``; tells whether somebody
    could until now."""
    return bool(
        User.objects.filter(
            username=LOGIN, is_active=True, memberships__workspace_id=WORKSPACE_ID
        ).update(is_active=False)
    )


def _people_ensure() -> Access:
    """The workspace, the owner nobody can sign in as, and the viewer everybody can."""
    workspace, _ = Workspace.objects.get_or_create(
        pk=WORKSPACE_ID, defaults={"name": WORKSPACE_NAME, "is_demo": True}
    )
    owner, made = User.objects.get_or_create(username=_OWNER, defaults={"is_active": False})
    if made:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    Membership.objects.get_or_create(user=owner, workspace=workspace, defaults={"role": Role.OWNER})
    viewer, made = User.objects.get_or_create(
        username=LOGIN, defaults={"default_workspace": workspace, "is_shared": True}
    )
    if made:
        Membership.objects.create(user=viewer, workspace=workspace, role=Role.VIEWER)
    elif not Membership.objects.filter(user=viewer, workspace=workspace, role=Role.VIEWER).exists():
        raise Conflict("demo_taken", "Somebody else signs in as “demo” here; no demonstration.")
    if not viewer.is_active or not viewer.check_password(LOGIN):
        viewer.is_active = True
        viewer.set_password(LOGIN)
        viewer.save(update_fields=["is_active", "password"])
    return Access(workspace, Role.OWNER, owner)


def _wipe(workspace: Workspace) -> None:
    """Everything in the workspace, in an order that protected rows allow."""
    for model in (Transaction, CorporateEvent, Price, Account, Holder, Asset):
        model._default_manager.filter(workspace=workspace).delete()


def _newest_day() -> dt.date:
    """The last day whose closes may be told: today's once B3 has closed."""
    now = timezone.localtime()
    today = now.date() if now.time() >= _CLOSE_OF_B3 else now.date() - dt.timedelta(days=1)
    return max(today, STORY_END)


def _prices_end(workspace: Workspace) -> dt.date:
    """The last day prices were told for: the coin has one every day."""
    stored = Price.objects.filter(workspace=workspace, asset__ticker=COIN.ticker)
    return stored.aggregate(last=Max("date"))["last"] or dt.date.min


def _series(closed: Mapping[str, frozenset[dt.date]], until: dt.date) -> Closes:
    levels = market_levels(until)
    found: dict[str, tuple[list[dt.date], list[Decimal]]] = {}
    for asset in ASSETS:
        points = list(closes(asset, levels, closed.get(asset.exchange or "", frozenset()), until))
        if points:
            found[asset.ticker] = ([day for day, _ in points], [close for _, close in points])
    return found


def _assets_ensure(workspace: Workspace) -> dict[str, Asset]:
    known = {asset.ticker: asset for asset in Asset.objects.filter(workspace=workspace)}
    for demo in ASSETS:
        if demo.ticker in known:
            continue
        known[demo.ticker] = Asset.objects.create(
            workspace=workspace,
            ticker=demo.ticker,
            name=demo.full_name,
            asset_class=demo.asset_class,
            market=demo.market,
            currency=demo.currency,
            country=demo.market,
            exchange_id=demo.exchange,
            sector=demo.sector,
            issuer=demo.name,
            is_demo=True,
        )
        if demo.terms is not None:
            FixedIncomeTerms.objects.create(
                asset=known[demo.ticker],
                indexer=demo.terms.indexer.value,
                percent=demo.terms.percent,
                rate=demo.terms.rate,
                unit_value=demo.terms.unit_value,
                index_lag=demo.terms.index_lag,
                issue_date=demo.terms.issue_date,
                maturity=demo.terms.maturity,
            )
    return known


def _write(
    access: Access, assets: Mapping[str, Asset], series: Closes, closed: frozenset[dt.date]
) -> None:
    """The accounts, the corporate events and every row of the story, through the services."""
    accounts = _accounts(access.workspace)
    for demo in ASSETS:
        for ex_date, ratio in demo.splits.items():
            event_record(
                access=access,
                asset=assets[demo.ticker],
                kind=EventKind.SPLIT,
                ex_date=ex_date,
                ratio=ratio,
                source="Demonstração",
            )
        for ex_date, (share, cost) in demo.bonus.items():
            event_record(
                access=access,
                asset=assets[demo.ticker],
                kind=EventKind.BONUS,
                ex_date=ex_date,
                ratio=share,
                unit_amount=cost,
                source="Demonstração",
            )
    sessions = _sessions(closed)
    book = Book(series, sessions, _curve(), _dollar())
    tell(book)
    rows = sorted(book.entries, key=lambda entry: entry.date)
    transactions_record_bulk(
        access=access,
        inputs=[_input(entry, accounts, assets) for entry in rows],
        origin=Origin.DEMO,
    )


def _accounts(workspace: Workspace) -> dict[str, Account]:
    holders = {
        name: Holder.objects.get_or_create(
            workspace=workspace, name=name, defaults={"is_default": name == HOLDERS[0]}
        )[0]
        for name in HOLDERS
    }
    return {
        demo.name: Account.objects.create(
            workspace=workspace,
            name=demo.name,
            holder=holders[demo.holder],
            institution=Institution.objects.get(workspace=None, short_name=demo.institution),
            currency=demo.currency,
        )
        for demo in ACCOUNTS
    }


def _sessions(closed: frozenset[dt.date]) -> Sequence[dt.date]:
    days = (START + dt.timedelta(days=n) for n in range((STORY_END - START).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in closed]


def _curve() -> Callable[[DemoAsset, dt.date], Decimal]:
    """What a paper is worth by its own terms, from the indexes stored here."""
    indexes = index_table(names=("CDI", "SELIC", "IPCA"))
    banks = holidays_of(exchange_code="ANBIMA")

    def value(asset: DemoAsset, day: dt.date) -> Decimal:
        assert asset.terms is not None
        price, _issues = unit_price(asset.terms, day, indexes, banks)
        if price is None:
            raise Conflict("index_missing", f"No index to value {asset.ticker} on {day}.")
        return price

    return value


def _dollar() -> Callable[[dt.date], Decimal]:
    table = fx_table()

    def rate(day: dt.date) -> Decimal:
        found = table.rate("USD", "BRL", day)
        if found is None:
            raise Conflict("fx_rate_missing", f"No dollar rate on {day}: seed the reference data.")
        return found

    return rate


def _input(
    entry: Entry, accounts: Mapping[str, Account], assets: Mapping[str, Asset]
) -> TransactionInput:
    return TransactionInput(
        account=accounts[entry.account],
        kind=entry.kind.value,
        trade_date=entry.date,
        asset=assets[entry.asset] if entry.asset else None,
        quantity=entry.quantity,
        unit_price=entry.unit_price,
        amount=entry.amount,
        fees=entry.fees,
        tax_withheld=entry.tax_withheld,
        currency=entry.currency,
        to_currency=entry.to_currency,
        bucket=entry.bucket,
        note=entry.note,
    )


def _prices_extend(workspace: Workspace, assets: Mapping[str, Asset], series: Closes) -> None:
    """Adds the closes that are not stored yet. By COPY: at first there are 58,000."""
    newest: dict[uuid.UUID, dt.date] = defaultdict(lambda: dt.date.min)
    newest.update(
        Price.objects.filter(workspace=workspace)
        .values_list("asset_id")
        .annotate(last=Max("date"))
        .order_by()
    )
    by_ticker = {asset.ticker: asset for asset in ASSETS}
    table = connection.ops.quote_name(Price._meta.db_table)
    columns = "asset_id, workspace_id, date, close, adjustment_factor, source"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for ticker, (days, values) in series.items():
            asset = assets[ticker]
            last = newest[asset.pk]
            for day, close in zip(days, values, strict=True):
                if day > last:
                    factor = adjustment(by_ticker[ticker], day)
                    copy.write_row((asset.pk, workspace.pk, day, close, round(factor, 12), SOURCE))
