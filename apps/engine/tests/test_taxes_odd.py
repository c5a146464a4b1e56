"""Ledgers as odd as they come: assessed without an exception, every doubt an issue."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.assess import assess
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.taxes.year import tax_year, year_json
from apps.engine.types import Account, Asset, Row

D = Decimal
RULES = RuleBook.shipped()
ASSETS = {
    each.value: Asset(
        each.value,
        each,
        "B3",
        "USD" if "abroad" in each.value or each is AssetClass.REIT else "BRL",
        underlying="stock" if each in (AssetClass.OPTION, AssetClass.TERM) else None,
        option_type="call" if each is AssetClass.OPTION else "",
        strike=D(10) if each is AssetClass.OPTION else None,
        expiry=date(2025, 3, 21) if each is AssetClass.OPTION else None,
    )
    for each in AssetClass
}
ACCOUNTS = {code: Account(code, "broker", "ana", "BRL") for code in ("x", "y")}
numbers = st.one_of(st.none(), st.integers(-5, 500).map(lambda n: D(n) / 4))
names = st.one_of(st.none(), st.sampled_from([*ASSETS, "WHAT3", "stock"]))


@st.composite
def odd_rows(draw: st.DrawFn) -> list[Row]:
    """Any kind, any asset, any field missing or negative, in any order."""
    rows = []
    start = draw(st.sampled_from([date(1994, 12, 20), date(2003, 12, 1), date(2024, 12, 1)]))
    for place in range(draw(st.integers(0, 14))):
        moment = draw(st.one_of(st.none(), st.integers(9, 17).map(lambda hour: time(hour, 30))))
        rows.append(
            Row(
                ref=str(place),
                seq=place,
                date=start + timedelta(days=draw(st.integers(0, 150))),
                kind=draw(st.sampled_from(list(Kind))),
                account=draw(st.sampled_from(["x", "y", ""])),
                currency=draw(st.sampled_from(["BRL", "BRL", "USD"])),
                asset=draw(names),
                time=moment,
                quantity=draw(numbers),
                unit_price=draw(numbers),
                amount=draw(numbers),
                fees=draw(numbers),
                tax_withheld=draw(numbers),
                ratio=draw(numbers),
                to_asset=draw(names),
                cost_share=draw(numbers),
                bucket=draw(st.sampled_from([None, "common", "fii", "nothing"])),
                note=draw(st.sampled_from(["", "2025-01", "incorporação de ações", "90 dias"])),
            )
        )
    return rows


@settings(deadline=None, max_examples=120)
@given(odd_rows(), st.booleans())
def test_no_ledger_is_too_odd(rows: list[Row], other: bool) -> None:
    chosen = TaxSettings()
    if other:
        chosen = TaxSettings(
            estimate_irrf=True,
            daytrade_matching="fifo",
            daytrade_in_limit=True,
            short_gains_exempt=True,
            common_loss_offsets_daytrade=True,
            common_withholding_offsets_daytrade=True,
            fii_amortization="capital_gain",
            futures_recognition="daily",
        )
    ledger = assess(
        rows,
        ASSETS,
        ACCOUNTS,
        rules=RULES,
        until=2026,
        settings=chosen,
        holder="ana",
        reckoned=date(2026, 12, 30),
    )
    for month in ledger.months():
        for bucket in month.buckets.values():
            assert bucket.tax >= 0
            assert bucket.loss_used >= 0
            assert bucket.loss_after >= 0
        assert month.parts is not None
    for year in (1995, 2025, 2026):
        json.dumps(year_json(tax_year(ledger, year)))
