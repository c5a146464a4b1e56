"""A sale told from the rows of its asset alone has the effect it has in the whole ledger."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.prices import FxTable
from apps.engine.taxes.assess import TaxLedger, assess
from apps.engine.taxes.settings import TaxSettings
from apps.engine.taxes.simulate import Rest, Sale, SaleEffect, effect, rows_of
from apps.engine.taxes.standing import is_pooled, standing_json, standing_of, standing_read
from apps.engine.taxes.tests.ledgers import known, law
from apps.engine.taxes.year import tax_year
from apps.engine.tests.support import D, ledger, row
from apps.engine.types import Account, Row

TODAY = date(2026, 11, 20)
ASSETS = known(
    ("AAAA3", "stock"),
    ("BBBB3", "stock"),
    ("CCCC11", "fii"),
    ("DDDD11", "etf"),
    ("EEEE34", "bdr"),
    ("OURO", "gold"),
    ("CDB", "cdb"),
    ("VT", "etf_abroad", {"currency": "USD"}),
    ("VOO", "etf_abroad", {"currency": "USD"}),
    ("BTC", "crypto"),
    ("FIC", "fund", {"tax_class": "long", "issuer": "Adm"}),
    ("FOC", "fund", {"tax_class": "long", "issuer": "Adm"}),
)
ACCOUNTS = {code: Account(code, place, "default") for code, place in (("a", "Alfa"), ("b", "Beta"))}
FX = FxTable({("USD", "BRL"): [(date(2023, 1, 1), D("5.1")), (date(2025, 6, 1), D("5.6"))]})


def assessed(rows: list[Row], codes: set[str], chosen: TaxSettings) -> TaxLedger:
    own = [each for each in rows if each.asset in codes]
    assets = {code: asset for code, asset in ASSETS.items() if code in codes}
    return assess(own, assets, ACCOUNTS, rules=law(), until=TODAY.year, settings=chosen, fx=FX)


def shown(value: Any) -> Any:
    """Figures as they are stored: at most ten decimals, and one zero."""
    if isinstance(value, Decimal):
        return round(value, 10) + 0
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    if is_dataclass(value):
        return {each.name: shown(getattr(value, each.name)) for each in fields(value)}
    return [shown(each) for each in value] if isinstance(value, tuple | list) else value


@st.composite
def ledgers(draw: st.DrawFn) -> list[Row]:
    """Up to forty trades of two and a half years, some on one day, some beyond what is held."""
    rows = []
    for _ in range(draw(st.integers(1, 40))):
        when = TODAY - timedelta(days=draw(st.sampled_from([0, 1, 3, 18, 19, 60, 200, 400, 900])))
        code = draw(st.sampled_from(sorted(ASSETS)))
        kind = draw(st.sampled_from(["buy", "buy", "sell"]))
        told = draw(st.sampled_from([None, D(0), D("0.37")]))
        rows.append(
            row(
                when.isoformat(),
                kind,
                code,
                draw(st.integers(1, 900)),
                draw(st.decimals("0.01", 90, places=2)),
                fees=draw(st.sampled_from([D(0), D("1.07")])),
                tax_withheld=told,
                account=draw(st.sampled_from(["a", "b"])),
                currency=ASSETS[code].currency or "BRL",
            )
        )
    return sorted(rows, key=lambda each: each.date)


CHOICES = st.builds(
    TaxSettings,
    estimate_irrf=st.booleans(),
    common_loss_offsets_daytrade=st.booleans(),
    limit_net_of_fees=st.booleans(),
)


def effects(rows: list[Row], sale: Sale, chosen: TaxSettings) -> tuple[SaleEffect, SaleEffect]:
    """Of a sale of today: in the whole ledger, and from its own assets and the month's standing."""
    rows = ledger(*rows)
    added = rows_of([sale], TODAY, max(each.seq for each in rows))
    whole = assessed(rows, set(ASSETS), chosen)
    sold = effect(whole, assessed([*rows, *added], set(ASSETS), chosen), TODAY)
    codes = {sale.asset}
    pooled = is_pooled(ASSETS[sale.asset], chosen)
    if pooled:
        codes |= {code for code, asset in ASSETS.items() if is_pooled(asset, chosen)}
    index = TODAY.year * 12 + TODAY.month - 1
    standing = standing_of(whole, index)
    assert standing is not None
    kept = standing_read(index, json.loads(json.dumps(standing_json(standing))))
    abroad = tax_year(whole, TODAY.year).abroad
    loss = None if pooled else (abroad.loss_after if abroad else D(0))
    before = assessed(rows, codes, chosen)
    after = assessed([*rows, *added], codes, chosen)
    return sold, effect(before, after, TODAY, Rest(kept, loss))


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.sampled_from(sorted(ASSETS)), st.integers(1, 900), CHOICES)
def test_a_sale_is_told_from_its_own_assets(
    rows: list[Row], code: str, quantity: int, chosen: TaxSettings
) -> None:
    sale = Sale(code, "a", D(quantity), D("33.33"), ASSETS[code].currency or "BRL", D("2.11"))
    whole, part = effects(rows, sale, chosen)
    assert shown(part) == shown(whole)


def test_the_limit_is_crossed_with_sales_of_others() -> None:
    """15,000 of AAAA3 sold this month, gain 5,000, exempt; 6,000 of BBBB3 more, gain 1,000: the
    month sells 21,000 > 20,000 and all of the gain is taxed: 6,000 x 15 % = 900."""
    rows = [
        row("2026-10-01", "buy", "AAAA3", 1000, 10, account="a", tax_withheld=D(0)),
        row("2026-10-01", "buy", "BBBB3", 1000, 5, account="a", tax_withheld=D(0)),
        row("2026-11-10", "sell", "AAAA3", 1000, 15, account="a", tax_withheld=D(0)),
    ]
    sale = Sale("BBBB3", "a", D(1000), D(6), "BRL")
    whole, part = effects(rows, sale, TaxSettings())
    assert part.exchange == whole.exchange == D(900)
    assert (part.exempt_before, part.exempt_after) == (D(5000), D(0))
    assert part.darf_after == D(900)


def test_every_month_of_a_ledger_stands_somewhere() -> None:
    rows = ledger(row("2026-10-01", "buy", "AAAA3", 10, 10, account="a"))
    whole = assessed(rows, set(ASSETS), TaxSettings())
    assert standing_of(whole, 2026 * 12 + 11) is not None
    assert standing_of(whole, 2027 * 12) is None
