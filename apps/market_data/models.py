"""Prices, rates and indexes, and where they come from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import AmountField, RateField
from apps.common.history import tracked
from apps.common.models import TimestampedModel


@tracked(exclude=["token_encrypted", "last_ok_at", "last_error", "updated_at"])
class DataSource(TimestampedModel):
    """A provider: order, limits and key are data, not code."""

    code = models.CharField(_("código"), max_length=20, primary_key=True)
    name = models.CharField(_("nome"), max_length=60)
    enabled = models.BooleanField(_("ligado"), default=True)
    priority = models.PositiveSmallIntegerField(_("ordem"), default=50)
    base_url = models.CharField(_("endereço"), max_length=200, blank=True)
    token_encrypted = models.TextField(_("chave (cifrada)"), blank=True)
    timeout_seconds = models.DecimalField(
        _("tempo limite (s)"), max_digits=5, decimal_places=1, default=8
    )
    per_minute = models.PositiveIntegerField(_("pedidos por minuto"), default=60)
    per_day = models.PositiveIntegerField(_("pedidos por dia"), null=True, blank=True)
    batch_size = models.PositiveSmallIntegerField(_("ativos por pedido"), default=1)
    options = models.JSONField(_("opções"), default=dict, blank=True)
    last_ok_at = models.DateTimeField(_("última resposta boa"), null=True, blank=True)
    last_error = models.CharField(_("último erro"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("fonte de dados")
        verbose_name_plural = _("fontes de dados")
        ordering = ["priority", "code"]

    def __str__(self) -> str:
        return self.name


class Quote(models.Model):
    """The latest price known of an asset."""

    asset = models.OneToOneField(
        "assets.Asset", on_delete=models.CASCADE, primary_key=True, related_name="quote"
    )
    price = AmountField(_("preço"))
    currency = models.CharField(_("moeda"), max_length=3)
    previous_close = AmountField(_("fechamento anterior"), null=True, blank=True)
    as_of = models.DateTimeField(_("data e hora do preço"))
    fetched_at = models.DateTimeField(_("obtido em"))
    source = models.CharField(_("fonte"), max_length=20)

    class Meta:
        verbose_name = _("cotação")
        verbose_name_plural = _("cotações")
        constraints = [models.CheckConstraint(condition=Q(price__gt=0), name="quote_positive")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.price}"


class Price(models.Model):
    """A day's close as traded. With ``workspace`` it is a price typed there, seen only there.

    ``adjustment_factor`` multiplies the close to bring it to today's share count: the product of
    the splits that came later.
    """

    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="prices")
    workspace = models.ForeignKey(
        "accounts.Workspace",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    date = models.DateField(_("data"))
    close = AmountField(_("fechamento"))
    adjustment_factor = RateField(_("fator de ajuste"), default=1)
    source = models.CharField(_("fonte"), max_length=20)

    class Meta:
        verbose_name = _("preço diário")
        verbose_name_plural = _("preços diários")
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "date"],
                condition=Q(workspace__isnull=True),
                name="price_once",
                include=["close", "adjustment_factor", "source"],
            ),
            models.UniqueConstraint(
                fields=["workspace", "asset", "date"],
                condition=Q(workspace__isnull=False),
                name="price_once_per_workspace",
            ),
            models.CheckConstraint(condition=Q(close__gt=0), name="price_positive"),
            models.CheckConstraint(
                condition=Q(adjustment_factor__gt=0), name="price_factor_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.date}"


class FxRate(models.Model):
    """1 ``base`` = ``rate`` ``quote``. For PTAX, ``rate`` is the sale and ``rate_buy`` the buy."""

    date = models.DateField(_("data"))
    base = models.CharField(_("moeda"), max_length=3)
    quote = models.CharField(_("em"), max_length=3)
    rate = RateField(_("taxa"))
    rate_buy = RateField(_("taxa de compra"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=20)

    class Meta:
        verbose_name = _("câmbio")
        verbose_name_plural = _("câmbio")
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "source", "date"], name="fx_rate_once"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="fx_rate_positive"),
        ]
        indexes = [models.Index(fields=["base", "quote", "date"], name="fx_pair_date")]

    def __str__(self) -> str:
        return f"{self.base}{self.quote} {self.date}"


class IndexValue(models.Model):
    """CDI and Selic in percent a day, IPCA in percent a month, the rest in points."""

    index = models.CharField(_("índice"), max_length=12)
    date = models.DateField(_("data"))
    value = models.DecimalField(_("valor"), max_digits=24, decimal_places=12)
    source = models.CharField(_("fonte"), max_length=20)

    class Meta:
        verbose_name = _("valor de índice")
        verbose_name_plural = _("valores de índices")
        constraints = [
            models.UniqueConstraint(
                fields=["index", "date"], name="index_value_once", include=["value"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.date}"


class HistoryCoverage(models.Model):
    """The window of a series that vendors were asked for, so that only the rest is asked again.

    ``series`` is ``price:<asset id>``, ``fx:USDBRL`` or ``index:CDI``. Days of the window without
    a value are days nobody has: ``missing`` counts them.
    """

    series = models.CharField(_("série"), max_length=60, primary_key=True)
    start = models.DateField(_("desde"), null=True, blank=True)
    end = models.DateField(_("até"), null=True, blank=True)
    missing = models.PositiveIntegerField(_("dias sem valor"), default=0)
    source = models.CharField(_("fonte"), max_length=20, blank=True)
    last_error = models.CharField(_("último erro"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("verificado em"))

    class Meta:
        verbose_name = _("cobertura do histórico")
        verbose_name_plural = _("cobertura dos históricos")
        ordering = ["series"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__gte=models.F("start")),
                name="coverage_window",
            )
        ]

    def __str__(self) -> str:
        return self.series


class MarketState(models.Model):
    """One row: how many times market data changed. Figures are cached by it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("estado do mercado")
        verbose_name_plural = _("estado do mercado")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="market_state_single")]

    def __str__(self) -> str:
        return str(self.version)
