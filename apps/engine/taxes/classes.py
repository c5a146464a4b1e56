"""Which class of asset is taxed how on the exchange."""

from __future__ import annotations

from apps.engine.kinds import AssetClass
from apps.engine.taxes.settings import TaxSettings

#: Treatments of an exchange result: a bucket, or what stands outside the three.
COMMON, DAY_TRADE, FII, FINAL, EXEMPT = "common", "day_trade", "fii", "final", "exempt"

_TREATMENT = {
    AssetClass.STOCK: COMMON,
    AssetClass.UNIT: COMMON,
    AssetClass.ETF: COMMON,
    AssetClass.BDR: COMMON,
    AssetClass.OPTION: COMMON,
    AssetClass.FUTURE: COMMON,
    AssetClass.TERM: COMMON,
    AssetClass.RIGHT: COMMON,
    AssetClass.GOLD: COMMON,
    AssetClass.FII: FII,
    AssetClass.FIAGRO: FII,
    AssetClass.FI_INFRA: EXEMPT,
    AssetClass.ETF_FIXED_INCOME: FINAL,
}

_RULE = {
    AssetClass.ETF: "VAR-ETF",
    AssetClass.BDR: "VAR-BDR",
    AssetClass.OPTION: "VAR-OPT",
    AssetClass.FUTURE: "VAR-FUT",
    AssetClass.TERM: "VAR-TERMO",
    AssetClass.RIGHT: "VAR-SUBS",
    AssetClass.FII: "VAR-FII20",
    AssetClass.FIAGRO: "VAR-FII20",
    AssetClass.FI_INFRA: "VAR-FIINFRA",
    AssetClass.ETF_FIXED_INCOME: "VAR-ETFRF",
}

#: Lines of the monthly sheet of the annual return, by class.
MARKETS = {
    AssetClass.OPTION: "options",
    AssetClass.FUTURE: "futures",
    AssetClass.TERM: "term",
    AssetClass.GOLD: "gold",
}


def treatment(asset_class: AssetClass | None) -> str | None:
    """Bucket of a class traded on the exchange, None where it is not. An unknown class counts as
    a common one, never exempt."""
    return COMMON if asset_class is None else _TREATMENT.get(asset_class)


def on_exchange(asset_class: AssetClass | None) -> bool:
    """Whether the monthly rules of the exchange speak of a class."""
    return treatment(asset_class) is not None


def rule_of(asset_class: AssetClass | None) -> str:
    """Rule that says how results of a class are taxed."""
    return "VAR-15" if asset_class is None else _RULE.get(asset_class, "VAR-15")


def limit_of(asset_class: AssetClass | None, settings: TaxSettings) -> str:
    """Which of the small-sales limits a spot sale of the class counts against: ``stock``, ``gold``
    or none."""
    if asset_class is AssetClass.STOCK:
        return "stock"
    if asset_class is AssetClass.UNIT and settings.units_exempt:
        return "stock"
    return "gold" if asset_class is AssetClass.GOLD else ""
