"""Derived figures. Every row here can be thrown away and built again from the ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import AmountField, QuantityField


class Build(models.Model):
    """Which ledger a workspace's figures were built from, and what they could not know."""

    workspace = models.OneToOneField(
        "accounts.Workspace",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="build",
    )
    ledger_version = models.BigIntegerField(_("versão dos lançamentos"), default=-1)
    built_at = models.DateTimeField(_("calculado em"), null=True, blank=True)
    took_ms = models.PositiveIntegerField(_("duração (ms)"), default=0)
    rows = models.PositiveIntegerField(_("lançamentos"), default=0)
    issues = models.JSONField(_("pendências"), default=list)

    class Meta:
        verbose_name = _("cálculo")
        verbose_name_plural = _("cálculos")

    def __str__(self) -> str:
        return f"{self.workspace_id} v{self.ledger_version}"


class Position(models.Model):
    """What a holder has of an asset. Without ``account`` it is the legal position across accounts.

    Money is in ``currency``; the ``_brl`` and ``_usd`` columns are the same figures converted at
    the date of each row that formed them. Null money is unknown.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="positions"
    )
    holder = models.ForeignKey("accounts.Holder", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "brokers.Account",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="positions",
    )
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="positions")
    currency = models.CharField(_("moeda"), max_length=3)
    quantity = QuantityField(_("quantidade"))
    total_cost = AmountField(_("custo"), null=True)
    realised_gain = AmountField(_("resultado realizado"), null=True)
    income = AmountField(_("proventos"), null=True)
    fifo_cost = AmountField(_("custo PEPS"), null=True)
    fifo_realised = AmountField(_("realizado PEPS"), null=True)
    total_cost_brl = AmountField(null=True)
    realised_gain_brl = AmountField(null=True)
    income_brl = AmountField(null=True)
    total_cost_usd = AmountField(null=True)
    realised_gain_usd = AmountField(null=True)
    income_usd = AmountField(null=True)
    first_date = models.DateField(_("primeiro lançamento"), null=True)
    last_date = models.DateField(_("último lançamento"), null=True)
    issues = models.JSONField(_("pendências"), default=list)
    splits = models.JSONField(
        _("desdobramentos"), default=list, help_text=_("Datas e proporções, do mais antigo.")
    )

    class Meta:
        verbose_name = _("posição")
        verbose_name_plural = _("posições")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "holder", "account", "asset"],
                name="position_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace"],
                condition=Q(account__isnull=True),
                name="position_legal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.quantity}"


class CashBalance(models.Model):
    """What an account holds in a currency, as far as the ledger tells."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="cash_balances"
    )
    account = models.ForeignKey("brokers.Account", on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(_("moeda"), max_length=3)
    amount = AmountField(_("saldo"))
    is_tracked = models.BooleanField(
        _("entra no patrimônio"),
        default=False,
        help_text=_("Só quando depósitos, retiradas ou câmbio desta conta foram lançados."),
    )

    class Meta:
        verbose_name = _("saldo em conta")
        verbose_name_plural = _("saldos em conta")
        constraints = [
            models.UniqueConstraint(fields=["account", "currency"], name="cash_balance_once")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
