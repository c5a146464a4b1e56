"""The ledger: the only truth. Everything else is folded from these rows."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.fields import AmountField, QuantityField, RateField
from apps.common.history import tracked
from apps.common.models import TimestampedModel, UUIDModel
from apps.engine import kinds


class Kind(models.TextChoices):
    """What a row records; the values are those of ``apps.engine.kinds.Kind``."""

    BUY = "buy", _("Compra")
    SELL = "sell", _("Venda")
    SHORT_SELL = "short_sell", _("Venda a descoberto")
    COVER = "cover", _("Recompra")
    SPLIT = "split", _("Desdobramento ou grupamento")
    BONUS = "bonus", _("Bonificação")
    SPIN_OFF = "spin_off", _("Cisão")
    MERGER = "merger", _("Incorporação")
    RENAME = "rename", _("Mudança de código")
    SUBSCRIPTION = "subscription", _("Subscrição")
    RETURN_OF_CAPITAL = "return_of_capital", _("Amortização ou restituição de capital")
    FRACTION_SALE = "fraction_sale", _("Leilão de frações")
    DIVIDEND = "dividend", _("Dividendo")
    JCP = "jcp", _("JCP")
    DISTRIBUTION = "distribution", _("Rendimento")
    INTEREST = "interest", _("Juros")
    LENDING_INCOME = "lending_income", _("Aluguel de ativos")
    TRANSFER_IN = "transfer_in", _("Transferência de entrada")
    TRANSFER_OUT = "transfer_out", _("Transferência de saída")
    EXERCISE = "exercise", _("Exercício de opção")
    ASSIGNMENT = "assignment", _("Exercício contra o lançador")
    EXPIRY = "expiry", _("Vencimento de opção")
    DAILY_ADJUSTMENT = "daily_adjustment", _("Ajuste diário")
    COME_COTAS = "come_cotas", _("Come-cotas")
    MATURITY = "maturity", _("Vencimento ou resgate total")
    DEPOSIT = "deposit", _("Depósito")
    WITHDRAWAL = "withdrawal", _("Retirada")
    FEE = "fee", _("Taxa")
    TAX = "tax", _("Imposto")
    FX = "fx", _("Câmbio")
    OPENING_LOSS = "opening_loss", _("Prejuízo anterior")
    DARF_PAYMENT = "darf_payment", _("Pagamento de DARF")


class Bucket(models.TextChoices):
    """Tax buckets; the values are those of ``apps.engine.kinds.Bucket``."""

    COMMON = "common", _("Operações comuns")
    DAY_TRADE = "day_trade", _("Day trade")
    FII = "fii", _("FII e Fiagro")
    ABROAD = "abroad", _("Exterior")
    GCAP = "gcap", _("Ganhos de capital e criptoativos")
    CARNE_LEAO = "carne_leao", _("Carnê-leão")


#: Buckets whose losses are carried; the others are of payments only.
LOSS_BUCKETS = (Bucket.COMMON, Bucket.DAY_TRADE, Bucket.FII, Bucket.ABROAD)


class Origin(models.TextChoices):
    """How a row came to be."""

    MANUAL = "manual", _("digitado")
    IMPORT = "import", _("importado")
    OPENING = "opening", _("posição de abertura")
    DEMO = "demo", _("demonstração")


@tracked()
class BrokerageNote(UUIDModel, TimestampedModel):
    """The fees of one note: one account, one day. They are spread over its trades by value."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="brokerage_notes"
    )
    account = models.ForeignKey("brokers.Account", on_delete=models.CASCADE, related_name="notes")
    trade_date = models.DateField(_("data do pregão"))
    number = models.CharField(_("número da nota"), max_length=40, blank=True)
    fees = AmountField(_("taxas"))
    irrf = AmountField(_("IRRF"), null=True, blank=True)

    class Meta:
        verbose_name = _("nota de corretagem")
        verbose_name_plural = _("notas de corretagem")
        ordering = ["-trade_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "trade_date", "number"], name="brokerage_note_once"
            ),
            models.CheckConstraint(condition=Q(fees__gte=0), name="brokerage_note_fees"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.trade_date)


class TransactionQuerySet(models.QuerySet["Transaction"]):
    """Narrowing the ledger."""

    def of(self, workspace_id: object) -> TransactionQuerySet:
        """The rows of one workspace."""
        return self.filter(workspace_id=workspace_id)

    def chronological(self) -> TransactionQuerySet:
        """In the order they happened, then in the order they were recorded."""
        return self.order_by("trade_date", "sequence")


@tracked()
class Transaction(UUIDModel, TimestampedModel):
    """One fact. Quantities are positive: the kind gives the sign.

    ``fees`` and ``tax_withheld`` are null when unknown. ``amount`` is the gross total and wins
    over ``unit_price``. ``batch_id`` names the import batch that made the row.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="transactions"
    )
    account = models.ForeignKey(
        "brokers.Account",
        verbose_name=_("conta"),
        on_delete=models.PROTECT,
        related_name="transactions",
    )
    asset = models.ForeignKey(
        "assets.Asset",
        verbose_name=_("ativo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transactions",
    )
    kind = models.CharField(_("tipo"), max_length=20, choices=Kind)
    trade_date = models.DateField(_("data"))
    trade_time = models.TimeField(_("hora"), null=True, blank=True)
    quantity = QuantityField(_("quantidade"), null=True, blank=True)
    unit_price = AmountField(_("preço unitário"), null=True, blank=True)
    amount = AmountField(_("valor bruto"), null=True, blank=True)
    fees = AmountField(_("taxas"), null=True, blank=True)
    tax_withheld = AmountField(_("imposto retido"), null=True, blank=True)
    currency = models.CharField(_("moeda"), max_length=3)
    fx_rate = RateField(_("câmbio da corretora"), null=True, blank=True)
    ratio = RateField(_("proporção"), null=True, blank=True)
    to_asset = models.ForeignKey(
        "assets.Asset",
        verbose_name=_("outro ativo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    to_currency = models.CharField(_("outra moeda"), max_length=3, blank=True)
    cost_share = RateField(_("fração do custo"), null=True, blank=True)
    bucket = models.CharField(_("grupo fiscal"), max_length=10, choices=Bucket, blank=True)
    note = models.CharField(_("observação"), max_length=500, blank=True)
    origin = models.CharField(_("origem"), max_length=10, choices=Origin, default=Origin.MANUAL)
    batch_id = models.UUIDField(_("importação"), null=True, blank=True)
    brokerage_note = models.ForeignKey(
        BrokerageNote,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="trades",
    )
    edited_by_hand = models.BooleanField(_("editado à mão"), default=False)
    sequence = models.BigIntegerField(_("sequência"))

    objects = TransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("lançamento")
        verbose_name_plural = _("lançamentos")
        ordering = ["-trade_date", "-sequence"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=list(Kind.values)), name="transaction_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0),
                name="transaction_quantity_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__isnull=True) | Q(unit_price__gte=0),
                name="transaction_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="transaction_currency_iso",
            ),
            models.CheckConstraint(
                condition=Q(ratio__isnull=True) | Q(ratio__gt=0),
                name="transaction_ratio_positive",
            ),
            models.CheckConstraint(
                condition=Q(cost_share__isnull=True) | Q(cost_share__gte=0, cost_share__lte=1),
                name="transaction_cost_share_fraction",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        kinds.Kind.DEPOSIT,
                        kinds.Kind.WITHDRAWAL,
                        kinds.Kind.FEE,
                        kinds.Kind.TAX,
                        kinds.Kind.FX,
                        kinds.Kind.INTEREST,
                        kinds.Kind.OPENING_LOSS,
                        kinds.Kind.DARF_PAYMENT,
                    ]
                )
                | Q(asset__isnull=False),
                name="transaction_asset_present",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["buy", "sell", "short_sell", "cover"]) | Q(quantity__gt=0),
                name="transaction_trade_has_quantity",
            ),
            models.UniqueConstraint(
                fields=["workspace", "sequence"], name="transaction_sequence_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "trade_date", "sequence"],
                name="transaction_stream",
            ),
            models.Index(fields=["workspace", "asset", "trade_date"], name="transaction_by_asset"),
            models.Index(fields=["account", "trade_date"], name="transaction_by_account"),
            models.Index(
                fields=["batch_id"],
                condition=Q(batch_id__isnull=False),
                name="transaction_by_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trade_date} {self.kind}"


class Change(models.Model):
    """Which assets the write that made a ledger version touched.

    Whoever derives figures folds only those again. A version without its change is one that
    touched anything; changes are forgotten once figures follow them.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="changes"
    )
    version = models.BigIntegerField(_("versão dos lançamentos"))
    assets = ArrayField(models.UUIDField(), verbose_name=_("ativos"))
    without_asset = models.BooleanField(_("lançamentos sem ativo"), default=False)

    class Meta:
        verbose_name = _("mudança")
        verbose_name_plural = _("mudanças")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "version"], name="ledger_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} v{self.version}"


class Trade(Transaction):
    """Purchases and sales, for the admin."""

    class Meta:
        proxy = True
        verbose_name = _("negócio")
        verbose_name_plural = _("negócios")


class Income(Transaction):
    """Dividends, JCP, FII income and interest, for the admin and the API."""

    class Meta:
        proxy = True
        verbose_name = _("provento")
        verbose_name_plural = _("proventos")


class CashMovement(Transaction):
    """Deposits, withdrawals, fees, taxes and exchange, for the admin and the API."""

    class Meta:
        proxy = True
        verbose_name = _("movimento de caixa")
        verbose_name_plural = _("movimentos de caixa")
