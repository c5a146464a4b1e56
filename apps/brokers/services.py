"""Writes of institutions and accounts."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.brokers.models import Account, Institution
from apps.common.checks import currency_check
from apps.common.errors import Conflict, Invalid


@transaction.atomic
def institution_create(
    *,
    access: Access,
    name: str,
    cnpj: str = "",
    country: str = "BR",
    short_name: str = "",
) -> Institution:
    """Adds an institution seen in this workspace only. Raises :class:`Invalid`."""
    access.require_editor()
    name = " ".join(name.split())
    if not name:
        raise Invalid("required", _("Informe o nome da instituição."), field="name")
    if Institution.objects.filter(workspace=access.workspace, name__iexact=name).exists():
        raise Invalid("taken", _("Esta instituição já está cadastrada."), field="name")
    return Institution.objects.create(
        workspace=access.workspace,
        name=name,
        short_name=short_name.strip(),
        cnpj=cnpj.strip(),
        country=country,
    )


def _check_account(
    access: Access, name: str, holder: Holder, exclude: uuid.UUID | None = None
) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("required", _("Dê um nome à conta."), field="name")
    if holder.workspace_id != access.workspace.pk:
        raise Invalid("foreign_holder", _("Este titular é de outro espaço."), field="holder")
    taken = Account.objects.filter(workspace=access.workspace, name=name)
    if exclude is not None:
        taken = taken.exclude(pk=exclude)
    if taken.exists():
        raise Invalid("taken", _("Já existe uma conta com este nome."), field="name")
    return name


@transaction.atomic
def account_create(
    *,
    access: Access,
    institution: Institution,
    holder: Holder,
    name: str = "",
    currency: str = "BRL",
) -> Account:
    """Opens an account of ``holder`` with ``institution``. Raises :class:`Invalid`."""
    access.require_editor()
    if institution.workspace_id not in (None, access.workspace.pk):
        raise Invalid("foreign_institution", _("Instituição desconhecida."), field="institution")
    name = _check_account(access, name or str(institution), holder)
    return Account.objects.create(
        workspace=access.workspace,
        holder=holder,
        institution=institution,
        name=name,
        currency=currency_check(currency),
    )


@transaction.atomic
def account_open(
    *,
    access: Access,
    holder: Holder,
    institution: Institution | None = None,
    new_institution: str = "",
    name: str = "",
    currency: str = "BRL",
) -> Account:
    """Opens an account with ``institution``, or with one made of the typed name."""
    if institution is None:
        institution = institution_create(access=access, name=new_institution)
    return account_create(
        access=access, institution=institution, holder=holder, name=name, currency=currency
    )


@transaction.atomic
def account_update(
    *, access: Access, account: Account, name: str, is_active: bool = True
) -> Account:
    """Renames an account, or sets it aside. Raises :class:`Invalid`."""
    access.require_editor()
    account.name = _check_account(access, name, account.holder, exclude=account.pk)
    account.is_active = is_active
    account.save(update_fields=["name", "is_active", "updated_at"])
    return account


@transaction.atomic
def account_delete(*, access: Access, account: Account) -> None:
    """Removes an account that never recorded anything. Raises :class:`Conflict`."""
    access.require_editor()
    if account.transactions.exists():
        raise Conflict(
            "account_in_use",
            _("Esta conta tem lançamentos; desative-a em vez de excluir."),
        )
    account.delete()
