"""Vocabulary shared by the engine, the database models and the file formats."""

from enum import StrEnum


class Kind(StrEnum):
    """What a ledger row records. The values are those of the exchange format."""

    BUY = "buy"
    SELL = "sell"
    SHORT_SELL = "short_sell"
    COVER = "cover"
    SPLIT = "split"
    BONUS = "bonus"
    SPIN_OFF = "spin_off"
    MERGER = "merger"
    RENAME = "rename"
    SUBSCRIPTION = "subscription"
    RETURN_OF_CAPITAL = "return_of_capital"
    FRACTION_SALE = "fraction_sale"
    DIVIDEND = "dividend"
    JCP = "jcp"
    DISTRIBUTION = "distribution"
    INTEREST = "interest"
    LENDING_INCOME = "lending_income"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    EXERCISE = "exercise"
    ASSIGNMENT = "assignment"
    EXPIRY = "expiry"
    DAILY_ADJUSTMENT = "daily_adjustment"
    COME_COTAS = "come_cotas"
    MATURITY = "maturity"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    TAX = "tax"
    FX = "fx"
    OPENING_LOSS = "opening_loss"
    DARF_PAYMENT = "darf_payment"


class AssetClass(StrEnum):
    """Classes of asset, as the exchange format names them."""

    STOCK = "stock"
    UNIT = "unit"
    FII = "fii"
    FIAGRO = "fiagro"
    FI_INFRA = "fi_infra"
    ETF = "etf"
    ETF_FIXED_INCOME = "etf_fixed_income"
    BDR = "bdr"
    OPTION = "option"
    FUTURE = "future"
    TERM = "term"
    RIGHT = "right"
    GOLD = "gold"
    STOCK_ABROAD = "stock_abroad"
    ETF_ABROAD = "etf_abroad"
    REIT = "reit"
    BOND = "bond"
    TREASURY = "treasury"
    CDB = "cdb"
    LCI = "lci"
    LCA = "lca"
    CRI = "cri"
    CRA = "cra"
    DEBENTURE = "debenture"
    DEBENTURE_INFRA = "debenture_infra"
    FUND = "fund"
    CRYPTO = "crypto"
    CRYPTO_ABROAD = "crypto_abroad"


class TaxClass(StrEnum):
    """What the class of a fund leaves open for its taxes; empty is long term. Of a share ``sme``:
    one of a small or medium company."""

    LONG = "long"
    SHORT = "short"
    EQUITY = "equity"
    ENTITY = "entity"
    EXEMPT = "exempt"
    SME = "sme"


class Indexer(StrEnum):
    """What a fixed-income paper's yield follows."""

    CDI = "cdi"
    SELIC = "selic"
    PREFIXED = "prefixed"
    IPCA = "ipca"


class Bucket(StrEnum):
    """Tax buckets a loss or a payment belongs to."""

    COMMON = "common"
    DAY_TRADE = "day_trade"
    FII = "fii"
    ABROAD = "abroad"
    GCAP = "gcap"
    CARNE_LEAO = "carne_leao"


#: Buckets whose losses are carried; the others are of payments only.
LOSS_BUCKETS = frozenset({Bucket.COMMON, Bucket.DAY_TRADE, Bucket.FII, Bucket.ABROAD})
TRADE_KINDS = frozenset({Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER})
INCOME_KINDS = frozenset(
    {Kind.DIVIDEND, Kind.JCP, Kind.DISTRIBUTION, Kind.INTEREST, Kind.LENDING_INCOME}
)
CASH_KINDS = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX, Kind.FX})
CORPORATE_KINDS = frozenset(
    {
        Kind.SPLIT,
        Kind.BONUS,
        Kind.SPIN_OFF,
        Kind.MERGER,
        Kind.RENAME,
        Kind.RETURN_OF_CAPITAL,
        Kind.FRACTION_SALE,
    }
)
TRANSFER_KINDS = frozenset({Kind.TRANSFER_IN, Kind.TRANSFER_OUT})
FIXED_INCOME_CLASSES = frozenset(
    {
        AssetClass.BOND,
        AssetClass.TREASURY,
        AssetClass.CDB,
        AssetClass.LCI,
        AssetClass.LCA,
        AssetClass.CRI,
        AssetClass.CRA,
        AssetClass.DEBENTURE,
        AssetClass.DEBENTURE_INFRA,
    }
)
