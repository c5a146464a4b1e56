"""Writes of people, workspaces, holders and task progress."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder, Membership, Role, TaskRun, User, Workspace
from apps.common.checks import currency_check
from apps.common.crypto import encrypt
from apps.common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound


@transaction.atomic
def user_register(*, username: str, email: str, password: str) -> User:
    """Signs a person up and makes their workspace. Raises :class:`Invalid` naming the fields."""
    errors: list[FieldError] = []
    user = User(username=username.strip(), email=email.strip().lower())
    try:
        user.full_clean(exclude=["password", "default_workspace"])
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            errors += [FieldError(field, "invalid", message) for message in messages]
    try:
        validate_password(password, user)
    except ValidationError as error:
        errors += [FieldError("password", "weak", message) for message in error.messages]
    if user.email and User.objects.filter(email__iexact=user.email).exists():
        errors.append(FieldError("email", "taken", _("Já existe uma conta com este e-mail.")))
    if errors:
        raise Invalid("invalid", _("Há campos a corrigir."), errors=errors)
    user.set_password(password)
    user.save()
    workspace_create(user=user, name=_t("Minha carteira"))
    return user


def refuse_shared(user: User) -> None:
    """Raises :class:`Forbidden` for a sign-in that many share, as the demonstration's."""
    if user.is_shared:
        raise Forbidden(
            "shared_login", _("Este acesso é compartilhado: crie a sua conta para mudar algo.")
        )


@transaction.atomic
def workspace_create(*, user: User, name: str, base_currency: str = "BRL") -> Workspace:
    """Makes a workspace owned by ``user`` with its main holder; the first becomes the initial."""
    refuse_shared(user)
    name = name.strip()
    if not name:
        raise Invalid("required", _("Dê um nome ao espaço."), field="name")
    workspace = Workspace.objects.create(
        name=name, base_currency=currency_check(base_currency, field="base_currency")
    )
    Membership.objects.create(user=user, workspace=workspace, role=Role.OWNER)
    holder_name = user.get_full_name().strip() or user.username
    Holder.objects.create(workspace=workspace, name=holder_name, is_default=True)
    if user.default_workspace_id is None:
        user.default_workspace = workspace
        user.save(update_fields=["default_workspace"])
    return workspace


def workspace_update(*, access: Access, name: str, base_currency: str) -> Workspace:
    """Renames the workspace or changes its currency. Owners only."""
    access.require_owner()
    workspace = access.workspace
    workspace.name = name.strip() or workspace.name
    workspace.base_currency = currency_check(base_currency, field="base_currency")
    workspace.save(update_fields=["name", "base_currency", "updated_at"])
    return workspace


def workspace_touch(*, workspace_id: uuid.UUID, since: dt.date) -> None:
    """Raises the ledger version and lowers ``stale_since``; called inside the write's block."""
    Workspace.objects.filter(pk=workspace_id).update(
        ledger_version=F("ledger_version") + 1,
        stale_since=Least(Coalesce(F("stale_since"), since), since),
    )


@transaction.atomic
def member_add(*, access: Access, username: str, role: str) -> Membership:
    """Invites someone who already signs in here. Owners only."""
    access.require_owner()
    if role not in Role.values:
        raise Invalid("unknown_role", _("Papel desconhecido."), field="role")
    user = User.objects.filter(username=username.strip()).first()
    if user is None:
        raise Invalid(
            "unknown_user",
            _("Ninguém se cadastrou com este nome de usuário."),
            field="username",
        )
    try:
        with transaction.atomic():
            return Membership.objects.create(user=user, workspace=access.workspace, role=role)
    except IntegrityError:
        raise Invalid(
            "already_member", _("Esta pessoa já participa do espaço."), field="username"
        ) from None


def _membership(access: Access, membership_id: object) -> Membership:
    membership = (
        Membership.objects.select_for_update()
        .filter(workspace=access.workspace, pk=str(membership_id))
        .first()
        if str(membership_id).isdigit()
        else None
    )
    if membership is None:
        raise NotFound("not_found", _("Não encontramos esta pessoa no espaço."))
    return membership


def _keep_an_owner(access: Access, membership: Membership) -> None:
    others = Membership.objects.select_for_update().filter(
        workspace=access.workspace, role=Role.OWNER
    )
    if membership.role == Role.OWNER and not others.exclude(pk=membership.pk).exists():
        raise Conflict("last_owner", _("O espaço precisa de ao menos um proprietário."))


@transaction.atomic
def member_set_role(*, access: Access, membership_id: object, role: str) -> Membership:
    """Changes a member's role; the last owner stays one. Owners only."""
    access.require_owner()
    if role not in Role.values:
        raise Invalid("unknown_role", _("Papel desconhecido."), field="role")
    membership = _membership(access, membership_id)
    if role != Role.OWNER:
        _keep_an_owner(access, membership)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    return membership


@transaction.atomic
def member_remove(*, access: Access, membership_id: object) -> None:
    """Takes a member out; the last owner stays. Owners only."""
    access.require_owner()
    membership = _membership(access, membership_id)
    _keep_an_owner(access, membership)
    membership.delete()


@transaction.atomic
def holder_create(*, access: Access, name: str, cpf: str = "") -> Holder:
    """Adds a taxpayer. Raises :class:`Invalid` for a taken name or a wrong CPF."""
    access.require_editor()
    name = name.strip()
    if not name:
        raise Invalid("required", _("Informe o nome do titular."), field="name")
    if Holder.objects.filter(workspace=access.workspace, name=name).exists():
        raise Invalid("taken", _("Já existe um titular com este nome."), field="name")
    return Holder.objects.create(
        workspace=access.workspace, name=name, cpf_encrypted=encrypt(cpf_clean(cpf))
    )


@transaction.atomic
def holder_update(*, access: Access, holder: Holder, name: str, cpf: str | None = None) -> Holder:
    """Renames a taxpayer and, when ``cpf`` is given, replaces the CPF."""
    access.require_editor()
    taken = Holder.objects.filter(workspace=access.workspace, name=name.strip())
    if taken.exclude(pk=holder.pk).exists():
        raise Invalid("taken", _("Já existe um titular com este nome."), field="name")
    holder.name = name.strip() or holder.name
    if cpf is not None:
        holder.cpf_encrypted = encrypt(cpf_clean(cpf))
    holder.save(update_fields=["name", "cpf_encrypted", "updated_at"])
    return holder


@transaction.atomic
def holder_delete(*, access: Access, holder: Holder) -> None:
    """Removes a taxpayer without accounts; the main one stays. Raises :class:`Conflict`."""
    access.require_editor()
    if holder.is_default:
        raise Conflict("default_holder", _("O titular principal não pode ser excluído."))
    try:
        with transaction.atomic():
            holder.delete()
    except ProtectedError:
        raise Conflict("holder_in_use", _("Este titular tem contas; exclua-as antes.")) from None


def cpf_clean(cpf: str) -> str:
    """The 11 digits of a CPF, check digits verified; empty stays empty.

    Raises :class:`Invalid`. Check digits: Instrução Normativa RFB 1.548/2015, modulo 11.
    """
    digits = "".join(c for c in cpf if c.isdigit())
    if not digits:
        return ""
    valid = len(digits) == 11 and len(set(digits)) > 1
    for length in (9, 10):
        if not valid:
            break
        total = sum(int(digits[i]) * (length + 1 - i) for i in range(length))
        valid = (total * 10 % 11) % 10 == int(digits[length])
    if not valid:
        raise Invalid("invalid_cpf", _("Este CPF não confere; verifique os dígitos."), field="cpf")
    return digits


def preferences_update(
    *,
    user: User,
    language: str | None = None,
    theme: str | None = None,
    default_workspace: Workspace | None = None,
) -> User:
    """Stores how the person likes to see Exitus and which workspace opens first.

    The caller has checked that the person is a member of ``default_workspace``.
    """
    refuse_shared(user)
    if default_workspace is not None:
        user.default_workspace = default_workspace
    if language is not None:
        user.language = language
    if theme is not None:
        if theme not in User.Theme.values:
            raise Invalid("unknown_theme", _("Tema desconhecido."), field="theme")
        user.theme = theme
    user.save(update_fields=["language", "theme", "default_workspace"])
    return user


def task_run_start(
    *,
    workspace_id: uuid.UUID,
    user_id: uuid.UUID | None,
    kind: str,
    title: str,
    total: int = 0,
    link: str = "",
) -> TaskRun:
    """Announces work to come; the bell shows it until seen."""
    return TaskRun.objects.create(
        workspace_id=workspace_id,
        user_id=user_id,
        kind=kind,
        title=title,
        total=total,
        link=link,
    )


def task_run_advance(*, task_run_id: uuid.UUID, done: int, total: int | None = None) -> None:
    """Moves the progress bar."""
    values: dict[str, object] = {
        "done": done,
        "state": TaskRun.State.RUNNING,
        "started_at": Coalesce(F("started_at"), timezone.now()),
    }
    if total is not None:
        values["total"] = total
    TaskRun.objects.filter(pk=task_run_id, finished_at__isnull=True).update(**values)


def task_run_finish(
    *,
    task_run_id: uuid.UUID,
    message: str = "",
    failed: bool = False,
    link: str | None = None,
) -> None:
    """Closes the work with what the person should know."""
    values: dict[str, object] = {
        "state": TaskRun.State.FAILED if failed else TaskRun.State.DONE,
        "message": message,
        "finished_at": timezone.now(),
    }
    if not failed:
        values["done"] = F("total")
    if link is not None:
        values["link"] = link
    TaskRun.objects.filter(pk=task_run_id).update(**values)


def task_runs_seen(*, access: Access) -> int:
    """Marks the person's finished work as seen; tells how many."""
    return TaskRun.objects.filter(
        workspace=access.workspace,
        user=access.user,
        seen_at__isnull=True,
        finished_at__isnull=False,
    ).update(seen_at=timezone.now())
