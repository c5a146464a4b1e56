"""Institutions and the accounts people hold with them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel


class InstitutionQuerySet(models.QuerySet["Institution"]):
    """Narrowing by who may see an institution."""

    def visible_to(self, workspace_id: object) -> InstitutionQuerySet:
        """The shared registry and those the workspace made."""
        return self.filter(Q(workspace__isnull=True) | Q(workspace_id=workspace_id))


@tracked()
class Institution(UUIDModel, TimestampedModel):
    """A broker, bank or exchange. Without ``workspace`` it is read by everyone."""

    workspace = models.ForeignKey(
        "accounts.Workspace",
        verbose_name=_("espaço"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="institutions",
    )
    name = models.CharField(_("nome"), max_length=160)
    short_name = models.CharField(_("nome curto"), max_length=40, blank=True)
    cnpj = models.CharField("CNPJ", max_length=18, blank=True)
    country = models.CharField(_("país"), max_length=2, default="BR")

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("instituição")
        verbose_name_plural = _("instituições")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(workspace__isnull=True),
                name="institution_name_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(workspace__isnull=False),
                name="institution_name_once_per_workspace",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class InstitutionAlias(models.Model):
    """Another spelling of an institution's name, normalised (see ``normalise_name``)."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="aliases")
    normalised = models.CharField(_("grafia"), max_length=160, db_index=True)

    class Meta:
        verbose_name = _("outra grafia")
        verbose_name_plural = _("outras grafias")
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "normalised"], name="institution_alias_once"
            )
        ]

    def __str__(self) -> str:
        return self.normalised


@tracked()
class Account(UUIDModel, TimestampedModel):
    """A holder's account with an institution."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="accounts"
    )
    holder = models.ForeignKey(
        "accounts.Holder",
        verbose_name=_("titular"),
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    institution = models.ForeignKey(
        Institution,
        verbose_name=_("instituição"),
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    name = models.CharField(_("nome"), max_length=80)
    currency = models.CharField(_("moeda"), max_length=3, default="BRL")
    is_active = models.BooleanField(_("ativa"), default=True)

    class Meta:
        verbose_name = _("conta")
        verbose_name_plural = _("contas")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="account_name_once"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="account_currency_iso"
            ),
        ]

    def __str__(self) -> str:
        return self.name
