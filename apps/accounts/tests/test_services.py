"""People, workspaces, holders and task progress: the rules of their writes."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from apps.accounts import selectors, services
from apps.accounts.models import Holder, Membership, Role, TaskRun, User, Workspace
from apps.common.crypto import decrypt
from apps.common.errors import Conflict, Forbidden, Invalid, NotFound
from testing import factories as make

pytestmark = pytest.mark.django_db


def _register(**values: str) -> User:
    given = {"username": "ana", "email": "ana@example.org", "password": "Violeta-4821"}
    return services.user_register(**(given | values))


def test_registering_makes_a_workspace_with_its_owner_and_holder() -> None:
    user = _register(email="Ana@Example.org")
    assert user.email == "ana@example.org"
    assert user.check_password("Violeta-4821")
    membership = Membership.objects.get(user=user)
    assert membership.role == Role.OWNER
    assert user.default_workspace == membership.workspace
    assert Holder.objects.get(workspace=membership.workspace).is_default


@pytest.mark.parametrize(
    "values, field",
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "nobody"}, "email"),
        ({"password": "123"}, "password"),
    ],
)
def test_registering_names_what_is_wrong_and_writes_nothing(
    values: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _register(**values)
    assert field in {error.field for error in caught.value.errors}
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


def test_a_mail_serves_one_person_whatever_its_case() -> None:
    _register()
    with pytest.raises(Invalid) as caught:
        _register(username="other", email="ANA@example.org")
    assert [error.code for error in caught.value.errors] == ["taken"]


def test_the_first_workspace_stays_the_initial_one() -> None:
    user = _register()
    second = services.workspace_create(user=user, name=" Família ")
    assert second.name == "Família"
    user.refresh_from_db()
    assert user.default_workspace_id != second.pk
    with pytest.raises(Invalid):
        services.workspace_create(user=user, name="  ")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_owners_manage_people_and_the_workspace(role: str) -> None:
    access = make.make_access(role=role)
    someone = make.make_user()
    membership = Membership.objects.get(user=access.user)
    with pytest.raises(Forbidden):
        services.member_add(access=access, username=someone.username, role="viewer")
    with pytest.raises(Forbidden):
        services.member_set_role(access=access, membership_id=membership.pk, role="owner")
    with pytest.raises(Forbidden):
        services.member_remove(access=access, membership_id=membership.pk)
    with pytest.raises(Forbidden):
        services.workspace_update(access=access, name="x", base_currency="USD")


def test_members_come_change_and_go() -> None:
    access = make.make_access()
    someone = make.make_user()
    added = services.member_add(access=access, username=f" {someone.username} ", role="viewer")
    for username, role, code in [
        (someone.username, "viewer", "already_member"),
        ("nobody", "viewer", "unknown_user"),
        (someone.username, "king", "unknown_role"),
    ]:
        with pytest.raises(Invalid) as caught:
            services.member_add(access=access, username=username, role=role)
        assert caught.value.code == code
    assert (
        services.member_set_role(access=access, membership_id=added.pk, role="editor").role
        == "editor"
    )
    services.member_remove(access=access, membership_id=str(added.pk))
    with pytest.raises(NotFound):
        selectors.access_get(user=someone, workspace_id=access.workspace.pk)


def test_the_last_owner_stays() -> None:
    access = make.make_access()
    mine = Membership.objects.get(user=access.user)
    with pytest.raises(Conflict):
        services.member_remove(access=access, membership_id=mine.pk)
    with pytest.raises(Conflict):
        services.member_set_role(access=access, membership_id=mine.pk, role="viewer")
    make.make_member(access.workspace, Role.OWNER)
    services.member_remove(access=access, membership_id=mine.pk)
    assert not Membership.objects.filter(pk=mine.pk).exists()


@pytest.mark.parametrize("key", ["", "x", "-1", "999999", None])
def test_a_membership_of_elsewhere_is_not_found(key: object) -> None:
    access = make.make_access()
    with pytest.raises(NotFound):
        services.member_remove(access=access, membership_id=key)
    foreign = Membership.objects.get(workspace=make.make_workspace())
    with pytest.raises(NotFound):
        services.member_remove(access=access, membership_id=foreign.pk)


def test_touching_raises_the_version_and_keeps_the_earliest_date() -> None:
    workspace = make.make_workspace()
    for day in (dt.date(2024, 5, 1), dt.date(2023, 1, 2), dt.date(2025, 1, 1)):
        services.workspace_touch(workspace_id=workspace.pk, since=day)
    workspace.refresh_from_db()
    assert workspace.ledger_version == 3
    assert workspace.stale_since == dt.date(2023, 1, 2)


def test_a_cpf_is_kept_encrypted_and_its_digits_checked() -> None:
    access = make.make_access()
    holder = services.holder_create(access=access, name=" Rui ", cpf="529.982.247-25")
    assert holder.name == "Rui"
    assert "529" not in holder.cpf_encrypted
    assert decrypt(holder.cpf_encrypted) == "52998224725"
    for wrong in ("529.982.247-26", "111.111.111-11", "123"):
        with pytest.raises(Invalid) as caught:
            services.holder_update(access=access, holder=holder, name="Rui", cpf=wrong)
        assert caught.value.code == "invalid_cpf"
    services.holder_update(access=access, holder=holder, name="Rui", cpf="")
    assert decrypt(holder.cpf_encrypted) == ""


def test_holders_have_names_of_their_own() -> None:
    access = make.make_access()
    rui = services.holder_create(access=access, name="Rui")
    eva = services.holder_create(access=access, name="Eva")
    with pytest.raises(Invalid):
        services.holder_create(access=access, name="Rui")
    with pytest.raises(Invalid):
        services.holder_create(access=access, name=" ")
    with pytest.raises(Invalid):
        services.holder_update(access=access, holder=eva, name="Rui")
    assert services.holder_update(access=access, holder=rui, name="Rui").name == "Rui"


def test_a_holder_with_accounts_and_the_main_one_stay() -> None:
    access = make.make_access()
    rui = services.holder_create(access=access, name="Rui")
    account = make.make_account(access.workspace, holder=rui)
    with pytest.raises(Conflict):
        services.holder_delete(access=access, holder=rui)
    account.delete()
    services.holder_delete(access=access, holder=rui)
    with pytest.raises(Conflict):
        services.holder_delete(access=access, holder=selectors.holder_default(access=access))


def test_viewers_change_no_holder() -> None:
    access = make.make_access(role="viewer")
    holder = selectors.holder_default(access=access)
    with pytest.raises(Forbidden):
        services.holder_create(access=access, name="Rui")
    with pytest.raises(Forbidden):
        services.holder_update(access=access, holder=holder, name="Rui")
    with pytest.raises(Forbidden):
        services.holder_delete(access=access, holder=holder)


def test_preferences() -> None:
    user = make.make_user()
    services.preferences_update(user=user, theme="dark")
    services.preferences_update(user=user, language="en")
    user.refresh_from_db()
    assert (user.theme, user.language) == ("dark", "en")
    with pytest.raises(Invalid):
        services.preferences_update(user=user, theme="neon")


def test_a_task_goes_from_announced_to_seen() -> None:
    access = make.make_access()
    task = services.task_run_start(
        workspace_id=access.workspace.pk, user_id=access.user.pk, kind="x", title="X", total=10
    )
    services.task_run_advance(task_run_id=task.pk, done=4)
    task.refresh_from_db()
    assert (task.state, task.done) == (TaskRun.State.RUNNING, 4)
    assert task.started_at is not None
    assert services.task_runs_seen(access=access) == 0  # not finished yet
    services.task_run_finish(task_run_id=task.pk, message="ok", link="/x/")
    task.refresh_from_db()
    assert (task.state, task.done, task.link) == (TaskRun.State.DONE, 10, "/x/")
    services.task_run_advance(task_run_id=task.pk, done=5)  # a late message
    task.refresh_from_db()
    assert (task.state, task.done) == (TaskRun.State.DONE, 10)
    assert services.task_runs_seen(access=access) == 1
    assert services.task_runs_seen(access=access) == 0


def test_a_failed_task_keeps_how_far_it_came() -> None:
    access = make.make_access()
    task = services.task_run_start(
        workspace_id=access.workspace.pk, user_id=access.user.pk, kind="x", title="X", total=10
    )
    services.task_run_advance(task_run_id=task.pk, done=4)
    services.task_run_finish(task_run_id=task.pk, message="não deu", failed=True)
    task.refresh_from_db()
    assert (task.state, task.done, task.message) == (TaskRun.State.FAILED, 4, "não deu")


def test_a_workspace_keeps_a_currency_of_three_letters() -> None:
    access = make.make_access()
    services.workspace_update(access=access, name="Minha", base_currency="USD")
    assert Workspace.objects.get(pk=access.workspace.pk).base_currency == "USD"
    with pytest.raises(Invalid):
        services.workspace_update(access=access, name="Minha", base_currency="dólar")


def test_nobody_is_told_of_another_s_tasks() -> None:
    access = make.make_access()
    other = make.make_access(access.workspace, "viewer")
    task = services.task_run_start(
        workspace_id=access.workspace.pk, user_id=access.user.pk, kind="x", title="X"
    )
    assert selectors.task_run_get(access=access, task_run_id=task.pk) == task
    with pytest.raises(NotFound):
        selectors.task_run_get(access=other, task_run_id=task.pk)
    with pytest.raises(NotFound):
        selectors.task_run_get(access=access, task_run_id=uuid.uuid4())
    assert list(selectors.task_runs_of(access=other)) == []
