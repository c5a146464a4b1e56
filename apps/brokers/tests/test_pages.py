"""Pages of accounts: opening, renaming, deleting, and to whom."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.brokers.models import Account, Institution
from testing.factories import (
    make_access,
    make_account,
    make_institution,
    make_member,
    make_transaction,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def access():
    return make_access()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def address(access, name, *more):
    return reverse(f"brokers:{name}", args=[access.workspace.pk, *more])


def test_members_read_and_strangers_find_nothing(access):
    make_account(access.workspace, name="Conta Um")
    url = address(access, "accounts")
    assert "Conta Um" in signed_in(access.user).get(url).text
    assert "Conta Um" in signed_in(make_member(access.workspace)).get(url).text
    assert signed_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_viewer_changes_nothing(access):
    account = make_account(access.workspace, name="Conta Um")
    viewer = signed_in(make_member(access.workspace))
    for url in (
        address(access, "accounts"),
        address(access, "account_edit", account.pk),
        address(access, "account_delete", account.pk),
    ):
        assert viewer.post(url, {"name": "X", "new_institution": "Y"}).status_code == 403
    assert Account.objects.get().name == "Conta Um"


def test_opening_an_account_of_the_registry_or_of_an_institution_typed(access):
    client = signed_in(make_member(access.workspace, Role.EDITOR))
    holder = access.workspace.holders.get()
    known = make_institution("Corretora Conhecida")
    base = {"holder": holder.pk, "currency": "BRL", "name": ""}
    client.post(address(access, "accounts"), {**base, "institution": known.pk})
    client.post(
        address(access, "accounts"), {**base, "new_institution": "Casa Nova", "currency": "USD"}
    )
    rows = Account.objects.order_by("name").values_list("name", "institution__name", "currency")
    assert list(rows) == [
        ("Casa Nova", "Casa Nova", "USD"),
        ("Corretora Conhecida", "Corretora Conhecida", "BRL"),
    ]
    # What a person types is seen in their workspace only.
    assert Institution.objects.get(name="Casa Nova").workspace == access.workspace


def test_exactly_one_institution_is_asked_for(access):
    client = signed_in(access.user)
    base = {"holder": access.workspace.holders.get().pk, "currency": "BRL"}
    none = client.post(address(access, "accounts"), base)
    assert none.status_code == 400
    assert "Escolha a instituição" in none.text
    both = {**base, "institution": make_institution().pk, "new_institution": "Outra"}
    assert "não as duas" in client.post(address(access, "accounts"), both).text
    assert not Account.objects.exists()


def test_a_holder_or_institution_of_another_workspace_cannot_be_chosen(access):
    other = make_access()
    foreign = make_institution("Só deles", workspace=other.workspace)
    data = {
        "institution": foreign.pk,
        "holder": other.workspace.holders.get().pk,
        "currency": "BRL",
    }
    assert signed_in(access.user).post(address(access, "accounts"), data).status_code == 400
    assert not Account.objects.exists()


def test_renaming_and_setting_aside(access):
    account = make_account(access.workspace, name="Conta Um")
    client = signed_in(access.user)
    client.post(address(access, "account_edit", account.pk), {"name": "Conta Dois"})
    account.refresh_from_db()
    assert (account.name, account.is_active) == ("Conta Dois", False)
    make_account(access.workspace, name="Conta Três")
    taken = client.post(address(access, "account_edit", account.pk), {"name": "Conta Três"})
    assert taken.status_code == 400
    assert "Já existe uma conta com este nome" in taken.text


def test_only_an_unused_account_is_deleted(access):
    client = signed_in(access.user)
    used, unused = make_account(access.workspace), make_account(access.workspace)
    make_transaction(used)
    client.post(address(access, "account_delete", unused.pk))
    client.post(address(access, "account_delete", used.pk))
    assert list(Account.objects.all()) == [used]
    assert "desative-a" in client.get(address(access, "account_edit", used.pk)).text


def test_accounts_of_another_workspace_are_not_found(access):
    foreign = make_account(make_access().workspace)
    client = signed_in(access.user)
    assert client.get(address(access, "account_edit", foreign.pk)).status_code == 404
    assert client.post(address(access, "account_delete", foreign.pk)).status_code == 404
    assert Account.objects.filter(pk=foreign.pk).exists()
