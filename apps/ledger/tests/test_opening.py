from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import Forbidden, Invalid
from apps.ledger import services
from apps.ledger.models import Kind, Origin, Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db

PASTED = "PETR4 100 2.850,00\n40 COTAS KNRI11 R$ 5.653,20\nXPTO3;10;150,00\n"


@pytest.fixture
def access() -> Access:
    make.make_exchange("BVMF")
    make.make_asset("PETR4")
    make.make_asset("KNRI11", "fii")
    return make.make_access()


@pytest.fixture
def account(access: Access) -> Account:
    return make.make_account(access.workspace)


def post(access: Access, **values: str) -> object:
    client = Client()
    client.force_login(access.user)
    return client.post(reverse("ledger:opening", args=[access.workspace.pk]), values)


def carried(answer: object, **changes: str) -> dict[str, str]:
    """The reviewed rows as the browser would send them back."""
    return {**answer.context["rows"].data, "passo": "gravar", **changes}  # type: ignore[attr-defined]


def test_the_date_is_the_eve_of_the_first_year(access: Access, account: Account) -> None:
    client = Client()
    client.force_login(access.user)
    address = reverse("ledger:opening", args=[access.workspace.pk])
    make.make_transaction(account, "deposit", "2019-11-04", amount=10)
    assert client.get(address).context["form"]["date"].value() == "31/12/2018"


def test_pasted_lines_are_reviewed_then_recorded_all_at_once(
    access: Access, account: Account
) -> None:
    head = {"account": str(account.pk), "date": "31/12/2018"}
    first = post(access, **head, pasted=PASTED)
    assert first.status_code == 200  # type: ignore[attr-defined]
    rows = first.context["rows"]  # type: ignore[attr-defined]
    assert not first.context["ready"]  # type: ignore[attr-defined]
    assert [bool(form.errors) for form in rows] == [False, False, True, False]  # XPTO3 is unknown
    assert not Transaction.objects.exists()
    body = first.content.decode()  # type: ignore[attr-defined]
    assert "XPTO3;10;150,00" in body  # the line it came from is shown beside it

    refused = post(access, **head, **carried(first))
    assert refused.status_code == 400  # type: ignore[attr-defined]
    assert not Transaction.objects.exists()

    done = post(access, **head, **carried(first, **{"linha-2-asset_class": "stock"}))
    assert done.status_code == 302  # type: ignore[attr-defined]
    recorded = Transaction.objects.order_by("sequence")
    assert [(r.asset.ticker, r.quantity, r.amount) for r in recorded if r.asset] == [
        ("PETR4", 100, 2850),
        ("KNRI11", 40, Decimal("5653.20")),
        ("XPTO3", 10, 150),
    ]
    assert {(r.kind, r.origin, r.trade_date) for r in recorded} == {
        (Kind.TRANSFER_IN, Origin.OPENING, dt.date(2018, 12, 31))
    }
    assert Asset.objects.get(ticker="XPTO3").workspace == access.workspace


def test_typed_rows_and_an_unknown_cost(access: Access, account: Account) -> None:
    values = {
        "account": str(account.pk),
        "date": "31/12/2018",
        "passo": "gravar",
        "linha-TOTAL_FORMS": "2",
        "linha-INITIAL_FORMS": "0",
        "linha-0-asset": "PETR4",
        "linha-0-quantity": "100",
        "linha-0-total_cost": "",
    }
    assert post(access, **values).status_code == 302  # type: ignore[attr-defined]
    row = Transaction.objects.get()
    assert (row.quantity, row.amount) == (100, None)
    again = post(access, **values)
    assert again.status_code == 400  # type: ignore[attr-defined]
    assert "já tem posição de abertura" in again.content.decode()  # type: ignore[attr-defined]


def test_the_same_asset_twice_is_refused(access: Access, account: Account) -> None:
    answer = post(
        access,
        account=str(account.pk),
        date="31/12/2018",
        pasted="PETR4 100 2.850,00\nPETR4 10 100,00",
    )
    assert "em duas linhas" in answer.content.decode()  # type: ignore[attr-defined]


def test_review_asks_the_database_the_same_whatever_its_length(
    access: Access, account: Account
) -> None:
    head = {"account": str(account.pk), "date": "31/12/2018"}

    def queries(lines: int) -> int:
        text = "\n".join(f"TES{chr(65 + n % 26)}{n % 9} 10 100,00" for n in range(lines))
        with CaptureQueriesContext(connection) as captured:
            post(access, **head, pasted=text)
        return len(captured)

    queries(1)
    assert queries(2) == queries(60)


def test_service_is_all_or_nothing(access: Access, account: Account) -> None:
    petr4, knri11 = Asset.objects.order_by("-ticker")
    positions = [
        services.OpeningPosition(petr4, Decimal(100), Decimal(2850)),
        services.OpeningPosition(knri11, Decimal(0), None),
    ]
    with pytest.raises(Invalid) as caught:
        services.opening_positions_record(
            access=access, account=account, date=dt.date(2018, 12, 31), positions=positions
        )
    assert [error.field for error in caught.value.errors] == ["positions.1.quantity"]
    assert not Transaction.objects.exists()
    viewer = make.make_access(access.workspace, "viewer")
    with pytest.raises(Forbidden):
        services.opening_positions_record(
            access=viewer, account=account, date=dt.date(2018, 12, 31), positions=positions
        )
