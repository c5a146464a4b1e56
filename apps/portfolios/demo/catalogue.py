"""The invented assets of the demonstration and how their prices move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.engine.kinds import Indexer
from apps.engine.types import FixedIncomeTerms

START = dt.date(2014, 11, 3)
STORY_END = dt.date(2026, 11, 20)
SUFFIX = " (demonstração)"


@dataclass(frozen=True, slots=True)
class DemoAsset:
    """An invented asset.

    ``guide`` holds the prices its close wanders around on 1 November of each year from
    ``guide_year`` on, in today's units; ``beta`` is how much of the market's swings it takes and
    ``noise`` its own daily movement, as fractions. ``splits`` and ``bonus`` (units and declared
    cost) tell what one unit becomes and when; ``last`` is the last day with a close, ``income``
    the fraction of the price paid a year. Without a guide nobody has ever priced it.
    """

    ticker: str
    name: str
    asset_class: str
    sector: str = ""
    market: str = "BR"
    currency: str = "BRL"
    exchange: str | None = "BVMF"
    listed: dt.date = START
    guide: str = ""
    guide_year: int = 2014
    beta: float = 1.0
    noise: float = 0.010
    splits: Mapping[dt.date, Decimal] = field(default_factory=dict)
    bonus: Mapping[dt.date, tuple[Decimal, Decimal]] = field(default_factory=dict)
    last: dt.date | None = None
    income: str = "0"
    terms: FixedIncomeTerms | None = None

    @property
    def full_name(self) -> str:
        """The name people read, which says what it is."""
        return self.name + SUFFIX

    def new_units(self, day: dt.date) -> Decimal:
        """How many units one unit becomes at the open of ``day``; 1 on most days."""
        ratio = self.splits.get(day, Decimal(1))
        extra = self.bonus.get(day)
        return ratio if extra is None else ratio * (1 + extra[0])


def _stock(ticker: str, name: str, sector: str, guide: str, **more: Any) -> DemoAsset:
    return DemoAsset(ticker, name, "stock", sector, guide=guide, **more)


def _fii(ticker: str, name: str, guide: str, income: str, **more: Any) -> DemoAsset:
    values: dict[str, Any] = {"beta": 0.35, "noise": 0.005, **more}
    return DemoAsset(
        ticker, f"FII {name}", "fii", "Fundos imobiliários", guide=guide, income=income, **values
    )


def _abroad(
    ticker: str, name: str, asset_class: str, sector: str, guide: str, **more: Any
) -> DemoAsset:
    values: dict[str, Any] = {"beta": 0.5, "noise": 0.009, "guide_year": 2019}
    values["listed"] = dt.date(2019, 11, 1)
    return DemoAsset(
        ticker, name, asset_class, sector, "US", "USD", "XNYS", guide=guide, **(values | more)
    )


SHARES = (
    _stock("AURD3", "Aurora Energia", "Utilidade Pública",
           "18 17 21 25 24 31 34 33 36 41 39 47 52 56", beta=0.6, noise=0.008, income="0.055"),
    _stock("BNCD4", "Banco Cerrado", "Financeiro",
           "14 11 16 20 21 25 20 21 19 24 26 31 35 38", income="0.05",
           bonus={dt.date(2022, 4, 19): (Decimal("0.1"), Decimal("11.36"))}),
    _stock("MINQ3", "Minas Quartzo", "Materiais Básicos",
           "24 15 26 38 52 49 61 78 70 68 60 58 63 66", beta=1.2, noise=0.013, income="0.06"),
    _stock("VRJD3", "Varejo Horizonte", "Consumo Cíclico",
           "2.5 3 5 9 14 22 24 11 6 5 3.8 4.5 5.2 5.5", beta=1.3, noise=0.016,
           splits={dt.date(2019, 8, 6): Decimal(4)}),
    _stock("TCND3", "Tecnova", "Tecnologia da Informação",
           "6 6.5 8 11 13 18 29 27 24 28 32 35 41 45", noise=0.013, income="0.01",
           splits={dt.date(2021, 3, 15): Decimal(2)}),
    _stock("SDLD3", "Saúde Litoral", "Saúde",
           "31 28 30 36 33 35 33 24 15 11 8.5 8 7.2 7", noise=0.012, income="0.012"),
    _stock("FRVD3", "Ferrovia do Vale", "Bens Industriais",
           "14 9 11 14 15 20 19 18 20 22 19 17 21 23", income="0.015"),
    _stock("PTMD4", "Petromar", "Petróleo, Gás e Biocombustíveis",
           "14 9 16 17 25 28 20 27 31 36 37 33 38 40", beta=1.25, noise=0.014, income="0.085"),
    # Blemishes: a share that stopped trading, and one nobody has ever priced.
    _stock("OCND3", "Oceânica Pesca", "Consumo não Cíclico", "8.2 9 8 7.5 6 6.5 5.2 4.6 4.4 4.4",
           guide_year=2018, listed=dt.date(2018, 10, 1), last=dt.date(2026, 5, 15)),
    DemoAsset("EXPD3", "Expresso Norte", "stock", "Bens Industriais"),
)  # fmt: skip

FUNDS = (
    _fii("LOGD11", "Galpões Paulista", "108 95 104 122 128 150 168 152 150 161 158 160 168 172",
         "0.078", splits={dt.date(2018, 4, 18): Decimal(10)}),
    _fii("SHPD11", "Shoppings do Interior", "98 92 96 108 104 118 96 92 98 110 103 105 112 115",
         "0.075", beta=0.55),
    _fii("PPLD11", "Recebíveis Sereno", "101 99 101 103 102 105 101 97 93 94 90 91 93 94",
         "0.112", beta=0.2),
    _fii("ESCD11", "Escritórios Alameda", "104 95 96 104 99 110 92 78 68 66 58 57 60 61", "0.07"),
    _fii("RNDD11", "Renda Urbana", "100 100 112 104 99 100 108 101 104 110 112", "0.082",
         guide_year=2017, listed=dt.date(2018, 3, 1)),
    DemoAsset("IBVD11", "ETF Índice Brasil", "etf",
              guide="51 46 61 72 84 104 95 104 112 116 124 146 158 165", noise=0.002),
    DemoAsset("GLBD34", "BDR Global Systems", "bdr", "Tecnologia da Informação", beta=0.4,
              guide="40 43 48 54 78 96 84 92 118 132 145 150", guide_year=2016,
              listed=dt.date(2017, 1, 2)),
)  # fmt: skip

ABROAD = (
    _abroad("ORBTD", "Orbit Systems", "stock_abroad", "Tecnologia",
            "53 74 102 84 103 138 168 182 190", income="0.006",
            splits={dt.date(2020, 8, 31): Decimal(4)}),
    _abroad("HELXD", "Helix Pharma", "stock_abroad", "Saúde", "84 88 102 108 101 112 118 127 131",
            income="0.021"),
    _abroad("VRDFD", "Verde Foods", "stock_abroad", "Consumo", "47 50 55 58 57 61 66 70 72",
            income="0.028"),
    _abroad("PRKLD", "Parkline Realty", "reit", "Imóveis", "66 52 68 60 57 61 60 64 66",
            income="0.048"),
)  # fmt: skip

COIN = DemoAsset(
    "BTC-D", "Bitcoin", "crypto", exchange="CRYPTO", listed=dt.date(2019, 1, 2),
    guide="14000 36000 85000 330000 105000 175000 400000 560000 480000 520000", guide_year=2018,
    beta=0.8, noise=0.022,
)  # fmt: skip

PAPERS = (
    DemoAsset(
        "CDB Cerrado 2019", "CDB Banco Cerrado 112% do CDI 2019", "cdb", exchange=None,
        terms=FixedIncomeTerms(Indexer.CDI, dt.date(2016, 3, 14), dt.date(2019, 3, 14),
                               Decimal(1000), Decimal("1.12")),
    ),
    DemoAsset(
        "CDB Cerrado 2028", "CDB Banco Cerrado 110% do CDI 2028", "cdb", exchange=None,
        terms=FixedIncomeTerms(Indexer.CDI, dt.date(2023, 6, 15), dt.date(2028, 6, 15),
                               Decimal(1000), Decimal("1.10")),
    ),
    DemoAsset(
        "Tesouro IPCA+ 2035 D", "Tesouro IPCA+ 2035", "treasury", exchange=None,
        terms=FixedIncomeTerms(Indexer.IPCA, dt.date(2018, 1, 15), dt.date(2035, 5, 15),
                               Decimal("1104.30"), Decimal(1), Decimal("0.0525"), 0),
    ),
    DemoAsset(
        "Tesouro Selic 2029 D", "Tesouro Selic 2029", "treasury", exchange=None,
        terms=FixedIncomeTerms(Indexer.SELIC, dt.date(2022, 1, 3), dt.date(2029, 3, 1),
                               Decimal("11159.70"), Decimal(1), Decimal("0.0012")),
    ),
)  # fmt: skip

ASSETS: tuple[DemoAsset, ...] = (*SHARES, *FUNDS, *ABROAD, COIN, *PAPERS)
BY_TICKER: Mapping[str, DemoAsset] = {asset.ticker: asset for asset in ASSETS}
