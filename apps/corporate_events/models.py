"""Facts of the market about an asset; never edits of a trade."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import AmountField, RateField
from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel


class EventKind(models.TextChoices):
    """Kinds of corporate event; the values are ledger kinds."""

    SPLIT = "split", _("Desdobramento ou grupamento")
    BONUS = "bonus", _("Bonificação")
    SPIN_OFF = "spin_off", _("Cisão")
    MERGER = "merger", _("Incorporação")
    RENAME = "rename", _("Mudança de código")
    RETURN_OF_CAPITAL = "return_of_capital", _("Amortização ou restituição de capital")


class CorporateEventQuerySet(models.QuerySet["CorporateEvent"]):
    """Narrowing by who may see an event."""

    def visible_to(self, workspace_id: object) -> CorporateEventQuerySet:
        """The installation's events and those the workspace recorded."""
        return self.filter(Q(workspace__isnull=True) | Q(workspace_id=workspace_id))


@tracked()
class CorporateEvent(UUIDModel, TimestampedModel):
    """An event applied to whoever holds the asset at the open of ``ex_date``.

    ``ratio`` reads: split, new shares per old; bonus, new shares per share held; spin-off and
    merger, shares of ``to_asset`` per share. ``unit_amount`` is money per share: the declared
    cost of a bonus share, cash of a merger, or the amount returned.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="corporate_events",
    )
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("tipo"), max_length=20, choices=EventKind)
    ex_date = models.DateField(_("data ex"))
    payment_date = models.DateField(_("pagamento"), null=True, blank=True)
    ratio = RateField(_("proporção"), null=True, blank=True)
    unit_amount = AmountField(_("valor por unidade"), null=True, blank=True)
    to_asset = models.ForeignKey(
        "assets.Asset",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cost_share = RateField(_("fração do custo"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200, blank=True)
    note = models.CharField(_("observação"), max_length=300, blank=True)

    objects = CorporateEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("evento corporativo")
        verbose_name_plural = _("eventos corporativos")
        ordering = ["-ex_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind", "ex_date"],
                condition=Q(workspace__isnull=True),
                name="corporate_event_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "asset", "kind", "ex_date"],
                condition=Q(workspace__isnull=False),
                name="corporate_event_once_per_workspace",
            ),
            models.CheckConstraint(
                condition=Q(ratio__isnull=True) | Q(ratio__gt=0),
                name="event_ratio_positive",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["split", "bonus", "spin_off", "merger"])
                | Q(ratio__isnull=False),
                name="event_ratio_present",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["spin_off", "merger", "rename"]) | Q(to_asset__isnull=False),
                name="event_target_present",
            ),
            models.CheckConstraint(
                condition=Q(cost_share__isnull=True) | Q(cost_share__gte=0, cost_share__lte=1),
                name="event_cost_share_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ex_date}"
