from __future__ import annotations

import datetime as dt
import threading
import uuid
from decimal import Decimal
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import connection, connections

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import Forbidden, Invalid, NotFound
from apps.ledger import selectors, services
from apps.ledger.models import Kind, Transaction
from apps.ledger.services import TransactionInput
from apps.ledger.signals import ledger_changed
from testing import factories as make

DAY = dt.date(2024, 3, 1)


@pytest.fixture
def access(db: None) -> Access:
    return make.make_access()


@pytest.fixture
def account(access: Access) -> Account:
    return make.make_account(access.workspace)


@pytest.fixture
def petr4(access: Access) -> Asset:
    return make.make_asset("PETR4")


def buy(where: Account, what: Asset, **values: Any) -> TransactionInput:
    defaults: dict[str, Any] = {
        "account": where,
        "kind": Kind.BUY,
        "trade_date": DAY,
        "asset": what,
        "quantity": Decimal(100),
        "unit_price": Decimal("28.50"),
    }
    return TransactionInput(**{**defaults, **values})


def test_recording_marks_the_workspace_stale_and_tells_after_commit(
    access: Access, account: Account, petr4: Asset, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[Any] = []

    def hear(workspace_id: Any, **_kwargs: Any) -> None:
        heard.append(workspace_id)

    ledger_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            row = services.transaction_record(access=access, data=buy(account, petr4))
            assert not heard
            access.workspace.refresh_from_db()
            assert (access.workspace.ledger_version, access.workspace.stale_since) == (1, DAY)
        assert heard == [access.workspace.pk]
    finally:
        ledger_changed.disconnect(hear)
    assert (row.sequence, row.currency, row.origin) == (1, "BRL", "manual")


def test_the_earlier_of_two_dates_is_stale(access: Access, account: Account, petr4: Asset) -> None:
    row = services.transaction_record(access=access, data=buy(account, petr4))
    type(access.workspace).objects.update(stale_since=None)
    early = DAY - dt.timedelta(days=30)
    services.transaction_update(access=access, row=row, data=buy(account, petr4, trade_date=early))
    access.workspace.refresh_from_db()
    assert access.workspace.stale_since == early
    type(access.workspace).objects.update(stale_since=None)
    row.refresh_from_db()
    services.transaction_update(access=access, row=row, data=buy(account, petr4))
    access.workspace.refresh_from_db()
    assert access.workspace.stale_since == early  # the row left that day


def test_currency_follows_the_asset_then_the_account(access: Access) -> None:
    dollars = make.make_account(access.workspace, currency="USD")
    voo = make.make_asset("VOO", "etf_abroad", market="US", currency="USD")
    row = services.transaction_record(access=access, data=buy(dollars, voo))
    assert row.currency == "USD"
    deposit = TransactionInput(
        account=dollars, kind=Kind.DEPOSIT, trade_date=DAY, amount=Decimal(10)
    )
    assert services.transaction_record(access=access, data=deposit).currency == "USD"


@pytest.mark.parametrize(
    "values, field",
    [
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"unit_price": Decimal(-1)}, "unit_price"),
        ({"unit_price": None}, "unit_price"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"tax_withheld": Decimal(-1)}, "tax_withheld"),
        ({"fees": Decimal(-1)}, "fees"),
        ({"quantity": Decimal("1e17")}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"currency": "reais"}, "currency"),
        # 10^9 at 10^5 each is 10^14, the least that is refused.
        ({"quantity": Decimal("1e9"), "unit_price": Decimal("1e5")}, "unit_price"),
        ({"amount": Decimal("1e14")}, "amount"),
        ({"trade_date": dt.date(1899, 12, 31)}, "trade_date"),
        ({"trade_date": dt.date(2100, 1, 1)}, "trade_date"),
        ({"asset": None}, "asset"),
        ({"kind": "gift"}, "kind"),
    ],
)
def test_what_cannot_be_true_is_refused(
    access: Access, account: Account, petr4: Asset, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        services.transaction_record(access=access, data=buy(account, petr4, **values))
    assert field in {error.field for error in caught.value.errors}
    assert not Transaction.objects.exists()


def test_other_peoples_accounts_and_assets_are_not_found(
    access: Access, account: Account, petr4: Asset
) -> None:
    foreign_account = make.make_account()
    foreign_asset = make.make_asset("XPTO3", workspace=make.make_workspace())
    for data in (buy(foreign_account, petr4), buy(account, foreign_asset)):
        with pytest.raises(Invalid) as caught:
            services.transaction_record(access=access, data=data)
        assert caught.value.errors[0].code == "not_found"


def test_a_viewer_writes_nothing_and_a_stranger_finds_nothing(
    access: Access, account: Account, petr4: Asset
) -> None:
    row = services.transaction_record(access=access, data=buy(account, petr4))
    viewer = make.make_access(access.workspace, "viewer")
    data = buy(account, petr4)
    with pytest.raises(Forbidden):
        services.transaction_record(access=viewer, data=data)
    with pytest.raises(Forbidden):
        services.transaction_update(access=viewer, row=row, data=data)
    with pytest.raises(Forbidden):
        services.transaction_delete(access=viewer, row=row)
    with pytest.raises(Forbidden):
        services.transactions_delete_bulk(access=viewer, ids=[row.pk])
    with pytest.raises(Forbidden):
        services.transactions_record_bulk(access=viewer, inputs=[data])
    stranger = make.make_access()
    with pytest.raises(NotFound):
        services.transaction_delete(access=stranger, row=row)
    assert services.transactions_delete_bulk(access=stranger, ids=[row.pk]) == 0
    assert Transaction.objects.count() == 1


def test_an_imported_row_is_marked_when_edited(
    access: Access, account: Account, petr4: Asset
) -> None:
    batch = uuid.uuid4()
    services.transactions_record_bulk(access=access, inputs=[buy(account, petr4)], batch_id=batch)
    row = Transaction.objects.get()
    assert (row.batch_id, row.origin, row.edited_by_hand) == (batch, "import", False)
    services.transaction_update(access=access, row=row, data=buy(account, petr4))
    row.refresh_from_db()
    assert row.edited_by_hand


def test_bulk_is_all_or_nothing_and_keeps_the_order(
    access: Access, account: Account, petr4: Asset
) -> None:
    services.transaction_record(access=access, data=buy(account, petr4))
    inputs = [buy(account, petr4, quantity=Decimal(n)) for n in (1, 2, 3)]
    with pytest.raises(Invalid) as caught:
        services.transactions_record_bulk(
            access=access, inputs=[*inputs, buy(account, petr4, quantity=None)]
        )
    assert caught.value.params["index"] == 3
    assert Transaction.objects.count() == 1
    ids = services.transactions_record_bulk(access=access, inputs=inputs)
    rows = {row.pk: row for row in Transaction.objects.all()}
    assert [(rows[key].sequence, rows[key].quantity) for key in ids] == [(2, 1), (3, 2), (4, 3)]
    assert services.transactions_delete_bulk(access=access, ids=ids) == 3
    assert services.transactions_record_bulk(access=access, inputs=[]) == []


def test_history_keeps_every_change_and_who_made_it(
    access: Access, account: Account, petr4: Asset
) -> None:
    with pghistory.context(user=str(access.user.pk), url="/test"):
        row = services.transaction_record(access=access, data=buy(account, petr4))
        key = row.pk
        services.transaction_update(
            access=access, row=row, data=buy(account, petr4, quantity=Decimal(7))
        )
        services.transaction_delete(access=access, row=row)
        others = services.transactions_record_bulk(access=access, inputs=[buy(account, petr4)] * 2)
        services.transactions_delete_bulk(access=access, ids=others)
    events = apps.get_model("ledger", "TransactionEvent")._default_manager.order_by("pgh_id")
    kept = events.filter(pgh_obj_id=key)
    assert [(e.pgh_label, e.quantity) for e in kept] == [
        ("insert", 100),
        ("update", 7),
        ("delete", 7),
    ]
    assert {e.pgh_context.metadata["user"] for e in kept} == {str(access.user.pk)}
    assert events.filter(pgh_obj_id__in=others, pgh_label="delete").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_writers_never_share_a_sequence() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    asset = make.make_asset()
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            start.wait(timeout=10)
            for _number in range(5):
                services.transaction_record(access=access, data=buy(account, asset))
                services.transactions_record_bulk(access=access, inputs=[buy(account, asset)] * 3)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures
    sequences = list(Transaction.objects.values_list("sequence", flat=True).order_by("sequence"))
    assert sequences == list(range(1, 41))  # 2 writers x 5 turns x (1 + 3) rows
    access.workspace.refresh_from_db()
    assert access.workspace.ledger_version == 20  # 2 x 5 x 2 writes


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_deletion_of_the_same_row_do_not_bring_it_back() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    asset = make.make_asset()
    row = services.transaction_record(access=access, data=buy(account, asset))
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def run(action: Any) -> None:
        try:
            start.wait(timeout=10)
            action()
            outcomes.append("done")
        except NotFound:
            outcomes.append("not found")
        finally:
            connections.close_all()

    def edit() -> None:
        services.transaction_update(
            access=access, row=row, data=buy(account, asset, quantity=Decimal(5))
        )

    def delete() -> None:
        services.transaction_delete(access=access, row=row)

    threads = [threading.Thread(target=run, args=(action,)) for action in (edit, delete)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not Transaction.objects.exists()
    assert sorted(outcomes) in (["done", "done"], ["done", "not found"])


def _plan(sql: str, params: tuple[Any, ...]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.slow
def test_indexes_serve_the_list_and_the_engine(access: Access, account: Account) -> None:
    """20,000 rows of one workspace among as many of others: both reads come from the index."""
    assets = [make.make_asset() for _ in range(200)]
    other = make.make_account(make.make_workspace())
    for place in (account, other):
        make.make_transaction(place, date=dt.date(2006, 1, 2), asset=assets[0])
    # The two rows again and again, three a day, each of the next asset.
    differs = {
        "id": "gen_random_uuid()",
        "asset_id": "(%s::uuid[])[n %% 200 + 1]",
        "trade_date": "trade_date + n / 3",
        "sequence": "n + 1",
    }
    columns = [field.column for field in Transaction._meta.concrete_fields]
    values = ", ".join(differs.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_transaction ({', '.join(columns)}) SELECT {values} "
            "FROM ledger_transaction CROSS JOIN generate_series(1, 19999) AS n",
            [[asset.pk for asset in assets]],
        )
        cursor.execute("ANALYZE ledger_transaction")
    found = selectors.transactions_search(access=access, filters=selectors.TransactionFilters())[
        :50
    ]
    plan = _plan(*found.query.sql_with_params())
    assert "transaction_stream" in plan
    assert "Sort" not in plan  # newest first is the index read backwards
    by_asset = selectors.transactions_of(access=access).filter(asset=assets[0])
    plan = _plan(*by_asset.query.sql_with_params())
    assert "transaction_by_asset" in plan
    stream = Transaction.objects.of(access.workspace.pk).chronological()
    plan = _plan(*stream.query.sql_with_params())
    assert "transaction_stream" in plan
    assert "Sort" not in plan
    engine = selectors.engine_rows(workspace_id=access.workspace.pk)
    assert len(engine) == 20_000
