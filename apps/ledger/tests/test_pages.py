from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.common.errors import Invalid
from apps.ledger import services
from apps.ledger.kinds import SPECS
from apps.ledger.models import Kind, Transaction
from apps.ledger.services import TransactionInput
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    return make.make_access()


@pytest.fixture
def account(access: Access) -> Account:
    return make.make_account(access.workspace, name="Corretora Um")


@pytest.fixture
def petr4() -> Asset:
    return make.make_asset("PETR4", name="Petrobras PN")


def client_of(access: Access) -> Client:
    client = Client()
    client.force_login(access.user)
    return client


def url(access: Access, name: str, *args: object) -> str:
    return reverse(f"ledger:{name}", args=[access.workspace.pk, *args])


def typed(account: Account, **values: Any) -> dict[str, Any]:
    return {
        "kind": "buy",
        "trade_date": "22/11/2024",
        "account": str(account.pk),
        "asset": "PETR4",
        "quantity": "100",
        "unit_price": "28,50",
        "fees": "3,00",
        **values,
    }


# ---- the list


def test_list_shows_rows_newest_first(access: Access, account: Account, petr4: Asset) -> None:
    make.make_transaction(
        account, "buy", "2024-01-02", asset=petr4, quantity=100, unit_price="28.5"
    )
    make.make_transaction(account, "dividend", "2024-03-01", asset=petr4, amount="12.34")
    body = client_of(access).get(url(access, "list")).content.decode()
    assert body.index("01/03/2024") < body.index("02/01/2024")
    assert "R$\u00a02.850,00" in body  # 100 x 28.50
    assert "R$\u00a012,34" in body


def test_list_filters_stay_in_the_address(access: Access, account: Account, petr4: Asset) -> None:
    other = make.make_account(access.workspace)
    vale = make.make_asset("VALE3")
    for number in range(60):
        make.make_transaction(
            account, "buy", "2024-01-02", asset=petr4, quantity=number + 1, unit_price=10
        )
    make.make_transaction(
        other, "sell", "2024-02-02", asset=vale, quantity=1, unit_price=10, fees=1
    )
    client = client_of(access)

    def found(query: str) -> int:
        page = client.get(url(access, "list") + query).context["page"]
        return int(page.paginator.count)

    assert found("") == 61
    assert found("?q=petr") == 60
    assert found("?q=vale&tipo=trades") == 1
    assert found("?tipo=sell") == 1
    assert found("?tipo=income") == 0
    assert found(f"?conta={other.pk}") == 1
    assert found("?de=01/02/2024") == 1
    assert found("?ate=2024-01-31") == 60
    assert found("?sem_taxas=on") == 60
    assert found(f"?lote={uuid.uuid4()}") == 0
    assert found("?conta=nonsense&de=nonsense&lote=x&tipo=x") == 61
    body = client.get(url(access, "list") + "?q=petr&page=1").content.decode()
    assert "q=petr&amp;page=2" in body


def test_list_asks_the_database_the_same_whatever_its_length(
    access: Access, account: Account, petr4: Asset
) -> None:
    client = client_of(access)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url(access, "list")).status_code == 200
        return len(captured)

    make.make_transaction(account, asset=petr4, quantity=1, unit_price=1)
    queries()  # the session is read and cached
    few = queries()
    for number in range(80):
        other = make.make_account(access.workspace) if number % 10 == 0 else account
        make.make_transaction(other, asset=make.make_asset(), quantity=1, unit_price=1)
    assert queries() == few
    assert few <= 8


# ---- the form


def test_new_row_is_recorded(access: Access, account: Account, petr4: Asset) -> None:
    client = client_of(access)
    assert client.get(url(access, "new")).status_code == 200
    answer = client.post(url(access, "new"), typed(account))
    assert answer.status_code == 302
    row = Transaction.objects.get()
    assert (row.quantity, row.unit_price, row.fees) == (100, Decimal("28.5"), 3)
    assert row.trade_date.isoformat() == "2024-11-22"
    assert row.asset == petr4
    assert row.tax_withheld is None


def test_save_and_enter_another_keeps_kind_date_and_account(
    access: Access, account: Account, petr4: Asset
) -> None:
    answer = client_of(access).post(url(access, "new"), typed(account, passo="outro"))
    assert answer.status_code == 302
    assert "kind=buy" in answer["Location"]
    assert f"account={account.pk}" in answer["Location"]
    assert "trade_date=22%2F11%2F2024" in answer["Location"]


def test_errors_stand_by_their_fields(access: Access, account: Account) -> None:
    answer = client_of(access).post(
        url(access, "new"),
        typed(account, asset="", quantity="x", unit_price="", trade_date="amanhã"),
    )
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert set(errors) == {"asset", "quantity", "unit_price", "trade_date"}
    assert "Não entendemos este número" in errors["quantity"][0]
    body = answer.content.decode()
    assert 'aria-describedby="id_quantity_error"' in body
    answer = client_of(access).post(url(access, "new"), typed(account, kind="sell", fees="-1e9"))
    assert set(answer.context["form"].errors) == {"asset", "fees"}  # PETR4 is not known here
    assert not Transaction.objects.exists()


def test_a_field_the_kind_does_not_use_is_refused(
    access: Access, account: Account, petr4: Asset
) -> None:
    answer = client_of(access).post(url(access, "new"), typed(account, ratio="2"))
    assert set(answer.context["form"].errors) == {"ratio"}


def test_an_unknown_code_is_offered_as_a_new_asset(access: Access, account: Account) -> None:
    make.make_exchange("BVMF")
    client = client_of(access)
    answer = client.post(url(access, "new"), typed(account, asset="xpto3"))
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"asset"}
    body = answer.content.decode()
    assert 'name="asset_class"' in body
    assert "(provável)" in body  # 3 says a share
    answer = client.post(url(access, "new"), typed(account, asset="xpto3", asset_class="stock"))
    assert answer.status_code == 302
    asset = Asset.objects.get(ticker="XPTO3")
    assert (asset.workspace, asset.asset_class, asset.currency) == (
        access.workspace,
        "stock",
        "BRL",
    )
    assert Transaction.objects.get().asset == asset


def test_a_preview_makes_no_asset(access: Access, account: Account) -> None:
    answer = client_of(access).post(
        url(access, "preview"), typed(account, asset="XPTO3", asset_class="stock")
    )
    assert answer.status_code == 200
    assert answer.context["preview"].now[0].after.quantity == 100
    assert not Asset.objects.exists()


def test_every_kind_has_a_form(access: Access, account: Account) -> None:
    client = client_of(access)
    for kind in Kind.values:
        body = client.get(url(access, "new"), {"kind": kind}).content.decode()
        assert f'<option value="{kind}" selected>' in body
    everything = client.get(url(access, "new"), {"campos": "todos"}).content.decode()
    for name in ("ratio", "cost_share", "bucket", "to_currency", "trade_time", "quantity"):
        assert f'name="{name}"' in everything


def test_the_form_says_what_each_kind_requires(access: Access, account: Account) -> None:
    """The form's table of fields and the service's rules name the same required fields."""
    assert set(SPECS) == set(Kind.values)
    client = client_of(access)
    for kind, spec in SPECS.items():
        answer = client.post(
            url(access, "new"), {"kind": kind, "trade_date": "hoje", "account": account.pk}
        )
        required = {*spec.required, *spec.either[:1]}
        assert set(answer.context["form"].errors) == required, kind
        data = TransactionInput(account=account, kind=kind, trade_date=dt.date(2024, 1, 2))
        with pytest.raises(Invalid) as refused:
            services.transaction_record(access=access, data=data)
        assert {error.field for error in refused.value.errors} == required, kind


def test_a_workspace_without_accounts_is_told_to_make_one(access: Access) -> None:
    body = client_of(access).get(url(access, "new")).content.decode()
    assert reverse("brokers:accounts", args=[access.workspace.pk]) in body


# ---- preview


def test_preview_shows_position_before_and_after(
    access: Access, account: Account, petr4: Asset
) -> None:
    make.make_transaction(
        account, "buy", "2024-01-02", asset=petr4, quantity=100, unit_price=20, fees=0
    )
    client = client_of(access)
    preview = client.post(
        url(access, "preview"), typed(account, unit_price="30", fees="0")
    ).context["preview"]
    (change,) = preview.now
    assert (change.before.quantity, change.before.average) == (100, 20)
    # (100 x 20 + 100 x 30) / 200
    assert (change.after.quantity, change.after.average, change.after.cost) == (200, 25, 5000)
    assert [(c.currency, c.amount) for c in preview.cash] == [("BRL", -3000)]
    assert not preview.issues
    assert not preview.then


def test_preview_of_a_backdated_row_shows_both_moments(
    access: Access, account: Account, petr4: Asset
) -> None:
    make.make_transaction(
        account, "sell", "2024-06-03", asset=petr4, quantity=100, unit_price=40, fees=0
    )
    preview = (
        client_of(access)
        .post(url(access, "preview"), typed(account, trade_date="02/01/2024", fees="0"))
        .context["preview"]
    )
    assert preview.then[0].after.quantity == 100
    assert preview.now[0].after.quantity == 0
    assert preview.now[0].after.realised == 100 * 40 - 100 * Decimal("28.5")
    assert any("só havia 0" in text for text in preview.solved)  # the sale is no longer naked


def test_preview_says_when_more_is_sold_than_held(
    access: Access, account: Account, petr4: Asset
) -> None:
    make.make_transaction(account, asset=petr4, quantity=30, unit_price=20, fees=0)
    answer = client_of(access).post(url(access, "preview"), typed(account, kind="sell"))
    assert any(
        "Vende 100, mas só havia 30: faltam 70" in text for text in answer.context["preview"].issues
    )


def test_preview_counts_the_markets_events(access: Access, account: Account, petr4: Asset) -> None:
    make.make_event(petr4, "split", dt.date(2025, 6, 2), ratio=2)
    preview = (
        client_of(access).post(url(access, "preview"), typed(account, fees="0")).context["preview"]
    )
    assert preview.now[0].after.quantity == 200  # 100 bought before one became two
    assert preview.now[0].after.cost == 2850


def test_preview_of_an_unfinished_row_is_silent(access: Access, account: Account) -> None:
    answer = client_of(access).post(url(access, "preview"), {"kind": "buy", "asset": "PE"})
    assert answer.status_code == 200
    assert answer.context["preview"] is None
    assert b'id="asset-new" hx-swap-oob="true"' in answer.content


def test_checking_without_javascript_shows_the_preview_in_the_page(
    access: Access, account: Account, petr4: Asset
) -> None:
    answer = client_of(access).post(url(access, "new"), typed(account, passo="conferir"))
    assert answer.status_code == 200
    assert answer.context["preview"].now[0].after.quantity == 100
    assert not Transaction.objects.exists()


def test_preview_query_count_does_not_grow(access: Access, account: Account, petr4: Asset) -> None:
    client = client_of(access)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(url(access, "preview"), typed(account))
        return len(captured)

    make.make_transaction(account, asset=petr4, quantity=1, unit_price=1)
    queries()
    few = queries()
    for _number in range(40):
        make.make_transaction(account, asset=petr4, quantity=1, unit_price=1)
    assert queries() == few


# ---- edit and delete


def test_edit_changes_the_row(access: Access, account: Account, petr4: Asset) -> None:
    row = make.make_transaction(account, asset=petr4, quantity=100, unit_price="28.5")
    client = client_of(access)
    page = client.get(url(access, "edit", row.pk))
    form = page.context["form"]
    assert form["unit_price"].value() == "28,5"
    assert 'value="28,5"' in page.content.decode()
    answer = client.post(
        url(access, "edit", row.pk),
        typed(account, quantity="120", unchanged_since=row.updated_at.isoformat()),
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.quantity == 120


def test_editing_what_changed_meanwhile_is_refused(
    access: Access, account: Account, petr4: Asset
) -> None:
    row = make.make_transaction(account, asset=petr4, quantity=100, unit_price="28.5")
    client = client_of(access)
    seen = row.updated_at.isoformat()
    row.note = "someone else"
    row.save()
    answer = client.post(url(access, "edit", row.pk), typed(account, unchanged_since=seen))
    assert answer.status_code == 400
    assert "mudou enquanto você o editava" in answer.content.decode()


def test_editing_what_was_deleted_meanwhile_says_so(
    access: Access, account: Account, petr4: Asset
) -> None:
    row = make.make_transaction(account, asset=petr4, quantity=100, unit_price="28.5")
    key = row.pk
    row.delete()
    client = client_of(access)
    answer = client.post(url(access, "edit", key), typed(account, quantity="777"))
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "foi excluído" in body
    assert 'value="777"' in body  # what was typed is not lost
    assert client.post(url(access, "delete", key)).status_code == 409
    assert client.get(url(access, "edit", uuid.uuid4())).status_code == 404


def test_delete_asks_first_and_shows_the_effect(
    access: Access, account: Account, petr4: Asset
) -> None:
    row = make.make_transaction(account, asset=petr4, quantity=100, unit_price=20, fees=0)
    client = client_of(access)
    page = client.get(url(access, "delete", row.pk))
    (change,) = page.context["preview"].now
    assert (change.before.quantity, change.after.quantity) == (100, 0)
    assert client.post(url(access, "delete", row.pk)).status_code == 302
    assert not Transaction.objects.exists()


def test_bulk_delete_confirms(access: Access, account: Account, petr4: Asset) -> None:
    rows = [make.make_transaction(account, asset=petr4, quantity=1, unit_price=1) for _ in range(3)]
    stranger_row = make.make_transaction(make.make_account(), asset=petr4, quantity=1, unit_price=1)
    client = client_of(access)
    ids = [str(row.pk) for row in rows[:2]] + [str(stranger_row.pk), "nonsense"]
    page = client.post(url(access, "delete_many"), {"ids": ids})
    assert len(page.context["rows"]) == 2
    assert Transaction.objects.count() == 4
    answer = client.post(url(access, "delete_many"), {"ids": ids, "passo": "confirmar"})
    assert answer.status_code == 302
    assert set(Transaction.objects.values_list("pk", flat=True)) == {rows[2].pk, stranger_row.pk}
    answer = client.post(url(access, "delete_many"), {})
    assert "Marque" in str(list(get_messages(answer.wsgi_request))[-1])


def test_asset_search_answers_options(access: Access, petr4: Asset) -> None:
    make.make_asset("PETZ3", workspace=make.make_workspace())
    make.make_asset("PETX", "stock_abroad", market="US")
    body = client_of(access).get(url(access, "asset_search"), {"asset": "pet"}).content.decode()
    assert 'value="PETR4"' in body
    assert 'value="PETX:US"' in body
    assert "PETZ3" not in body
