"""What can be owned, where it trades and when those places are open."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import AmountField, RateField
from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel


class AssetClass(models.TextChoices):
    """Classes of asset; the values are those of ``apps.engine.kinds.AssetClass``."""

    STOCK = "stock", _("Ação")
    UNIT = "unit", _("Unit")
    FII = "fii", _("FII")
    FIAGRO = "fiagro", _("Fiagro")
    FI_INFRA = "fi_infra", _("FI-Infra")
    ETF = "etf", _("ETF")
    ETF_FIXED_INCOME = "etf_fixed_income", _("ETF de renda fixa")
    BDR = "bdr", _("BDR")
    OPTION = "option", _("Opção")
    FUTURE = "future", _("Futuro")
    TERM = "term", _("Termo")
    RIGHT = "right", _("Direito")
    GOLD = "gold", _("Ouro")
    STOCK_ABROAD = "stock_abroad", _("Ação no exterior")
    ETF_ABROAD = "etf_abroad", _("ETF no exterior")
    REIT = "reit", _("REIT")
    BOND = "bond", _("Título no exterior")
    TREASURY = "treasury", _("Tesouro Direto")
    CDB = "cdb", _("CDB")
    LCI = "lci", _("LCI")
    LCA = "lca", _("LCA")
    CRI = "cri", _("CRI")
    CRA = "cra", _("CRA")
    DEBENTURE = "debenture", _("Debênture")
    DEBENTURE_INFRA = "debenture_infra", _("Debênture incentivada")
    FUND = "fund", _("Fundo")
    CRYPTO = "crypto", _("Cripto")
    CRYPTO_ABROAD = "crypto_abroad", _("Cripto no exterior")


class TaxClass(models.TextChoices):
    """What the class of a fund leaves open for its taxes; empty is long term. Of a share: whether
    the company is a small or medium one."""

    LONG = "long", _("Longo prazo")
    SHORT = "short", _("Curto prazo")
    EQUITY = "equity", _("Ações")
    ENTITY = "entity", _("Entidade de investimento (FIDC, FIP)")
    EXEMPT = "exempt", _("Isento")
    SME = "sme", _("Ação de pequena ou média empresa")


class Currency(models.Model):
    """An ISO 4217 currency."""

    code = models.CharField(_("código"), max_length=3, primary_key=True)
    name = models.CharField(_("nome"), max_length=60)
    symbol = models.CharField(_("símbolo"), max_length=6)
    decimals = models.PositiveSmallIntegerField(_("casas decimais"), default=2)

    class Meta:
        verbose_name = _("moeda")
        verbose_name_plural = _("moedas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Exchange(models.Model):
    """A place of trade and its regular hours, in its own zone."""

    code = models.CharField(_("código"), max_length=8, primary_key=True, help_text="MIC")
    name = models.CharField(_("nome"), max_length=80)
    country = models.CharField(_("país"), max_length=2)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    timezone = models.CharField(_("fuso"), max_length=40)
    opens_at = models.TimeField(_("abre"))
    closes_at = models.TimeField(_("fecha"))
    trades_every_day = models.BooleanField(_("todos os dias"), default=False)

    class Meta:
        verbose_name = _("bolsa")
        verbose_name_plural = _("bolsas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Holiday(models.Model):
    """A weekday on which an exchange is closed."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField(_("data"))
    name = models.CharField(_("nome"), max_length=80)

    class Meta:
        verbose_name = _("feriado")
        verbose_name_plural = _("feriados")
        ordering = ["exchange", "date"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "date"], name="holiday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.exchange_id} {self.date}"


class AssetQuerySet(models.QuerySet["Asset"]):
    """Narrowing by who may see an asset."""

    def visible_to(self, workspace_id: object) -> AssetQuerySet:
        """The installation's assets and those the workspace made."""
        return self.filter(Q(workspace__isnull=True) | Q(workspace_id=workspace_id))


@tracked()
class Asset(UUIDModel, TimestampedModel):
    """Something that can be owned. Without ``workspace`` it is read by everyone."""

    workspace = models.ForeignKey(
        "accounts.Workspace",
        verbose_name=_("espaço"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="assets",
    )
    ticker = models.CharField(_("código"), max_length=60)
    name = models.CharField(_("nome"), max_length=160, blank=True)
    asset_class = models.CharField(_("classe"), max_length=20, choices=AssetClass)
    market = models.CharField(_("mercado"), max_length=8, default="BR", help_text="BR, US, EU...")
    exchange = models.ForeignKey(
        Exchange, null=True, blank=True, on_delete=models.PROTECT, related_name="assets"
    )
    currency = models.CharField(_("moeda"), max_length=3, default="BRL")
    country = models.CharField(_("país"), max_length=2, default="BR")
    sector = models.CharField(_("setor"), max_length=80, blank=True)
    isin = models.CharField("ISIN", max_length=12, blank=True)
    cnpj = models.CharField("CNPJ", max_length=18, blank=True)
    issuer = models.CharField(_("emissor"), max_length=120, blank=True)
    quote_symbol = models.CharField(
        _("código no provedor"),
        max_length=40,
        blank=True,
        help_text=_("Vazio: derivado do código e do mercado."),
    )
    underlying = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="derivatives",
    )
    option_type = models.CharField(_("tipo de opção"), max_length=4, blank=True)
    strike = AmountField(_("preço de exercício"), null=True, blank=True)
    expiry = models.DateField(_("vencimento"), null=True, blank=True)
    multiplier = RateField(_("multiplicador"), default=1)
    tax_class = models.CharField(
        _("regime fiscal"),
        max_length=8,
        choices=TaxClass,
        blank=True,
        help_text=_("De um fundo; vazio: longo prazo. De uma ação: se é de PME."),
    )
    term_days = models.PositiveIntegerField(
        _("prazo médio da carteira (dias)"),
        null=True,
        blank=True,
        help_text=_("De um ETF de renda fixa: decide a sua alíquota."),
    )
    is_delisted = models.BooleanField(_("deixou de negociar"), default=False)
    is_demo = models.BooleanField(_("demonstração"), default=False)

    objects = AssetQuerySet.as_manager()

    class Meta:
        verbose_name = _("ativo")
        verbose_name_plural = _("ativos")
        ordering = ["ticker"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticker", "market"],
                condition=Q(workspace__isnull=True),
                name="asset_ticker_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "ticker", "market"],
                condition=Q(workspace__isnull=False),
                name="asset_ticker_once_per_workspace",
            ),
            models.CheckConstraint(
                condition=Q(asset_class__in=list(AssetClass.values)),
                name="asset_class_known",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="asset_currency_iso"
            ),
            models.CheckConstraint(condition=~Q(ticker=""), name="asset_ticker_present"),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="asset_multiplier_positive"),
        ]
        indexes = [models.Index(fields=["isin"], name="asset_isin")]

    def __str__(self) -> str:
        return self.ticker


class TickerHistory(models.Model):
    """A code an asset had before: old files still name it."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="former_tickers")
    ticker = models.CharField(_("código"), max_length=60, db_index=True)
    valid_until = models.DateField(_("usado até"), null=True, blank=True)

    class Meta:
        verbose_name = _("código anterior")
        verbose_name_plural = _("códigos anteriores")
        constraints = [
            models.UniqueConstraint(fields=["asset", "ticker"], name="former_ticker_once")
        ]

    def __str__(self) -> str:
        return self.ticker


class FixedIncomeTerms(models.Model):
    """How a fixed-income paper yields; see ``apps.engine.types.FixedIncomeTerms``."""

    class Index(models.TextChoices):
        CDI = "cdi", "CDI"
        SELIC = "selic", "Selic"
        PREFIXED = "prefixed", _("prefixado")
        IPCA = "ipca", "IPCA"

    asset = models.OneToOneField(
        Asset, on_delete=models.CASCADE, primary_key=True, related_name="terms"
    )
    indexer = models.CharField(_("indexador"), max_length=8, choices=Index)
    percent = RateField(_("percentual do indexador"), default=1, help_text="1,10 = 110 %")
    rate = RateField(_("taxa ao ano"), default=0, help_text="0,06 = 6 %")
    unit_value = AmountField(_("valor da unidade na emissão"), default=1)
    index_lag = models.PositiveSmallIntegerField(
        _("defasagem do índice (meses)"),
        default=1,
        help_text=_("Quantos meses antes é o IPCA usado; no Tesouro IPCA+ é 0."),
    )
    issue_date = models.DateField(_("emissão"))
    maturity = models.DateField(_("vencimento"), null=True, blank=True)

    class Meta:
        verbose_name = _("condições de renda fixa")
        verbose_name_plural = _("condições de renda fixa")
        constraints = [
            models.CheckConstraint(condition=Q(unit_value__gt=0), name="terms_unit_value_positive"),
            models.CheckConstraint(
                condition=Q(maturity__isnull=True) | Q(maturity__gt=models.F("issue_date")),
                name="terms_maturity_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indexer} {self.percent} {self.rate}"
