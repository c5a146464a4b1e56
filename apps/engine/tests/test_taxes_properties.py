"""What holds for the taxes of any ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.assess import TaxLedger, assess
from apps.engine.taxes.model import BUCKETS, Opening
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Account, Asset, Row

D = Decimal
RULES = RuleBook.shipped()
# No deadline: a busy machine is not a slow assessment.
examples = settings(deadline=None, max_examples=50)
CENT = D("0.01")
CLASSES = {
    "STOCK": AssetClass.STOCK,
    "UNIT11": AssetClass.UNIT,
    "ETF11": AssetClass.ETF,
    "FII11": AssetClass.FII,
    "GOLD": AssetClass.GOLD,
    "INFRA11": AssetClass.FI_INFRA,
}
ASSETS = {code: Asset(code, kind, "B3", "BRL") for code, kind in CLASSES.items()}
ACCOUNTS = {code: Account(code, f"broker {code}", "ana", "BRL") for code in ("x", "y")}
START = date(2022, 11, 1)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Row]:
    """Purchases and sales over fourteen months, never more sold than held on the day before; some
    of a day at one broker."""
    rows: list[Row] = []
    held: dict[str, int] = {}
    steps = st.tuples(
        st.integers(0, 30),
        st.sampled_from(sorted(CLASSES)),
        st.sampled_from(["x", "y"]),
        st.integers(1, 400),
        st.integers(1, 20_000),
        st.booleans(),
        st.integers(0, 500),
    )
    day = START
    for gap, code, account, size, price, sells, fees in draw(st.lists(steps, max_size=30)):
        day += timedelta(days=gap)
        if sells:
            size = min(size, held.get(code, 0))
            if not size:
                continue
        held[code] = held.get(code, 0) + (-size if sells else size)
        rows.append(
            Row(
                ref=str(len(rows)),
                seq=len(rows),
                date=day,
                kind=Kind.SELL if sells else Kind.BUY,
                account=account,
                currency="BRL",
                asset=code,
                quantity=D(size),
                unit_price=D(price) / 100,
                fees=D(fees) / 100,
                tax_withheld=D(size * price // 2_000) / 100 if sells else D(0),
            )
        )
    return rows


def taxes(rows: list[Row], until: int = 2025, **options: object) -> TaxLedger:
    chosen = TaxSettings(**options)  # type: ignore[arg-type]
    return assess(
        rows,
        ASSETS,
        ACCOUNTS,
        rules=RULES,
        until=until,
        settings=chosen,
        holder="ana",
        opening=Opening(losses={"common": D(100), "fii": D(50)}, darf=D("3.21")),
    )


@examples
@given(ledgers())
def test_losses_and_taxes_of_every_month(rows: list[Row]) -> None:
    carried = {"common": D(100), "day_trade": D(0), "fii": D(50)}
    for month in taxes(rows).months():
        for name in BUCKETS:
            bucket = month.buckets[name]
            assert bucket.loss_before == carried[name]
            assert D(0) <= bucket.loss_used <= bucket.loss_before
            assert bucket.loss_after == bucket.loss_before - bucket.loss_used - min(
                bucket.result, D(0)
            )
            assert bucket.base == max(bucket.result, D(0)) - bucket.loss_used
            assert bucket.tax == bucket.base * bucket.rate >= 0
            assert D(0) <= bucket.withheld_used <= bucket.tax
            assert bucket.withheld_after >= 0
            carried[name] = bucket.loss_after
        assert month.exempt_gain >= 0
        assert month.tax_due == sum(each.tax for each in month.buckets.values())


@examples
@given(ledgers())
def test_what_is_due_is_paid_or_carried(rows: list[Row]) -> None:
    carried = D("3.21")
    for month in taxes(rows).months():
        own = sum((b.tax - b.withheld_used for b in month.buckets.values()), D(0))
        darf = month.darf
        if darf is None:
            assert own.quantize(CENT) == 0
            continue
        assert darf.carried_in == carried
        assert abs(darf.carried_in + own - darf.amount - darf.carried_out) <= CENT / 2
        assert darf.amount == 0 or darf.amount >= 10
        assert darf.carried_out < 10
        assert darf.amount == 0 or darf.carried_out == 0
        carried = darf.carried_out


@examples
@given(ledgers())
def test_lines_add_up(rows: list[Row]) -> None:
    for month in taxes(rows).months():
        for name in BUCKETS:
            lines = [
                part.amount or D(0)
                for part in month.parts
                if part.refs and part.params["bucket"] == name
            ]
            assert sum(lines, D(0)) == month.buckets[name].result
        exempt = [
            part.amount or D(0)
            for part in month.parts
            if part.refs
            and part.params["bucket"] == "exempt"
            and "INFRA" not in part.params["asset"]
        ]
        assert sum(exempt, D(0)) == month.exempt_gain + month.exempt_gain_gold


@examples
@given(ledgers())
def test_funds_and_shares_know_nothing_of_each_other(rows: list[Row]) -> None:
    whole = taxes(rows).months()
    for keep in (True, False):
        names = ["fii"] if keep else ["common", "day_trade"]
        part = {
            m.month: m for m in taxes([r for r in rows if (r.asset == "FII11") is keep]).months()
        }
        for month in whole:
            if month.month in part:
                for name in names:
                    assert part[month.month].buckets[name] == month.buckets[name]
            else:
                assert not any(month.buckets[name].result for name in names)


@examples
@given(ledgers(), st.randoms(use_true_random=False))
def test_neither_queries_nor_the_order_of_rows_matter(rows: list[Row], random: object) -> None:
    whole = taxes(rows)
    months = whole.months()
    backwards = taxes(rows)
    asked = [backwards.month(*map(int, month.month.split("-"))) for month in reversed(months)]
    assert list(reversed(asked)) == months
    by_name = {month.month: month for month in months}
    for month in taxes(rows, until=2023).months():
        assert by_name.get(month.month, month) == month
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert taxes(shuffled).months() == months


@examples
@given(ledgers(), st.data())
def test_a_sale_in_two_at_one_price_changes_nothing(rows: list[Row], data: st.DataObject) -> None:
    sales = [row for row in rows if row.kind is Kind.SELL and row.quantity and row.quantity > 1]
    if not sales:
        return
    sale = data.draw(st.sampled_from(sales))
    assert sale.quantity is not None
    first = D(data.draw(st.integers(1, int(sale.quantity) - 1)))
    pieces = []
    for size in (first, sale.quantity - first):
        part = size / sale.quantity
        pieces.append(
            replace(
                sale,
                quantity=size,
                fees=(sale.fees or D(0)) * part,
                tax_withheld=(sale.tax_withheld or D(0)) * part,
            )
        )
    place = rows.index(sale)
    split = [*rows[:place], *pieces, *rows[place + 1 :]]
    split = [replace(row, seq=at, ref=str(at)) for at, row in enumerate(split)]
    tiny = D("0.0000001")
    for one, two in zip(taxes(rows).months(), taxes(split).months(), strict=True):
        assert abs(one.stock_sales - two.stock_sales) < tiny
        assert abs(one.exempt_gain - two.exempt_gain) < tiny
        assert abs(one.tax_due - two.tax_due) < tiny
        for name in BUCKETS:
            assert abs(one.buckets[name].loss_after - two.buckets[name].loss_after) < tiny


@examples
@given(ledgers())
def test_lending_losses_never_raises_the_tax(rows: list[Row]) -> None:
    apart, lent = taxes(rows).months(), taxes(rows, common_loss_offsets_daytrade=True).months()
    own = sum((month.tax_due for month in apart), D(0))
    assert all(month.buckets["common"].loss_after >= 0 for month in lent)
    assert sum((month.buckets["day_trade"].tax for month in lent), D(0)) <= own
