from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.brokers.models import Account
from apps.common.errors import Conflict, Invalid, NotFound
from apps.ledger import services
from apps.ledger.models import BrokerageNote, Transaction
from apps.ledger.services import TransactionInput
from apps.ledger.services.notes import allocate
from testing import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 3, 1)


@pytest.fixture
def access() -> Access:
    return make.make_access()


@pytest.fixture
def account(access: Access) -> Account:
    return make.make_account(access.workspace)


def trade(account: Account, kind: str, quantity: int, price: str, **values: Any) -> Transaction:
    return make.make_transaction(
        account, kind, DAY, asset=make.make_asset(), quantity=quantity, unit_price=price, **values
    )


def fees_of(*rows: Transaction) -> list[Decimal | None]:
    for row in rows:
        row.refresh_from_db()
    return [row.fees for row in rows]


@pytest.mark.parametrize(
    "total, weights, parts",
    [
        # 10 x 2850/11400 = 2.50; 10 x 8550/11400 = 7.50
        ("10.00", ["2850", "8550"], ["2.50", "7.50"]),
        # 1/3 each is 0.333...: cut to 0.33, and the cent left goes to the first
        ("1.00", ["1", "1", "1"], ["0.34", "0.33", "0.33"]),
        # 0.10 x 1/6 = 0.01667, x 2/6 = 0.03333, x 3/6 = 0.05: 0.09 so far; the largest remainder
        # (0.00667) is the first's
        ("0.10", ["1", "2", "3"], ["0.02", "0.03", "0.05"]),
        ("0.02", ["5", "5", "5"], ["0.01", "0.01", "0.00"]),
        ("0", ["5", "5"], ["0", "0"]),
        # no values known: equal shares
        ("5.00", ["0", "0"], ["2.50", "2.50"]),
    ],
)
def test_allocation_adds_up_to_the_cent(total: str, weights: list[str], parts: list[str]) -> None:
    found = allocate(Decimal(total), [Decimal(w) for w in weights])
    assert found == [Decimal(p) for p in parts]
    assert sum(found) == Decimal(total)


def test_a_note_is_spread_by_value(access: Access, account: Account) -> None:
    buy = trade(account, "buy", 100, "28.50")  # 2,850 of 11,400
    sale = trade(account, "sell", 100, "85.50")  # 8,550 of 11,400
    known = trade(account, "buy", 10, "10", fees="1.23")  # already known: left alone
    other = trade(make.make_account(access.workspace), "buy", 1, "1")
    note = services.brokerage_note_record(
        access=access, account=account, trade_date=DAY, fees=Decimal(10), irrf=Decimal("0.42")
    )
    assert fees_of(buy, sale, known, other) == [
        Decimal("2.50"),
        Decimal("7.50"),
        Decimal("1.23"),
        None,
    ]
    assert (buy.tax_withheld, sale.tax_withheld) == (None, Decimal("0.42"))
    access.workspace.refresh_from_db()
    assert access.workspace.stale_since == DAY

    # The same note again replaces what it gave.
    services.brokerage_note_record(access=access, account=account, trade_date=DAY, fees=Decimal(20))
    assert fees_of(buy, sale) == [5, 15]
    assert BrokerageNote.objects.count() == 1

    note.refresh_from_db()
    services.brokerage_note_delete(access=access, note=note)
    assert fees_of(buy, sale, known) == [None, None, Decimal("1.23")]
    assert buy.brokerage_note is None


def test_deleting_a_note_takes_back_the_tax_it_gave(access: Access, account: Account) -> None:
    sale = trade(account, "sell", 100, "85.50")
    note = services.brokerage_note_record(
        access=access, account=account, trade_date=DAY, fees=Decimal(1), irrf=Decimal("0.42")
    )
    services.brokerage_note_delete(access=access, note=note)
    sale.refresh_from_db()
    assert (sale.fees, sale.tax_withheld) == (None, None)


def test_two_notes_of_one_day(access: Access, account: Account) -> None:
    first, second = trade(account, "buy", 1, "100"), trade(account, "buy", 1, "300")
    a = services.brokerage_note_record(
        access=access,
        account=account,
        trade_date=DAY,
        fees=Decimal(1),
        number="A",
        trade_ids=[first.pk],
    )
    services.brokerage_note_record(
        access=access,
        account=account,
        trade_date=DAY,
        fees=Decimal(3),
        number="B",
        trade_ids=[str(second.pk)],
    )
    assert fees_of(first, second) == [1, 3]
    with pytest.raises(Conflict):
        services.brokerage_note_update(
            access=access, note=a, fees=Decimal(1), number="A", trade_ids=[second.pk]
        )
    with pytest.raises(Invalid) as caught:
        services.brokerage_note_update(access=access, note=a, fees=Decimal(1), number="B")
    assert caught.value.errors[0].field == "number"
    with pytest.raises(Invalid) as caught:
        services.brokerage_note_record(
            access=access, account=account, trade_date=DAY, fees=Decimal(1), number="C"
        )
    assert caught.value.code == "no_trades"
    assert BrokerageNote.objects.count() == 2  # the refused one left nothing


def test_changing_which_trades_a_note_has(access: Access, account: Account) -> None:
    first, second = trade(account, "buy", 1, "100"), trade(account, "sell", 1, "300")
    note = services.brokerage_note_record(
        access=access, account=account, trade_date=DAY, fees=Decimal(4), irrf=Decimal(1)
    )
    assert fees_of(first, second) == [1, 3]
    services.brokerage_note_update(
        access=access, note=note, fees=Decimal(4), irrf=Decimal(1), trade_ids=[first.pk]
    )
    assert fees_of(first, second) == [4, None]
    assert (second.tax_withheld, second.brokerage_note) == (None, None)


def update(access: Access, row: Transaction, **changes: Any) -> Transaction:
    row.refresh_from_db()
    names = TransactionInput.__dataclass_fields__
    data = TransactionInput(**{**{n: getattr(row, n) for n in names}, **changes})
    return services.transaction_update(access=access, row=row, data=data)


def test_the_parts_follow_the_trades(access: Access, account: Account) -> None:
    first, second, third = (trade(account, "buy", 1, price) for price in ("100", "100", "200"))
    services.brokerage_note_record(access=access, account=account, trade_date=DAY, fees=Decimal(8))
    assert fees_of(first, second, third) == [2, 2, 4]
    update(access, first, quantity=Decimal(5))  # 500, 100, 200 of 800
    assert fees_of(first, second, third) == [5, 1, 2]
    services.transaction_delete(access=access, row=first)  # 100, 200 of 300
    assert fees_of(second, third) == [Decimal("2.67"), Decimal("5.33")]
    with pytest.raises(Invalid) as caught:
        update(access, second, fees=Decimal(9))
    assert caught.value.errors[0].code == "fees_from_note"
    moved = update(access, second, trade_date=DAY + dt.timedelta(days=1))
    assert (moved.fees, moved.brokerage_note) == (None, None)
    assert fees_of(third) == [8]
    services.transactions_delete_bulk(access=access, ids=[third.pk])
    assert not BrokerageNote.objects.exists()  # nothing is left to carry it


def test_a_note_of_another_workspace_is_not_found(access: Access, account: Account) -> None:
    trade(account, "buy", 1, "100")
    note = services.brokerage_note_record(
        access=access, account=account, trade_date=DAY, fees=Decimal(4)
    )
    stranger = make.make_access()
    with pytest.raises(NotFound):
        services.brokerage_note_delete(access=stranger, note=note)
    with pytest.raises(NotFound):
        services.brokerage_note_update(access=stranger, note=note, fees=Decimal(1))
    with pytest.raises(NotFound):
        services.brokerage_note_record(
            access=stranger, account=account, trade_date=DAY, fees=Decimal(1)
        )


# ---- pages


def page(access: Access, name: str, *args: object) -> str:
    return reverse(f"ledger:{name}", args=[access.workspace.pk, *args])


def test_pages_from_the_day_to_the_note_and_back(access: Access, account: Account) -> None:
    buy, sale = trade(account, "buy", 100, "28.50"), trade(account, "sell", 100, "85.50")
    client = Client()
    client.force_login(access.user)
    (day,) = client.get(page(access, "fees")).context["page"].object_list
    assert (day["trades"], day["traded"], day["trade_date"]) == (2, 11400, DAY)
    address = page(access, "note_new") + f"?conta={account.pk}&data=2024-03-01"
    body = client.get(address).content.decode()
    assert body.count(" checked") == 2
    values = {"fees": "10,00", "irrf": "0,42", "trades": [str(buy.pk), str(sale.pk)]}
    preview = client.post(
        page(access, "note_preview") + f"?conta={account.pk}&data=2024-03-01", values
    )
    assert [line["fees"] for line in preview.context["lines"]] == [
        Decimal("2.50"),
        Decimal("7.50"),
    ]
    assert fees_of(buy) == [None]
    checked = client.post(address, {**values, "passo": "conferir"})
    assert "2,50" in checked.content.decode()
    assert client.post(address, {**values, "fees": "-1"}).status_code == 400
    assert client.post(address, {"fees": "1"}).status_code == 400  # no trade ticked
    assert client.post(address, values).status_code == 302
    assert fees_of(buy, sale) == [Decimal("2.50"), Decimal("7.50")]
    listed = client.get(page(access, "fees"))
    assert not listed.context["page"].object_list
    (note,) = listed.context["notes"].object_list
    assert (note.trades_count, note.traded) == (2, 11400)
    edit = page(access, "note_edit", note.pk)
    assert 'value="10"' in client.get(edit).content.decode()
    assert client.post(edit, {**values, "fees": "20"}).status_code == 302
    assert fees_of(buy) == [5]
    delete = page(access, "note_delete", note.pk)
    assert client.get(delete).status_code == 200
    assert client.post(delete).status_code == 302
    assert fees_of(buy, sale) == [None, None]


def test_fees_page_asks_the_database_the_same_whatever_its_length(
    access: Access, account: Account
) -> None:
    client = Client()
    client.force_login(access.user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(page(access, "fees"))
        return len(captured)

    def days(start: int, end: int) -> None:
        for number in range(start, end):
            day = DAY + dt.timedelta(days=number)
            for kind in ("buy", "sell"):
                make.make_transaction(
                    account, kind, day, asset=make.make_asset(), quantity=1, unit_price=1
                )
            if number % 2:
                services.brokerage_note_record(
                    access=access, account=account, trade_date=day, fees=Decimal(1)
                )

    days(0, 4)
    queries()
    few = queries()
    days(4, 20)
    assert queries() == few


def test_a_day_that_cannot_be_read_is_not_found(access: Access, account: Account) -> None:
    client = Client()
    client.force_login(access.user)
    for query in ("", f"?conta={account.pk}&data=x", "?conta=x&data=2024-03-01"):
        assert client.get(page(access, "note_new") + query).status_code == 404
