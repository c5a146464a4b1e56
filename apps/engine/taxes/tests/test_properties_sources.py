"""What must hold whatever the ledger: no negative tax, credits within their limits, losses never
used beyond what was carried, sums made of their parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.prices import FxTable
from apps.engine.taxes import irpfm
from apps.engine.taxes.abroad import AbroadLine, tax_of
from apps.engine.taxes.abroad_book import abroad_year, abroad_years
from apps.engine.taxes.crypto import crypto_months
from apps.engine.taxes.dividends import month_tax
from apps.engine.taxes.fixed_income import lot_yield
from apps.engine.taxes.fund_book import fund_book, fund_lines
from apps.engine.taxes.funds import FundLot, come_cotas, redeem
from apps.engine.taxes.gcap import gains_tax, month_of_gains
from apps.engine.taxes.model import Part, SourceTax
from apps.engine.taxes.tests.ledgers import known, law, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Row

examples = settings(deadline=None, max_examples=40)
START = date(2024, 1, 2)

money = st.integers(0, 100_000_000).map(lambda n: D(n) / 100)
signed = st.integers(-10_000_000, 10_000_000).map(lambda n: D(n) / 100)
days = st.integers(0, 3000)
whole = st.integers(1, 1000).map(D)


@examples
@given(money, money, days)
def test_a_redemption_never_pays_more_than_it_yields(
    proceeds: Decimal, cost: Decimal, held: int
) -> None:
    found = lot_yield(START, START + timedelta(days=held), proceeds, cost, law())
    assert found.tax >= 0
    assert found.iof >= 0
    assert found.net == proceeds - found.iof - found.tax
    assert found.iof + found.tax <= max(found.gross, D(0))


@examples
@given(money, money)
def test_longer_is_never_dearer(proceeds: Decimal, cost: Decimal) -> None:
    taxes = [
        lot_yield(START, START + timedelta(days=held), proceeds, cost, law())
        for held in (1, 29, 30, 180, 181, 361, 721)
    ]
    nets = [each.net for each in taxes]
    assert nets == sorted(nets)


@examples
@given(
    st.lists(st.tuples(signed, st.booleans(), money), max_size=8),
    money,
)
def test_a_year_abroad(lines: list[tuple[Decimal, bool, Decimal]], carried: Decimal) -> None:
    made = [
        AbroadLine(
            "income" if income else "gain",
            "X",
            START,
            "US",
            abs(result) if income else result,
            tax if income else D(0),
            min(tax, abs(result) * D("0.15")) if income else D(0),
            Part("x", result),
        )
        for result, income, tax in lines
    ]
    found = tax_of(2024, made, carried, law())
    assert found.tax >= 0
    assert found.tax_due >= 0
    assert found.credit <= found.foreign_tax + D("0.01")
    assert found.credit <= found.tax
    assert found.loss_used <= found.loss_before
    net = found.gains - found.losses + found.income
    assert found.base == max(net, D(0)) - found.loss_used
    assert found.loss_after == found.loss_before - found.loss_used + max(-net, D(0))


@st.composite
def trades(draw: st.DrawFn, code: str, currency: str) -> list[Row]:
    """Purchases and sales never beyond what is held, over four years."""
    held, rows = D(0), []
    for place in range(draw(st.integers(1, 20))):
        when = (START + timedelta(days=73 * place)).isoformat()
        price = draw(whole)
        if not held or draw(st.booleans()):
            size = draw(whole)
            rows.append(row(when, "buy", code, size, price, currency=currency))
            held += size
        else:
            size = min(draw(whole), held)
            rows.append(row(when, "sell", code, size, price, currency=currency))
            held -= size
    return rows


@examples
@given(trades("VT", "USD"), st.lists(whole, min_size=4, max_size=4))
def test_losses_abroad_are_used_once(rows: list[Row], rates: list[Decimal]) -> None:
    fx = FxTable(
        {("USD", "BRL"): [(date(2024 + place, 1, 1), rate) for place, rate in enumerate(rates)]}
    )
    assets = known(("VT", "etf_abroad", {"currency": "USD"}))
    ctx = taxed(*rows, assets=assets, fx=fx, until=2028).ctx
    years = abroad_years(ctx, 2028)
    assert abroad_year(ctx, 2028) == years[-1]  # reading one year alone changes nothing
    made = sum((max(each.losses - each.gains, D(0)) for each in years), D(0))
    used = sum((each.loss_used for each in years), D(0))
    # Every figure is rounded by itself, to half a cent a year.
    assert used <= made + D("0.05")
    assert abs(years[-1].loss_after - (made - used)) < D("0.05")
    for before, after in pairwise(years):
        assert before.loss_after == after.loss_before


@examples
@given(trades("BTC", "BRL"))
def test_months_of_crypto(rows: list[Row]) -> None:
    ctx = taxed(*rows, assets=known(("BTC", "crypto")), until=2028).ctx
    for year in range(2024, 2029):
        for month in crypto_months(ctx, year)[0]:
            assert month.tax >= 0
            assert month.exempt is (month.disposals <= 35_000)
            assert not (month.exempt and month.tax)
            assert month.tax <= month.gain * D("0.225") + D("0.01")


@examples
@given(st.lists(signed, max_size=10), money)
def test_gains_by_brackets(results: list[Decimal], sales: Decimal) -> None:
    found = month_of_gains(sales, results, START, "CRY-GC", law())
    assert found.gain - found.loss == sum(results, D(0))
    assert found.tax >= 0
    assert gains_tax(found.gain, START, law()) >= found.gain * D("0.15") - D("0.01")


@examples
@given(st.lists(money, max_size=6))
def test_dividends_of_a_month_pay_on_the_whole(payments: list[Decimal]) -> None:
    taxes = month_tax(payments, date(2026, 5, 1), law())
    paid = sum(payments, D(0))
    expected = paid / 10 if paid > 50_000 else D(0)
    assert all(tax >= 0 for tax in taxes)
    assert abs(sum(taxes, D(0)) - expected) <= D("0.01")


lots = st.lists(st.tuples(days, whole, money), min_size=1, max_size=5)


@examples
@given(lots, whole, st.booleans())
def test_come_cotas_only_brings_tax_forward(
    held: list[tuple[int, Decimal, Decimal]], price: Decimal, short: bool
) -> None:
    kind = "short" if short else "long"
    today = START + timedelta(days=3000)
    made = sorted(
        (
            FundLot(str(place), START + timedelta(days=age), "a", units, cost)
            for place, (age, units, cost) in enumerate(held)
        ),
        key=lambda lot: lot.acquired,
    )
    units = sum((lot.units for lot in made), D(0))
    advance = come_cotas(made, price, D("0.20" if short else "0.15"))
    assert advance.tax >= 0
    assert abs(sum((lot.units for lot in advance.lots), D(0)) + advance.units - units) < D("1e-9")
    left = sum((lot.units for lot in advance.lots), D(0))
    after = redeem(advance.lots, left, left * price, today, kind, law())
    straight = redeem(made, units, units * price, today, kind, law())
    # the same gain taxed in two steps: the same tax, but for cents per lot
    if today - max(lot.acquired for lot in made) >= timedelta(days=30):
        assert abs(advance.tax + after.tax - straight.tax) <= D("0.02") * (len(made) + 1)


@examples
@given(trades("FIC", "BRL"), st.booleans())
def test_a_year_of_funds_read_alone(rows: list[Row], short: bool) -> None:
    kind = "short" if short else "long"
    assets = known(("FIC", "fund", {"tax_class": kind, "issuer": "Adm"}))
    ctx = taxed(*rows, assets=assets, until=2028).ctx
    whole = fund_book(ctx, 2028).lines
    alone = [line for year in range(2024, 2029) for line in fund_lines(ctx, year)[0]]

    def told(lines: list[SourceTax]) -> list[object]:
        return [(each.date, each.gross, each.iof, each.taxable, each.expected) for each in lines]

    assert told(alone) == told(whole)
    assert all((line.expected or 0) >= 0 for line in whole)


@examples
@given(money.map(lambda value: value * 3))
def test_minimum_tax_rises_with_its_base(base: Decimal) -> None:
    end = date(2026, 12, 31)
    rate = irpfm.rate(base, law(), end)
    assert D(0) <= rate <= D("0.10")
    assert irpfm.rate(base + 1, law(), end) >= rate
