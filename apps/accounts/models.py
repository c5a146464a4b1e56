"""People, the workspaces they share and the holders whose taxes are computed."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel


class Role(models.TextChoices):
    """What a member may do in a workspace."""

    OWNER = "owner", _("proprietário")
    EDITOR = "editor", _("editor")
    VIEWER = "viewer", _("leitor")


class User(AbstractUser):
    """Someone who signs in."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("do sistema")
        LIGHT = "light", _("claro")
        DARK = "dark", _("escuro")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    language = models.CharField(_("idioma"), max_length=8, default="pt-br")
    theme = models.CharField(_("tema"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    default_workspace = models.ForeignKey(
        "accounts.Workspace",
        verbose_name=_("espaço inicial"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    is_shared = models.BooleanField(
        _("acesso compartilhado"),
        default=False,
        help_text=_("Como o da demonstração: entra e olha, mas não muda nem a própria senha."),
    )

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined,misc]
        verbose_name = _("pessoa")  # type: ignore[assignment]
        verbose_name_plural = _("pessoas")  # type: ignore[assignment]


@tracked(exclude=["ledger_version", "stale_since", "updated_at"])
class Workspace(UUIDModel, TimestampedModel):
    """The tenant: a person, a family, an adviser's client.

    ``ledger_version`` rises with every write of record; ``stale_since`` is the earliest trade
    date touched since figures were last built.
    """

    name = models.CharField(_("nome"), max_length=120)
    base_currency = models.CharField(_("moeda"), max_length=3, default="BRL")
    is_demo = models.BooleanField(_("demonstração"), default=False)
    ledger_version = models.BigIntegerField(_("versão dos lançamentos"), default=0)
    stale_since = models.DateField(_("desatualizado desde"), null=True, blank=True)

    class Meta:
        verbose_name = _("espaço")
        verbose_name_plural = _("espaços")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(base_currency__regex=r"^[A-Z]{3}$"),
                name="workspace_currency_iso",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Membership(TimestampedModel):
    """A person's role in a workspace."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("papel"), max_length=8, choices=Role, default=Role.VIEWER)

    class Meta:
        verbose_name = pgettext_lazy("pessoa", "participação")
        verbose_name_plural = _("participações")
        constraints = [
            models.UniqueConstraint(fields=["user", "workspace"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=list(Role.values)),
                name="membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


@tracked(exclude=["cpf_encrypted"])
class Holder(UUIDModel, TimestampedModel):
    """The taxpayer. Legal cost and taxes belong to a holder across accounts."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="holders")
    name = models.CharField(_("nome"), max_length=120)
    cpf_encrypted = models.TextField(_("CPF (cifrado)"), blank=True)
    is_default = models.BooleanField(_("principal"), default=False)

    class Meta:
        verbose_name = _("titular")
        verbose_name_plural = _("titulares")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="holder_name_once"),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_default=True),
                name="holder_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaskRun(UUIDModel, TimestampedModel):
    """Work in progress or done that a person is told about in the bell."""

    class State(models.TextChoices):
        PENDING = "pending", _("na fila")
        RUNNING = "running", _("em andamento")
        DONE = "done", _("concluído")
        FAILED = "failed", _("falhou")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="task_runs")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="task_runs"
    )
    kind = models.CharField(_("tipo"), max_length=40)
    title = models.CharField(_("título"), max_length=200)
    state = models.CharField(_("estado"), max_length=8, choices=State, default=State.PENDING)
    done = models.PositiveIntegerField(_("feito"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    message = models.TextField(_("mensagem"), blank=True)
    link = models.CharField(_("endereço"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("início"), null=True, blank=True)
    finished_at = models.DateTimeField(_("fim"), null=True, blank=True)
    seen_at = models.DateTimeField(_("visto em"), null=True, blank=True)

    class Meta:
        verbose_name = _("tarefa")
        verbose_name_plural = _("tarefas")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="taskrun_user_recent"),
            models.Index(fields=["workspace", "-created_at"], name="taskrun_workspace_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class IdempotencyKey(models.Model):
    """The answer already given to a write, so that a repeated request gets it again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("chave de idempotência")
        verbose_name_plural = _("chaves de idempotência")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
