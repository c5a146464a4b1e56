"""Imported files: what each row said and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.models import TimestampedModel, UUIDModel


class Batch(UUIDModel, TimestampedModel):
    """One file handed in."""

    class Status(models.TextChoices):
        PENDING = "pending", _("lendo")
        PARSED = "parsed", _("aguardando revisão")
        APPLYING = "applying", _("aplicando")
        APPLIED = "applied", _("aplicada")
        FAILED = "failed", _("recusada")
        UNDONE = "undone", _("desfeita")

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="import_batches"
    )
    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    holder = models.ForeignKey(
        "accounts.Holder", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    account = models.ForeignKey(
        "brokers.Account",
        verbose_name=_("conta"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    file_name = models.CharField(_("arquivo"), max_length=200)
    file = models.BinaryField(_("conteúdo"), null=True)
    size = models.PositiveIntegerField(_("tamanho"), default=0)
    sha256 = models.CharField(max_length=64)
    requested_format = models.CharField(_("formato pedido"), max_length=20, default="auto")
    format = models.CharField(_("formato"), max_length=20, blank=True)
    mapping = models.JSONField(_("colunas"), default=dict, blank=True)
    status = models.CharField(_("estado"), max_length=8, choices=Status, default=Status.PENDING)
    auto_apply = models.BooleanField(_("aplicar sem revisão"), default=False)
    dry_run = models.BooleanField(_("só conferir"), default=False)
    counts = models.JSONField(_("contagens"), default=dict)
    error = models.JSONField(_("erro"), default=dict, blank=True)
    proposals = models.JSONField(_("propostas"), default=dict, blank=True)
    task_run = models.ForeignKey(
        "accounts.TaskRun", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    applied_at = models.DateTimeField(_("aplicada em"), null=True, blank=True)
    undone_at = models.DateTimeField(_("desfeita em"), null=True, blank=True)

    class Meta:
        verbose_name = _("importação")
        verbose_name_plural = _("importações")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "pending",
                        "parsed",
                        "applying",
                        "applied",
                        "failed",
                        "undone",
                    ]
                ),
                name="batch_status_known",
            )
        ]
        indexes = [models.Index(fields=["workspace", "-created_at"], name="batch_recent")]

    def __str__(self) -> str:
        return self.file_name


class Line(models.Model):
    """One row of a file, as it stood, and what became of it."""

    class State(models.TextChoices):
        NEW = "new", _("será lançada")
        DUPLICATE = "duplicate", _("já lançada")
        DECIDE = "decide", _("precisa de decisão")
        IGNORED = "ignored", _("sem efeito")
        APPLIED = "applied", _("lançada")
        UNDONE = "undone", _("desfeita")

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(_("linha"))
    sheet = models.CharField(_("planilha"), max_length=60, blank=True)
    raw = models.JSONField(_("como veio"), default=dict)
    parsed = models.JSONField(_("como foi lida"), default=dict)
    content_key = models.CharField(max_length=64)
    occurrence = models.PositiveIntegerField(default=1)
    state = models.CharField(_("estado"), max_length=9, choices=State)
    kind = models.CharField(_("tipo"), max_length=20, blank=True)
    reason = models.CharField(_("motivo"), max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)
    decision = models.JSONField(_("decisão"), default=dict, blank=True)
    transaction_id = models.UUIDField(_("lançamento"), null=True, blank=True)
    created_transaction = models.BooleanField(_("criou o lançamento"), default=False)
    scope = models.CharField(
        max_length=120,
        blank=True,
        help_text="holder id and normalised institution: where duplicates are sought",
    )

    class Meta:
        verbose_name = _("linha importada")
        verbose_name_plural = _("linhas importadas")
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number"], name="line_once"),
        ]
        indexes = [
            models.Index(fields=["content_key", "occurrence"], name="line_duplicates"),
            models.Index(
                fields=["transaction_id"],
                condition=Q(transaction_id__isnull=False),
                name="line_by_transaction",
            ),
            models.Index(fields=["batch", "state"], name="line_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class ColumnMapping(UUIDModel, TimestampedModel):
    """How the columns of a person's CSV read, kept for the next file with the same header."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="column_mappings"
    )
    name = models.CharField(_("nome"), max_length=80)
    header_fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField(_("colunas"), default=dict)

    class Meta:
        verbose_name = _("mapa de colunas")
        verbose_name_plural = _("mapas de colunas")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "header_fingerprint"], name="column_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
