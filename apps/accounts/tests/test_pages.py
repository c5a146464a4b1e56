"""Settings pages: what they change, for whom, and what they refuse."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Holder, Membership, Role, Workspace
from testing.factories import make_access, make_holder, make_member, make_user

pytestmark = pytest.mark.django_db
PAGES = ("settings", "workspace", "members", "holders", "switcher")


@pytest.fixture
def access():
    return make_access()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def address(access, name, *more):
    return reverse(f"accounts:{name}", args=[access.workspace.pk, *more])


@pytest.mark.parametrize("name", PAGES)
def test_members_read_and_strangers_find_nothing(access, name):
    url = address(access, name)
    assert signed_in(access.user).get(url).status_code == 200
    assert signed_in(make_member(access.workspace)).get(url).status_code == 200
    assert signed_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_viewer_changes_nothing_of_the_workspace(access):
    viewer = signed_in(make_member(access.workspace))
    other = make_member(access.workspace, Role.EDITOR)
    membership = Membership.objects.get(user=other)
    holder = make_holder(access.workspace, "Maria")
    tries = [
        (address(access, "workspace"), {"name": "X", "base_currency": "USD"}),
        (address(access, "members"), {"username": make_user().username, "role": "owner"}),
        (address(access, "member_role", membership.pk), {"role": "owner"}),
        (address(access, "member_remove", membership.pk), {}),
        (address(access, "holders"), {"name": "José"}),
        (address(access, "holder_edit", holder.pk), {"name": "José"}),
    ]
    for url, data in tries:
        assert viewer.post(url, data).status_code == 403, url
    assert Membership.objects.filter(workspace=access.workspace).count() == 3
    assert Membership.objects.get(pk=membership.pk).role == Role.EDITOR
    assert not Holder.objects.filter(name="José").exists()
    assert Workspace.objects.get(pk=access.workspace.pk).base_currency == "BRL"


def test_an_editor_does_not_manage_people(access):
    editor = signed_in(make_member(access.workspace, Role.EDITOR))
    data = {"username": make_user().username, "role": "viewer"}
    assert editor.post(address(access, "members"), data).status_code == 403
    assert editor.post(address(access, "holders"), {"name": "José"}).status_code == 302


def test_preferences_are_kept_with_the_person_and_in_the_browser(access):
    client = signed_in(access.user)
    answer = client.post(address(access, "settings"), {"language": "en", "theme": "dark"})
    assert answer.status_code == 302
    access.user.refresh_from_db()
    assert (access.user.language, access.user.theme) == ("en", "dark")
    assert client.cookies["theme"].value == "dark"
    page = client.get(address(access, "settings")).text
    assert '<html lang="en" data-theme="dark">' in page
    client.post(address(access, "settings"), {"language": "pt-br", "theme": "system"})
    assert "data-theme=" not in client.get(address(access, "settings")).text.split(">", 2)[1]


def test_the_shared_login_of_the_demonstration_keeps_its_preferences(access):
    Workspace.objects.update(is_demo=True)
    client = signed_in(access.user)
    client.post(address(access, "settings"), {"language": "en", "theme": "dark"})
    access.user.refresh_from_db()
    assert (access.user.language, access.user.theme) == ("pt-br", "system")
    assert client.cookies["theme"].value == "dark"
    client.cookies["django_language"] = "pt-br"
    assert "Carteira de demonstração" in client.get(address(access, "settings")).text


def test_owner_renames_the_workspace(access):
    data = {"name": "Família", "base_currency": "USD"}
    assert signed_in(access.user).post(address(access, "workspace"), data).status_code == 302
    access.workspace.refresh_from_db()
    assert (access.workspace.name, access.workspace.base_currency) == ("Família", "USD")


def test_people_are_added_promoted_and_taken_out(access):
    client, friend = signed_in(access.user), make_user("bia")
    client.post(address(access, "members"), {"username": "bia", "role": "viewer"})
    membership = Membership.objects.get(user=friend)
    client.post(address(access, "member_role", membership.pk), {"role": "editor"})
    membership.refresh_from_db()
    assert membership.role == Role.EDITOR
    client.post(address(access, "member_remove", membership.pk))
    assert not Membership.objects.filter(user=friend).exists()


def test_unknown_people_are_told_beside_the_field(access):
    data = {"username": "ninguem", "role": "viewer"}
    answer = signed_in(access.user).post(address(access, "members"), data)
    assert answer.status_code == 400
    assert "Ninguém se cadastrou com este nome" in answer.text


def test_the_last_owner_stays(access):
    client = signed_in(access.user)
    mine = Membership.objects.get(user=access.user)
    client.post(address(access, "member_role", mine.pk), {"role": "viewer"})
    client.post(address(access, "member_remove", mine.pk))
    mine.refresh_from_db()
    assert mine.role == Role.OWNER
    assert "ao menos um proprietário" in client.get(address(access, "members")).text


def test_who_leaves_lands_on_the_front_door(access):
    Membership.objects.filter(user=make_member(access.workspace)).update(role=Role.OWNER)
    mine = Membership.objects.get(user=access.user)
    answer = signed_in(access.user).post(address(access, "member_remove", mine.pk))
    assert answer.url == "/"


def test_holders_keep_their_cpf_encrypted_and_wrong_ones_are_refused(access):
    client = signed_in(access.user)
    wrong = client.post(address(access, "holders"), {"name": "José", "cpf": "111.111.111-11"})
    assert wrong.status_code == 400
    assert "Este CPF não confere" in wrong.text
    client.post(address(access, "holders"), {"name": "José", "cpf": "529.982.247-25"})
    holder = Holder.objects.get(name="José")
    assert holder.cpf_encrypted
    assert "52998224725" not in holder.cpf_encrypted
    stored = holder.cpf_encrypted
    client.post(address(access, "holder_edit", holder.pk), {"name": "José Silva", "cpf": ""})
    holder.refresh_from_db()
    assert (holder.name, holder.cpf_encrypted) == ("José Silva", stored)


def test_holders_of_another_workspace_are_not_found(access):
    foreign = make_holder(make_access().workspace)
    url = address(access, "holder_edit", foreign.pk)
    assert signed_in(access.user).get(url).status_code == 404


def test_a_person_makes_another_workspace(access):
    client = signed_in(access.user)
    answer = client.post(reverse("profile:workspaces"), {"name": "Pai", "base_currency": "BRL"})
    made = Workspace.objects.get(name="Pai")
    assert answer.url == reverse("dashboard:start", args=[made.pk])
    page = client.get(reverse("profile:workspaces")).text
    assert "Pai" in page
    assert access.workspace.name in page
    assert client.post(reverse("profile:workspaces"), {"name": ""}).status_code == 400


def test_switcher_lists_only_mine(access):
    other = make_access()
    page = signed_in(access.user).get(address(access, "switcher")).text
    assert access.workspace.name in page
    assert str(other.workspace.pk) not in page
