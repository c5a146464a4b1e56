"""The sign-in of the demonstration is everybody's: nobody takes it over."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import preferences_update, workspace_create
from apps.common.errors import Forbidden
from testing.factories import PASSWORD, make_member, make_workspace

pytestmark = pytest.mark.django_db
NEW = "another long passphrase"


@pytest.fixture
def shared() -> User:
    user = make_member(make_workspace())
    user.is_shared = True
    user.save()
    return user


def change(user: User) -> int:
    client = Client()
    client.force_login(user)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return client.post("/conta/password/change/", data).status_code


def test_its_password_stays(shared: User) -> None:
    assert change(shared) == 403
    shared.refresh_from_db()
    assert shared.check_password(PASSWORD)


def test_others_change_theirs() -> None:
    user = make_member(make_workspace())
    assert change(user) == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_it_makes_nothing_and_changes_no_preference(shared: User) -> None:
    with pytest.raises(Forbidden):
        workspace_create(user=shared, name="Minha")
    with pytest.raises(Forbidden):
        preferences_update(user=shared, theme="dark")


def test_it_still_signs_out(shared: User) -> None:
    client = Client()
    client.force_login(shared)
    assert client.post("/conta/logout/").status_code == 302
