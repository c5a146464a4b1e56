"""Plain functions that make rows for tests: what is not named gets a sensible value.

Rows are written straight to the tables, beside the services, so that a test of one layer does not
depend on the rules of another.
"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.db.models import Max

from apps.accounts.access import Access
from apps.accounts.models import Holder, Membership, Role, User, Workspace
from apps.assets.models import Asset, Currency, Exchange, FixedIncomeTerms
from apps.brokers.models import Account, Institution
from apps.common.text import normalise_name
from apps.corporate_events.models import CorporateEvent
from apps.ledger.models import Transaction
from apps.market_data.models import FxRate, IndexValue, Price

PASSWORD = "correct horse battery"  # noqa: S105 - of people who exist in tests only
_numbers = itertools.count(1)
Number = Decimal | int | str


def _decimal(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def make_user(username: str = "", password: str = PASSWORD, **values: Any) -> User:
    """A person who can sign in with ``password`` and belongs nowhere yet."""
    username = username or f"person{next(_numbers)}"
    values.setdefault("email", f"{username}@example.org")
    return User.objects.create_user(username, password=password, **values)


def make_workspace(owner: User | None = None, name: str = "", **values: Any) -> Workspace:
    """A workspace with its owner (made when not given) and a main holder."""
    owner = owner or make_user()
    workspace = Workspace.objects.create(name=name or f"Espaço {next(_numbers)}", **values)
    Membership.objects.create(user=owner, workspace=workspace, role=Role.OWNER)
    Holder.objects.create(workspace=workspace, name=owner.username, is_default=True)
    if owner.default_workspace_id is None:
        owner.default_workspace = workspace
        owner.save(update_fields=["default_workspace"])
    return workspace


def make_member(workspace: Workspace, role: str = Role.VIEWER, user: User | None = None) -> User:
    """Someone who takes part in ``workspace`` with ``role``."""
    user = user or make_user()
    Membership.objects.create(user=user, workspace=workspace, role=role)
    return user


def make_access(workspace: Workspace | None = None, role: str = Role.OWNER) -> Access:
    """Access to ``workspace`` (made when not given) for its owner, or for a new member."""
    workspace = workspace or make_workspace()
    found = Membership.objects.filter(workspace=workspace, role=role).select_related("user").first()
    user = found.user if found else make_member(workspace, role)
    return Access(workspace, role, user)


def make_holder(workspace: Workspace, name: str = "", **values: Any) -> Holder:
    """Another taxpayer of the workspace."""
    name = name or f"Titular {next(_numbers)}"
    return Holder.objects.create(workspace=workspace, name=name, **values)


def make_institution(name: str = "", aliases: tuple[str, ...] = (), **values: Any) -> Institution:
    """An institution of the shared registry (give ``workspace`` for a private one)."""
    institution = Institution.objects.create(name=name or f"Corretora {next(_numbers)}", **values)
    for alias in aliases:
        institution.aliases.create(normalised=normalise_name(alias))
    return institution


def make_account(
    workspace: Workspace | None = None,
    *,
    institution: Institution | None = None,
    holder: Holder | None = None,
    name: str = "",
    **values: Any,
) -> Account:
    """An account of the workspace's main holder with a new institution."""
    workspace = workspace or make_workspace()
    return Account.objects.create(
        workspace=workspace,
        institution=institution or make_institution(),
        holder=holder or Holder.objects.get(workspace=workspace, is_default=True),
        name=name or f"Conta {next(_numbers)}",
        **values,
    )


def make_exchange(code: str = "BVMF", **values: Any) -> Exchange:
    """An exchange with its currency; the one that exists when it does."""
    currency, _ = Currency.objects.get_or_create(
        code=values.pop("currency", "BRL"), defaults={"name": "Real", "symbol": "R$"}
    )
    defaults = {
        "name": code,
        "country": "BR",
        "currency": currency,
        "timezone": "America/Sao_Paulo",
        "opens_at": dt.time(10),
        "closes_at": dt.time(17),
    }
    return Exchange.objects.get_or_create(code=code, defaults=defaults | values)[0]


def make_asset(ticker: str = "", asset_class: str = "stock", **values: Any) -> Asset:
    """An asset of the installation (give ``workspace`` for a private one), in BRL on B3."""
    return Asset.objects.create(
        ticker=ticker or f"TST{chr(65 + next(_numbers) % 26)}{next(_numbers)}",
        asset_class=asset_class,
        **values,
    )


def make_terms(asset: Asset, indexer: str = "cdi", **values: Any) -> FixedIncomeTerms:
    """Terms of a fixed-income paper: 100 % of the index from 2020 unless told otherwise."""
    values.setdefault("issue_date", dt.date(2020, 1, 2))
    return FixedIncomeTerms.objects.create(asset=asset, indexer=indexer, **values)


def make_event(
    asset: Asset, kind: str = "split", ex_date: dt.date = dt.date(2021, 6, 1), **values: Any
) -> CorporateEvent:
    """A corporate event of the installation (give ``workspace`` for a private one)."""
    if kind in ("split", "bonus", "spin_off", "merger"):
        values.setdefault("ratio", Decimal(2))
    return CorporateEvent.objects.create(asset=asset, kind=kind, ex_date=ex_date, **values)


def make_transaction(
    account: Account,
    kind: str = "buy",
    date: dt.date | str = dt.date(2024, 1, 2),
    *,
    asset: Asset | None = None,
    quantity: Number | None = None,
    unit_price: Number | None = None,
    amount: Number | None = None,
    fees: Number | None = None,
    tax_withheld: Number | None = None,
    ratio: Number | None = None,
    **values: Any,
) -> Transaction:
    """A ledger row of the account; a trade without figures is of 100 at 10 with fees 0.

    The workspace's version does not rise and nothing is rebuilt: services do that.
    """
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    if kind in ("buy", "sell", "short_sell", "cover"):
        asset = asset or make_asset()
        quantity = 100 if quantity is None else quantity
        if unit_price is None and amount is None:
            unit_price, fees = 10, 0 if fees is None else fees
    last = Transaction.objects.of(account.workspace_id).aggregate(last=Max("sequence"))["last"]
    return Transaction.objects.create(
        workspace_id=account.workspace_id,
        account=account,
        kind=kind,
        trade_date=day,
        asset=asset,
        quantity=_decimal(quantity),
        unit_price=_decimal(unit_price),
        amount=_decimal(amount),
        fees=_decimal(fees),
        tax_withheld=_decimal(tax_withheld),
        ratio=_decimal(ratio),
        currency=values.pop("currency", asset.currency if asset else account.currency),
        sequence=(last or 0) + 1,
        **values,
    )


def make_price(
    asset: Asset, date: dt.date | str, close: Number, source: str = "test", **values: Any
) -> Price:
    """A daily close (give ``workspace`` for one typed there)."""
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    return Price.objects.create(
        asset=asset, date=day, close=Decimal(close), source=source, **values
    )


def make_fx(
    date: dt.date | str, rate: Number, base: str = "USD", quote: str = "BRL", **values: Any
) -> FxRate:
    """A day's exchange rate: 1 ``base`` = ``rate`` ``quote``."""
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    values.setdefault("source", "ptax")
    return FxRate.objects.create(date=day, base=base, quote=quote, rate=Decimal(rate), **values)


def make_index(index: str, date: dt.date | str, value: Number, source: str = "test") -> IndexValue:
    """A day's value of an index."""
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    return IndexValue.objects.create(index=index, date=day, value=Decimal(value), source=source)
