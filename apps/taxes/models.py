"""The law as dated rows, what people say of their taxes, and assessments, which are derived."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.fields import AmountField
from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel
from apps.ledger.models import LOSS_BUCKETS


class _Days(Func):
    """The days from ``valid_from`` to ``valid_to``, both included; an empty end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


#: The "month" of a year's annual return.
ANNUAL = 13


class _Hash(Func):
    """A text as a number."""

    function = "HASHTEXTEXTENDED"
    output_field = models.BigIntegerField()


class _Only(Func):
    """A range of one number: ranges exclude each other without an extension, texts do not."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()


def _same(name: str) -> Func:
    return _Only(_Hash(F(name), Value(0)), _Hash(F(name), Value(0)), Value("[]"))


@tracked()
class TaxRule(TimestampedModel):
    """One value of a rule of the law with the days it is in force, both included.

    ``seed_key`` is that of the row shipped with the program (empty for one made here); ``edited``
    says that an administrator changed it, and then no later seeding touches it.
    """

    rule_id = models.CharField(_("regra"), max_length=40)
    valid_from = models.DateField(_("vigente desde"))
    valid_to = models.DateField(_("vigente até"), null=True, blank=True)
    value = models.JSONField(
        _("valor"), default=dict, blank=True, help_text=_("Objeto JSON; decimais como texto.")
    )
    law = models.CharField(_("lei"), max_length=300, blank=True)
    status = models.CharField(_("situação"), max_length=40, blank=True)
    source = models.CharField(_("fonte"), max_length=300, blank=True)
    seed_key = models.CharField(max_length=60, null=True, blank=True, unique=True, editable=False)
    edited = models.BooleanField(_("alterada aqui"), default=False, editable=False)

    class Meta:
        verbose_name = _("regra fiscal")
        verbose_name_plural = _("regras fiscais")
        ordering = ["rule_id", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["rule_id", "valid_from"], name="tax_rule_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="tax_rule_ends_after_it_starts",
                violation_error_message=_("O fim da vigência vem antes do início."),
            ),
            models.CheckConstraint(
                condition=Q(rule_id__regex=r"^[A-Z][A-Z0-9-]+$"),
                name="tax_rule_id_shape",
                violation_error_message=_("Use maiúsculas, algarismos e hífens: VAR-15."),
            ),
            ExclusionConstraint(
                name="tax_rule_days_do_not_overlap",
                expressions=[
                    (_same("rule_id"), RangeOperators.OVERLAPS),
                    (
                        _Days(F("valid_from"), F("valid_to"), Value("[]")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Outra linha desta regra vale em alguns destes dias."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.valid_from}"


@tracked()
class HolderTaxSettings(TimestampedModel):
    """What a holder chose where the law is not settled: only the choices that differ from the
    engine's defaults, as text."""

    holder = models.OneToOneField(
        "accounts.Holder", on_delete=models.CASCADE, primary_key=True, related_name="tax_settings"
    )
    values = models.JSONField(_("escolhas"), default=dict)

    class Meta:
        verbose_name = _("escolhas fiscais")
        verbose_name_plural = _("escolhas fiscais")

    def __str__(self) -> str:
        return str(self.holder_id)


@tracked()
class TaxOpening(TimestampedModel):
    """What a holder brings from before ``date``: losses and unused withholding, a small DARF.

    Costs come from the ledger's opening positions. Months up to the date are not assessed.
    """

    holder = models.OneToOneField(
        "accounts.Holder", on_delete=models.CASCADE, primary_key=True, related_name="tax_opening"
    )
    date = models.DateField(_("data"), help_text=_("O último dia antes do que está lançado."))
    darf = AmountField(_("DARF abaixo do mínimo a transportar"), default=0)

    class Meta:
        verbose_name = _("abertura fiscal")
        verbose_name_plural = _("aberturas fiscais")
        constraints = [
            models.CheckConstraint(condition=Q(darf__gte=0), name="tax_opening_darf_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} {self.date}"


@tracked()
class TaxOpeningItem(models.Model):
    """Losses and unused withholding of one bucket at the opening."""

    opening = models.ForeignKey(TaxOpening, on_delete=models.CASCADE, related_name="items")
    bucket = models.CharField(
        _("grupo"), max_length=10, choices=[(each.value, each.label) for each in LOSS_BUCKETS]
    )
    loss = AmountField(_("prejuízo a compensar"), default=0)
    withheld = AmountField(_("IRRF a compensar"), default=0)

    class Meta:
        verbose_name = _("saldo da abertura")
        verbose_name_plural = _("saldos da abertura")
        constraints = [
            models.UniqueConstraint(fields=["opening", "bucket"], name="tax_opening_item_once"),
            models.CheckConstraint(
                condition=Q(loss__gte=0, withheld__gte=0), name="tax_opening_item_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(bucket__in=[each.value for each in LOSS_BUCKETS]),
                name="tax_opening_item_bucket_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.loss}"


class AssessmentBuild(models.Model):
    """From which ledger, rules and rates a holder's assessments were made.

    ``version`` rises whenever what is stored changes: answers are validated by it.
    """

    holder = models.OneToOneField(
        "accounts.Holder", on_delete=models.CASCADE, primary_key=True, related_name="tax_build"
    )
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="tax_builds"
    )
    version = models.BigIntegerField(_("versão"), default=0)
    ledger_version = models.BigIntegerField(_("versão dos lançamentos"), default=-1)
    rules_version = models.CharField(_("versão das regras"), max_length=80, blank=True)
    market_version = models.CharField(_("versão de câmbio e índices"), max_length=80, blank=True)
    choices_version = models.CharField(_("escolhas e abertura"), max_length=80, blank=True)
    layout = models.PositiveSmallIntegerField(_("forma"), default=0)
    built_at = models.DateTimeField(_("calculado em"), null=True, blank=True)
    took_ms = models.PositiveIntegerField(_("duração (ms)"), default=0)
    issues = models.JSONField(_("pendências"), default=list)

    class Meta:
        verbose_name = _("apuração: cálculo")
        verbose_name_plural = _("apurações: cálculos")

    def __str__(self) -> str:
        return f"{self.holder_id} v{self.version}"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Narrowing by what a row holds."""

    def months(self) -> AssessmentQuerySet:
        """Months of the exchange."""
        return self.filter(month__range=(1, 12))

    def years(self) -> AssessmentQuerySet:
        """Years beside their months."""
        return self.filter(month=0, year__gt=0)

    def returns(self) -> AssessmentQuerySet:
        """Annual returns."""
        return self.filter(month=ANNUAL)

    def shelf(self) -> AssessmentQuerySet:
        """What is held at the end of the ledger."""
        return self.filter(year=0, month=0)


class Assessment(models.Model):
    """One month of a holder as the engine assessed it; with ``month`` 0 the year beside its months,
    with 13 its annual return; the year 0 holds the positions at the end of the ledger.

    ``figures`` is what lists show, ``detail`` the explained lines; both are the engine's own JSON,
    with decimals as text.
    """

    id = models.BigAutoField(primary_key=True)
    holder = models.ForeignKey(
        "accounts.Holder", on_delete=models.CASCADE, related_name="tax_assessments"
    )
    year = models.PositiveSmallIntegerField(_("ano"))
    month = models.PositiveSmallIntegerField(_("mês"))
    figures = models.JSONField(_("valores"), default=dict)
    detail = models.JSONField(_("memória de cálculo"), default=dict)
    digest = models.CharField(
        max_length=64, blank=True, help_text=_("Do que está guardado: o que não muda fica.")
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("apuração")
        verbose_name_plural = _("apurações")
        ordering = ["-year", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "year", "month"], name="assessment_once"),
            models.CheckConstraint(condition=Q(month__lte=13), name="assessment_month"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


@tracked()
class MonthClosing(TimestampedModel):
    """A month a person closed, with the figures of that moment.

    ``reopened_at`` is set when a later change of the ledger, the rules or the choices gives other
    figures, and emptied when they are the closed ones again.
    """

    holder = models.ForeignKey(
        "accounts.Holder", on_delete=models.CASCADE, related_name="tax_closings"
    )
    month = models.DateField(_("mês"), help_text=_("O primeiro dia do mês."))
    closed_at = models.DateTimeField(_("fechado em"))
    closed_by = models.ForeignKey(
        "accounts.User",
        verbose_name=_("por"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    snapshot = models.JSONField(_("valores no fechamento"), default=dict)
    reopened_at = models.DateTimeField(_("reaberto em"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("mês", "fechamento")
        verbose_name_plural = _("fechamentos")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "month"], name="month_closing_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_closing_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} {self.month:%Y-%m}"


@tracked(exclude=["token_hash", "last_used_at"])
class TaxLink(UUIDModel, TimestampedModel):
    """A secret address that opens one holder's taxes, or their calendar, without signing in.

    The token is told once and kept as its SHA-256.
    """

    class Purpose(models.TextChoices):
        """What the address opens."""

        PAGES = "pages", _("páginas para o contador")
        CALENDAR = "calendar", _("calendário")

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="tax_links"
    )
    holder = models.ForeignKey(
        "accounts.Holder", on_delete=models.CASCADE, related_name="tax_links"
    )
    purpose = models.CharField(_("abre"), max_length=10, choices=Purpose)
    name = models.CharField(_("para quem"), max_length=80, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        "accounts.User",
        verbose_name=_("feito por"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    expires_at = models.DateTimeField(_("vale até"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revogado em"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("usado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("endereço secreto")
        verbose_name_plural = _("endereços secretos")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.name}"


class DueNotice(models.Model):
    """A warning already given of a date of tax."""

    holder = models.ForeignKey("accounts.Holder", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    due_date = models.DateField(_("vence em"))
    sent_at = models.DateTimeField(_("avisado em"), auto_now_add=True)

    class Meta:
        verbose_name = _("aviso de vencimento")
        verbose_name_plural = _("avisos de vencimento")
        ordering = ["-due_date"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "key", "due_date"], name="due_notice_once")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.due_date}"
