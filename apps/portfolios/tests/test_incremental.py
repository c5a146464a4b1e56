"""Folding only what changed gives what folding everything gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db.models import Sum

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import DomainError
from apps.ledger.models import Change, Transaction
from apps.ledger.services import (
    TransactionInput,
    brokerage_note_record,
    transaction_delete,
    transaction_record,
    transaction_update,
    transactions_delete_bulk,
    transactions_record_bulk,
)
from apps.portfolios import scope
from apps.portfolios.models import Build, CashBalance, CashPart, Position
from apps.portfolios.services import metrics_refresh, rebuild, workspace_rebuild
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_event,
    make_fx,
    make_holder,
    make_transaction,
    make_workspace,
)

pytestmark = pytest.mark.django_db
D = Decimal
START = dt.date(2022, 1, 3)
KINDS = [
    *["buy"] * 8,
    *["sell"] * 5,
    *["dividend", "jcp", "interest"],
    *["split", "bonus", "spin_off", "merger", "rename", "subscription", "return_of_capital"],
    *["fraction_sale", "transfer_in", "transfer_out", "short_sell", "cover"],
    *["exercise", "assignment", "expiry", "maturity", "come_cotas", "daily_adjustment"],
    *["deposit", "withdrawal", "fee", "tax", "fx"],
]
PRICED = {"buy", "sell", "short_sell", "cover", "bonus", "transfer_in", "transfer_out"}
PLAIN = ["buy", "buy", "sell", "dividend", "deposit", "transfer_out"]


class World:
    """A workspace of two holders with linked, foreign and plain assets, and a seeded hand."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.access: Access = make_access()
        workspace = self.access.workspace
        self.accounts: list[Account] = [
            make_account(workspace),
            make_account(workspace),
            make_account(workspace, currency="USD"),
            make_account(workspace, holder=make_holder(workspace)),
        ]
        self.assets: list[Asset] = [make_asset(f"PL{n:02}3") for n in range(18)]
        self.assets += [
            make_asset(f"US{n:02}", "stock_abroad", market="US", currency="USD") for n in range(4)
        ]
        self.linked = [make_asset(f"LK{n:02}3") for n in range(6)]
        self.assets += self.linked
        self.assets.append(
            make_asset(
                "OPTA1",
                "option",
                underlying=self.linked[0],
                option_type="call",
                strike=D(11),
                expiry=dt.date(2024, 1, 19),
            )
        )
        for week in range(100):
            make_fx(START + dt.timedelta(days=7 * week), D(500 + week) / 100)
        make_event(self.assets[2], "split", dt.date(2022, 9, 1), ratio=D(3))
        make_event(self.assets[3], "bonus", dt.date(2022, 5, 2), ratio=D("0.1"), unit_amount=D(4))
        make_event(
            self.linked[1],
            "spin_off",
            dt.date(2023, 2, 1),
            ratio=D("0.5"),
            to_asset=self.linked[2],
            cost_share=D("0.2"),
        )

    @property
    def workspace(self) -> Workspace:
        return self.access.workspace

    def number(self, low: int, high: int) -> Decimal:
        return D(self.random.randint(low * 100, high * 100)) / 100

    def some(self, of: Iterable[str] = KINDS) -> TransactionInput:
        """A row that makes sense by itself, if not always after the others."""
        random = self.random
        kind = random.choice(list(of))
        moves_money = kind in ("deposit", "withdrawal", "fee", "tax", "fx")
        joins = kind in ("spin_off", "merger", "rename", "subscription")
        asset = None if moves_money else random.choice(self.linked if joins else self.assets)
        others = [each for each in self.linked if each != asset]
        return TransactionInput(
            account=random.choice(self.accounts),
            kind=kind,
            trade_date=START + dt.timedelta(days=random.randrange(700)),
            asset=asset,
            quantity=D(random.randint(1, 40)),
            unit_price=None if moves_money else self.number(5, 50),
            amount=self.number(10, 900) if kind not in PRICED or random.random() < 0.5 else None,
            fees=random.choice([None, D(0), self.number(0, 3)]),
            currency=random.choice(["", "", "", "USD"]) if kind == "buy" else "",
            fx_rate=D("5.1") if random.random() < 0.1 else None,
            ratio=D(2) if kind in ("split", "merger") else None,
            to_asset=random.choice(others) if joins else None,
            to_currency="USD" if kind == "fx" else "",
            cost_share=D("0.3") if kind == "spin_off" else None,
        )

    def rows(self) -> list[Transaction]:
        return list(Transaction.objects.of(self.workspace.pk).order_by("sequence"))

    def edit(self) -> None:
        """One write through the services; one that is refused is none."""
        random, access = self.random, self.access
        rows = self.rows()
        what = random.random()
        try:
            if what < 0.4:
                transaction_record(access=access, data=self.some())
            elif what < 0.65:
                transaction_update(access=access, row=random.choice(rows), data=self.some())
            elif what < 0.8:
                transaction_delete(access=access, row=random.choice(rows))
            elif what < 0.87:
                ids = [row.pk for row in random.sample(rows, 3)]
                transactions_delete_bulk(access=access, ids=ids)
            elif what < 0.94:
                transactions_record_bulk(access=access, inputs=[self.some() for _ in range(3)])
            else:
                row = random.choice([row for row in rows if row.kind in ("buy", "sell")])
                brokerage_note_record(
                    access=access,
                    account=row.account,
                    trade_date=row.trade_date,
                    fees=self.number(1, 9),
                )
        except DomainError:
            pass

    def figures(self) -> dict[str, Any]:
        """Everything derived, whatever the order and the ids it is stored with."""
        of = {"workspace": self.workspace}
        positions = Position.objects.filter(**of).order_by("holder_id", "account_id", "asset_id")
        parts = CashPart.objects.filter(**of).order_by("account_id", "currency", "asset_id")
        cash = CashBalance.objects.filter(**of).order_by("account_id", "currency")
        build = Build.objects.get(**of)
        return {
            "positions": _plain(positions),
            "parts": _plain(parts),
            "cash": _plain(cash),
            "issues": build.issues,
            "rows": build.rows,
            "version": build.ledger_version,
        }


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "id"} for row in rows.values()]


@pytest.fixture
def parts_folded(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each rebuild folded a part only."""
    seen: list[bool] = []
    real = rebuild._refold

    def spy(build: Build, assets: scope.Assets | None) -> bool:
        done = real(build, assets)
        if done:
            seen.append(assets is not None)
        return done

    monkeypatch.setattr(rebuild, "_refold", spy)
    return seen


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_give_the_figures_of_a_whole_fold(seed: int, parts_folded: list[bool]) -> None:
    world = World(seed)
    transactions_record_bulk(access=world.access, inputs=[world.some(PLAIN) for _ in range(70)])
    workspace_rebuild(workspace_id=world.workspace.pk)
    for _ in range(20):
        for _ in range(world.random.choice([1, 1, 1, 2])):
            world.edit()
        workspace_rebuild(workspace_id=world.workspace.pk)
        after = world.figures()
        workspace_rebuild(workspace_id=world.workspace.pk, force=True)
        assert after == world.figures()
    assert sum(parts_folded) >= 8  # each round folds whole once, to compare


def _bought(world: World, count: int = 12) -> Transaction:
    for asset in world.assets[:count]:
        make_transaction(world.accounts[0], asset=asset, quantity=10, unit_price=5, fees=0)
    workspace_rebuild(workspace_id=world.workspace.pk, force=True)
    return Transaction.objects.of(world.workspace.pk).earliest("sequence")


def _edit(world: World, row: Transaction, fees: str = "1") -> None:
    data = TransactionInput(
        world.accounts[0],
        "buy",
        row.trade_date,
        row.asset,
        quantity=D(10),
        unit_price=D(5),
        fees=D(fees),
    )
    transaction_update(access=world.access, row=row, data=data)


def test_an_edit_folds_its_asset_only_and_forgets_the_change(parts_folded: list[bool]) -> None:
    world = World(1)
    row = _bought(world)
    untouched = Position.objects.exclude(asset=row.asset).filter(workspace=world.workspace)
    before = list(untouched.order_by("pk").values_list("pk", flat=True))
    _edit(world, row)
    assert Change.objects.get(workspace=world.workspace).assets == [row.asset_id]
    assert workspace_rebuild(workspace_id=world.workspace.pk)
    assert parts_folded == [False, True]
    assert list(untouched.order_by("pk").values_list("pk", flat=True)) == before
    legal = Position.objects.get(workspace=world.workspace, asset=row.asset, account__isnull=True)
    assert legal.total_cost == 51  # 10 x 5 + 1
    assert CashBalance.objects.get().amount == -601  # 12 x 50, and the fee
    assert not Change.objects.exists()


def test_what_no_change_tells_of_folds_everything(parts_folded: list[bool]) -> None:
    world = World(2)
    row = _bought(world)
    Workspace.objects.filter(pk=world.workspace.pk).update(ledger_version=7)
    _edit(world, row)
    workspace_rebuild(workspace_id=world.workspace.pk)
    assert parts_folded == [False, False]

    # An asset, an event or an account changed by an administrator raises no version.
    for thing in (world.assets[5], make_event(world.assets[5]), world.accounts[1]):
        thing.save()
        _edit(world, row, "2")
        workspace_rebuild(workspace_id=world.workspace.pk)
        _edit(world, row, "3")
        workspace_rebuild(workspace_id=world.workspace.pk)
        assert parts_folded[-2:] == [False, True]

    Build.objects.filter(workspace=world.workspace).update(layout=0)
    _edit(world, row)
    workspace_rebuild(workspace_id=world.workspace.pk)
    assert not parts_folded[-1]


def test_rates_that_come_late_convert_what_was_folded_without_them() -> None:
    workspace = make_workspace()
    asset = make_asset("VOO", "etf_abroad", market="US", currency="USD")
    make_transaction(make_account(workspace), asset=asset, quantity=1, unit_price=400, fees=0)
    workspace_rebuild(workspace_id=workspace.pk)
    assert Position.objects.filter(total_cost_brl__isnull=False).count() == 0
    make_fx("2024-01-02", "5.00")
    metrics_refresh(workspace_id=workspace.pk)
    workspace.refresh_from_db()
    assert Build.objects.get(workspace=workspace).ledger_version == workspace.ledger_version == 1
    found = Position.objects.filter(account__isnull=True).aggregate(cost=Sum("total_cost_brl"))
    assert found["cost"] == 2000  # 400 x 5
