"""Institutions and accounts a workspace adds."""

from __future__ import annotations

import pytest

from apps.accounts.selectors import holder_default
from apps.brokers import services
from apps.brokers.models import Account, Institution
from apps.common.errors import Conflict, Forbidden, Invalid
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_an_institution_is_the_workspace_s_own() -> None:
    access = make.make_access()
    made = services.institution_create(access=access, name="  Corretora   Nova ")
    assert (made.name, made.workspace) == ("Corretora Nova", access.workspace)
    for name in ("corretora nova", " "):
        with pytest.raises(Invalid):
            services.institution_create(access=access, name=name)


def test_an_account_takes_the_institution_s_short_name() -> None:
    access = make.make_access()
    institution = make.make_institution(short_name="XP")
    account = services.account_create(
        access=access, institution=institution, holder=holder_default(access=access)
    )
    assert (account.name, account.currency) == ("XP", "BRL")
    with pytest.raises(Invalid) as caught:
        services.account_create(
            access=access, institution=institution, holder=holder_default(access=access)
        )
    assert caught.value.code == "taken"


def test_nothing_of_another_workspace_is_used() -> None:
    access = make.make_access()
    mine = holder_default(access=access)
    elsewhere = make.make_workspace()
    foreign_holder = make.make_holder(elsewhere)
    foreign = make.make_institution(workspace=elsewhere)
    with pytest.raises(Invalid) as caught:
        services.account_create(
            access=access, institution=make.make_institution(), holder=foreign_holder
        )
    assert caught.value.code == "foreign_holder"
    with pytest.raises(Invalid) as caught:
        services.account_create(access=access, institution=foreign, holder=mine)
    assert caught.value.code == "foreign_institution"
    assert not Account.objects.filter(workspace=access.workspace).exists()


def test_a_currency_has_three_letters() -> None:
    access = make.make_access()
    with pytest.raises(Invalid) as caught:
        services.account_create(
            access=access,
            institution=make.make_institution(),
            holder=holder_default(access=access),
            currency="dólar",
        )
    assert [error.field for error in caught.value.errors] == ["currency"]


def test_opening_with_a_typed_institution_is_all_or_nothing() -> None:
    access = make.make_access()
    holder = holder_default(access=access)
    account = services.account_open(access=access, holder=holder, new_institution="Banco Novo")
    assert account.institution.workspace == access.workspace
    with pytest.raises(Invalid):
        services.account_open(
            access=access, holder=holder, new_institution="Banco Outro", name=account.name
        )
    assert not Institution.objects.filter(name="Banco Outro").exists()


def test_renaming_and_setting_aside() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace, name="Uma")
    make.make_account(access.workspace, name="Outra")
    services.account_update(access=access, account=account, name="Uma", is_active=False)
    account.refresh_from_db()
    assert not account.is_active
    with pytest.raises(Invalid):
        services.account_update(access=access, account=account, name="Outra")


def test_an_account_that_recorded_something_stays() -> None:
    access = make.make_access()
    used, unused = make.make_account(access.workspace), make.make_account(access.workspace)
    make.make_transaction(used, "deposit", amount=1)
    with pytest.raises(Conflict):
        services.account_delete(access=access, account=used)
    services.account_delete(access=access, account=unused)
    assert list(Account.objects.filter(workspace=access.workspace)) == [used]


def test_viewers_change_nothing() -> None:
    access = make.make_access(role="viewer")
    account = make.make_account(access.workspace)
    holder = holder_default(access=access)
    with pytest.raises(Forbidden):
        services.institution_create(access=access, name="Nova")
    with pytest.raises(Forbidden):
        services.account_create(access=access, institution=account.institution, holder=holder)
    with pytest.raises(Forbidden):
        services.account_update(access=access, account=account, name="x")
    with pytest.raises(Forbidden):
        services.account_delete(access=access, account=account)
