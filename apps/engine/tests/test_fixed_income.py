"""Fixed income by its terms. The Treasury's own examples stand with their arithmetic."""

from datetime import date, timedelta

import pytest

from apps.engine import fixed_income as fi
from apps.engine.kinds import Indexer
from apps.engine.prices import IndexTable
from apps.engine.tests.support import D
from apps.engine.types import FixedIncomeTerms

HOLIDAYS = frozenset({date(2024, 1, 1), date(2024, 2, 12), date(2024, 2, 13)})


def _cdi(
    start: date, end: date, rate: str = "0.05", skip: frozenset[date] = HOLIDAYS
) -> IndexTable:
    days = [start + timedelta(days=step) for step in range((end - start).days)]
    return IndexTable({"CDI": [(day, D(rate)) for day in days if fi.is_business_day(day, skip)]})


def _terms(indexer: Indexer, **fields: object) -> FixedIncomeTerms:
    values = {"issue_date": date(2024, 1, 2), "maturity": date(2026, 1, 2), "unit_value": D(1000)}
    return FixedIncomeTerms(indexer, **(values | fields))  # type: ignore[arg-type]


def test_business_days_count_the_first_and_not_the_last() -> None:
    # Mon 2024-01-01 is a holiday: Tue, Wed, Thu, Fri = 4 until Mon 8 exclusive
    assert fi.business_days(date(2024, 1, 1), date(2024, 1, 8), HOLIDAYS) == 4
    assert fi.business_days(date(2024, 1, 1), date(2024, 1, 8)) == 5
    assert fi.business_days(date(2024, 1, 6), date(2024, 1, 8)) == 0
    assert fi.business_days(date(2024, 1, 8), date(2024, 1, 8)) == 0
    assert fi.business_days(date(2024, 1, 9), date(2024, 1, 8)) == 0


@pytest.mark.parametrize("span", [1, 6, 7, 30, 365, 800])
def test_business_days_agree_with_counting_them(span: int) -> None:
    start = date(2023, 12, 28)
    days = [start + timedelta(days=step) for step in range(span)]
    counted = sum(fi.is_business_day(day, HOLIDAYS) for day in days)
    assert fi.business_days(start, start + timedelta(days=span), HOLIDAYS) == counted


def test_prefixed_treasury_price_is_truncated() -> None:
    # 1000 / 1.2733^(134/252) = 879.4376...
    assert fi.ltn_price(D("0.2733"), 134) == D("879.43")


def test_ipca_treasury_price() -> None:
    # quote 100/1.0517^(846/252) = 84.43175.. cut to 84.4317; VNA 2097.583332 x 1.0053^(19/31)
    assert fi.ntnb_quote(D("0.0517"), 846) == D("84.4317")
    price = fi.ntnb_price(D("2097.583332"), D("0.0053"), D(19) / D(31), D("0.0517"), 846)
    assert price == D("1776.77")


def test_selic_treasury_price() -> None:
    # 14541.33 x 1.00041957 = 14547.43; quote 0.9998^-(254/252) = 1.00020163
    assert fi.lft_price(D("14541.33"), D("1.00041957"), D("-0.0002"), 254) == D("14550.36")


def test_the_running_factor_is_truncated_at_sixteen_decimals() -> None:
    # 110 % of 0.052496 %: 1.000577456^2 = 1.001155245455431936, cut after ...4319
    factor = fi.daily_factor([D("0.052496")] * 2, D("1.1"))
    assert factor == D("1.0011552454554319")


def test_a_share_of_cdi_accrues_each_business_day() -> None:
    indexes = _cdi(date(2024, 1, 2), date(2024, 3, 1))
    terms = _terms(Indexer.CDI, percent=D("1.1"))
    # bought on the 2nd: one day's rate on the 3rd
    assert fi.unit_price(terms, date(2024, 1, 2), indexes, HOLIDAYS) == (D(1000), [])
    assert fi.unit_price(terms, date(2024, 1, 3), indexes, HOLIDAYS) == (D("1000.55"), [])
    # nothing on a Saturday nor over carnival
    friday, issues = fi.unit_price(terms, date(2024, 2, 10), indexes, HOLIDAYS)
    assert (fi.unit_price(terms, date(2024, 2, 14), indexes, HOLIDAYS)[0], issues) == (friday, [])


def test_cdi_plus_a_spread() -> None:
    indexes = _cdi(date(2024, 1, 2), date(2024, 3, 1))
    price, issues = fi.unit_price(
        _terms(Indexer.CDI, rate=D("0.02")), date(2024, 1, 4), indexes, HOLIDAYS
    )
    assert issues == []
    assert price == D(1000) * D("1.0005") ** 2 * D("1.02") ** (D(2) / D(252))


def test_without_a_calendar_the_index_is_its_own() -> None:
    indexes = _cdi(date(2024, 1, 2), date(2024, 3, 1))
    terms = _terms(Indexer.CDI, rate=D("0.02"))
    on = date(2024, 2, 20)
    assert fi.unit_price(terms, on, indexes)[0] == fi.unit_price(terms, on, indexes, HOLIDAYS)[0]


def test_a_hole_in_the_index_leaves_no_price() -> None:
    hole = HOLIDAYS | {date(2024, 1, 10)}
    indexes = _cdi(date(2024, 1, 2), date(2024, 3, 1), skip=hole)
    price, issues = fi.unit_price(_terms(Indexer.CDI), date(2024, 2, 1), indexes, HOLIDAYS)
    assert price is None
    assert [issue.code for issue in issues] == ["index_missing"]
    week = HOLIDAYS | {date(2024, 1, 8) + timedelta(days=step) for step in range(5)}
    indexes = _cdi(date(2024, 1, 2), date(2024, 3, 1), skip=week)
    assert fi.unit_price(_terms(Indexer.CDI), date(2024, 2, 1), indexes)[0] is None
    assert fi.unit_price(_terms(Indexer.CDI), date(2024, 2, 1), IndexTable())[0] is None


def test_rates_not_published_yet_stop_the_accrual_and_say_so() -> None:
    indexes = _cdi(date(2024, 1, 2), date(2024, 1, 5))
    price, issues = fi.unit_price(_terms(Indexer.CDI), date(2024, 1, 9), indexes, HOLIDAYS)
    assert price == D(1000) * D("1.0005") ** 3
    assert [issue.code for issue in issues] == ["index_stale"]
    assert issues[0].params["last_date"] == "2024-01-04"


def test_prefixed_grows_over_business_days_until_maturity() -> None:
    terms = _terms(Indexer.PREFIXED, rate=D("0.10"), maturity=date(2024, 1, 9))
    # 2, 3, 4, 5 and 8 January = 5 days to the 9th
    price, issues = fi.unit_price(terms, date(2024, 1, 9), IndexTable(), HOLIDAYS)
    assert (price, issues) == (D(1000) * D("1.1") ** (D(5) / D(252)), [])
    assert fi.unit_price(terms, date(2024, 6, 1), IndexTable(), HOLIDAYS)[0] == price
    assert [i.code for i in fi.unit_price(terms, date(2024, 1, 9), IndexTable())[1]] == [
        "holidays_missing"
    ]


def test_before_its_issue_a_paper_has_no_price() -> None:
    price, issues = fi.unit_price(
        _terms(Indexer.PREFIXED), date(2024, 1, 1), IndexTable(), HOLIDAYS
    )
    assert price is None
    assert [issue.code for issue in issues] == ["before_issue"]


IPCA = IndexTable(
    {
        "IPCA": [
            (date(2023, 12, 1), D("0.56")),
            (date(2024, 1, 1), D("0.42")),
            (date(2024, 2, 1), D("0.83")),
        ]
    }
)


def test_ipca_counts_each_month_by_its_business_days() -> None:
    terms = _terms(Indexer.IPCA, rate=D("0.06"), issue_date=date(2024, 1, 15))
    # first month, lag 1: December's 0.56 % in full by 15 February, 21 business days
    days = fi.business_days(date(2024, 1, 15), date(2024, 2, 15), HOLIDAYS)
    price, issues = fi.unit_price(terms, date(2024, 2, 15), IPCA, HOLIDAYS)
    assert (price, issues) == (D(1000) * D("1.0056") * fi.yearly_factor(D("0.06"), days), [])
    # then January's 0.42 % in proportion: 5 of the business days until 15 March
    whole = fi.business_days(date(2024, 2, 15), date(2024, 3, 15), HOLIDAYS)
    price, issues = fi.unit_price(terms, date(2024, 2, 22), IPCA, HOLIDAYS)
    expected = D("1.0056") * D("1.0042") ** (D(5) / D(whole))
    assert price == D(1000) * expected * fi.yearly_factor(D("0.06"), days + 5)
    assert issues == []


def test_an_index_month_to_come_stops_the_correction() -> None:
    terms = _terms(Indexer.IPCA, issue_date=date(2024, 1, 15), index_lag=0)
    price, issues = fi.unit_price(terms, date(2024, 4, 1), IPCA, HOLIDAYS)
    assert price == D(1000) * D("1.0042") * D("1.0083")
    assert [issue.code for issue in issues] == ["index_stale"]
    gap = IndexTable({"IPCA": [(date(2023, 12, 1), D(1)), (date(2024, 2, 1), D(1))]})
    assert fi.unit_price(terms, date(2024, 4, 1), gap, HOLIDAYS)[0] is None


def test_anniversaries_fall_on_the_last_day_of_short_months() -> None:
    periods = list(fi.monthly_anniversaries(date(2024, 1, 31), date(2024, 4, 1)))
    assert [closed for _opened, closed in periods] == [
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
    ]
