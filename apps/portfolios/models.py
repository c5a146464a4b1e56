"""Portfolios and tags, which people make; and derived figures, which can be thrown away and built
again from the ledger: ``Build``, ``Position`` and ``CashBalance``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.assets.models import AssetClass
from apps.common.fields import AmountField, QuantityField, RateField
from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel


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
    layout = models.PositiveSmallIntegerField(
        default=0, help_text=_("Forma dos números guardados; muda com o programa.")
    )
    rates_until = models.DateField(_("câmbio até"), null=True, blank=True)
    rates = models.CharField(
        _("câmbio usado"), max_length=80, blank=True, help_text=_("Quantas taxas e sua soma.")
    )

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


class CashPart(models.Model):
    """What the rows of one asset (or of none) moved of a balance, not rounded."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="cash_parts"
    )
    account = models.ForeignKey("brokers.Account", on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(_("moeda"), max_length=3)
    asset = models.ForeignKey(
        "assets.Asset", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    amount = models.DecimalField(_("valor"), max_digits=60, decimal_places=30)
    is_complete = models.BooleanField(_("completo"), default=True)

    class Meta:
        verbose_name = _("parte do saldo")
        verbose_name_plural = _("partes do saldo")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "account", "currency", "asset"],
                name="cash_part_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@tracked()
class AssetTag(models.Model):
    """A word a workspace gave to an asset, to find and group it by."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="asset_tags"
    )
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(_("etiqueta"), max_length=40)

    class Meta:
        verbose_name = _("etiqueta")
        verbose_name_plural = _("etiquetas")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "asset", "name"], name="asset_tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="asset_tag_present"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Portfolio(UUIDModel, TimestampedModel):
    """A saved selection of the workspace's positions, with the weights aimed at. It owns no trade.

    A position belongs when its account is one of those chosen (any, unless ``by_account``) and its
    asset is one of those chosen, or of a class or tag chosen (any, unless ``by_asset``). The two
    marks stay when what was chosen disappears: nothing is then selected, rather than everything.
    """

    class TargetBy(models.TextChoices):
        """What the target weights are given to."""

        CLASS = "class", _("classe")
        ASSET = "asset", _("ativo")

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="portfolios"
    )
    name = models.CharField(_("nome"), max_length=80)
    description = models.CharField(_("descrição"), max_length=300, blank=True)
    by_account = models.BooleanField(_("só algumas contas"), default=False)
    by_asset = models.BooleanField(_("só alguns ativos"), default=False)
    target_by = models.CharField(
        _("metas por"), max_length=5, choices=TargetBy, default=TargetBy.CLASS
    )

    class Meta:
        verbose_name = _("carteira")
        verbose_name_plural = _("carteiras")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="portfolio_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="portfolio_name_present"),
            models.CheckConstraint(
                condition=Q(target_by__in=["class", "asset"]), name="portfolio_target_by_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class PortfolioItem(models.Model):
    """One thing a portfolio selects: an account, an asset, a class or a tag."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="items")
    account = models.ForeignKey(
        "brokers.Account", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    asset = models.ForeignKey(
        "assets.Asset", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    asset_class = models.CharField(_("classe"), max_length=20, blank=True, choices=AssetClass)
    tag = models.CharField(_("etiqueta"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("item da carteira")
        verbose_name_plural = _("itens da carteira")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "account", "asset", "asset_class", "tag"],
                name="portfolio_item_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=(
                    Q(account__isnull=False, asset__isnull=True, asset_class="", tag="")
                    | Q(account__isnull=True, asset__isnull=False, asset_class="", tag="")
                    | (Q(account__isnull=True, asset__isnull=True, tag="") & ~Q(asset_class=""))
                    | (Q(account__isnull=True, asset__isnull=True, asset_class="") & ~Q(tag=""))
                ),
                name="portfolio_item_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account_id or self.asset_id or self.asset_class or self.tag)


@tracked()
class PortfolioTarget(models.Model):
    """The weight aimed at for a class or an asset, as a fraction of the portfolio."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="targets")
    asset_class = models.CharField(_("classe"), max_length=20, blank=True, choices=AssetClass)
    asset = models.ForeignKey(
        "assets.Asset", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    weight = RateField(_("peso"), help_text=_("0,25 = 25 %"))

    class Meta:
        verbose_name = _("meta da carteira")
        verbose_name_plural = _("metas da carteira")
        ordering = ["-weight", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "asset_class", "asset"],
                name="portfolio_target_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=(
                    (Q(asset__isnull=True) & ~Q(asset_class=""))
                    | Q(asset__isnull=False, asset_class="")
                ),
                name="portfolio_target_is_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=1), name="portfolio_target_is_fraction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_class or self.asset_id} {self.weight}"
