"""The reference data: complete, true where it can be checked, and safe to write again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from math import prod

import pytest
from django.core.management import call_command
from django.test import TestCase

from apps.assets.models import Asset, Currency, Exchange, Holiday, TickerHistory
from apps.assets.selectors import asset_index, holidays_of
from apps.brokers.models import Institution
from apps.brokers.selectors import institution_index
from apps.common.text import normalise_name
from apps.corporate_events.models import CorporateEvent
from apps.engine.fixed_income import daily_factor
from apps.market_data.models import DataSource, FxRate, IndexValue
from apps.market_data.selectors import fx_table, index_table
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded() -> None:
    call_command("seed_reference", verbosity=0)


def _counts() -> list[int]:
    models = [
        Currency, Exchange, Holiday, Asset, TickerHistory, Institution, CorporateEvent,
        FxRate, IndexValue, DataSource,
    ]  # fmt: skip
    return [model.objects.count() for model in models]


def test_second_run_changes_nothing(seeded: None, capsys: pytest.CaptureFixture[str]) -> None:
    before = _counts()
    ids = set(Asset.objects.values_list("id", flat=True))
    call_command("seed_reference")
    assert "0 created, 0 updated" in capsys.readouterr().out
    assert _counts() == before
    assert set(Asset.objects.values_list("id", flat=True)) == ids


def test_rows_are_put_right_in_place_and_what_a_seed_does_not_know_stays(seeded: None) -> None:
    petr4 = Asset.objects.get(ticker="PETR4")
    Asset.objects.filter(pk=petr4.pk).update(name="?", quote_symbol="PETR4.SA")
    clear = Institution.objects.get(short_name="Clear")
    assert clear.cnpj == ""
    Institution.objects.filter(pk=clear.pk).update(cnpj="11.111.111/1111-11")
    IndexValue.objects.filter(index="CDI", date="2020-01-02").update(value=9, source="other")
    call_command("seed_reference", verbosity=0)
    again = Asset.objects.get(ticker="PETR4")
    assert (again.pk, again.name, again.quote_symbol) == (petr4.pk, petr4.name, "PETR4.SA")
    assert Institution.objects.get(pk=clear.pk).cnpj == "11.111.111/1111-11"
    assert IndexValue.objects.get(index="CDI", date="2020-01-02").value == 9


class SeededTests(TestCase):
    """Facts read from one seeding."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("seed_reference", verbosity=0)

    def test_enough_assets_of_each_class(self) -> None:
        at_least = {
            "stock": 150, "fii": 60, "etf": 20, "bdr": 40, "treasury": 40, "stock_abroad": 50,
            "etf_abroad": 15, "reit": 10, "crypto": 2,
        }  # fmt: skip
        for asset_class, count in at_least.items():
            assert Asset.objects.filter(asset_class=asset_class).count() >= count, asset_class
        assert not Asset.objects.filter(workspace__isnull=False).exists()

    def test_isins_pass_their_check_digit(self) -> None:
        """ISO 6166: letters count as two digits, every second digit from the right is doubled."""
        for isin in Asset.objects.exclude(isin="").values_list("isin", flat=True):
            digits = "".join(str(int(c, 36)) for c in isin)
            doubled = (int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits)))
            assert sum(d // 10 + d % 10 for d in doubled) % 10 == 0, isin

    def test_an_isin_names_one_asset(self) -> None:
        found = list(Asset.objects.exclude(isin="").values_list("isin", flat=True))
        assert len(found) == len(set(found)) > 250

    def test_cnpjs_pass_their_check_digits(self) -> None:
        """Modulo 11 with weights 2 to 9 from the right, twice."""
        found = [*Asset.objects.exclude(cnpj="").values_list("cnpj", flat=True)]
        found += Institution.objects.exclude(cnpj="").values_list("cnpj", flat=True)
        assert len(found) > 200
        for cnpj in found:
            digits = [int(c) for c in cnpj if c.isdigit()]
            for length in (12, 13):
                total = sum(d * (2 + i % 8) for i, d in enumerate(reversed(digits[:length])))
                assert digits[length] == (0 if total % 11 < 2 else 11 - total % 11), cnpj

    def test_a_former_code_is_the_same_asset(self) -> None:
        index = asset_index(access=make.make_access())
        assert index["VVAR3", "BR"].ticker == index["VIIA3", "BR"].ticker == "BHIA3"
        assert index["KROT3", "BR"].ticker == "COGN3"

    def test_spellings_of_b3_find_the_institution(self) -> None:
        index = institution_index(access=make.make_access())
        for spelling, short_name in {
            "XP INVESTIMENTOS CCTVM S/A": "XP",
            "CLEAR CORRETORA - GRUPO XP": "Clear",
            "NU INVEST CORRETORA DE VALORES S.A.": "NuInvest",
            "INTER DISTRIBUIDORA DE TITULOS E VALORES MOBILIARIOS LTDA": "Inter DTVM",
            "NOVA FUTURA CTVM LTDA": "Nova Futura",
            "AGORA CTVM S/A": "Ágora",
            "ITAU CV S/A": "Itaú Corretora",
            "BTG PACTUAL CTVM S/A": "BTG CTVM",
            "BANCO BTG PACTUAL S/A": "Banco BTG",
        }.items():
            assert index[normalise_name(spelling)].short_name == short_name

    def test_a_spelling_names_one_institution_only(self) -> None:
        pairs = list(Institution.objects.values_list("aliases__normalised", "id"))
        assert len({text for text, _ in pairs}) == len(pairs)

    def test_calendar_of_b3(self) -> None:
        closed = holidays_of(exchange_code="BVMF")
        in_2026 = sorted(d.strftime("%m-%d") for d in closed if d.year == 2026)
        # The exchange's calendar of 2026, weekdays only.
        assert in_2026 == [
            "01-01", "02-16", "02-17", "04-03", "04-21", "05-01", "06-04", "09-07", "10-12",
            "11-02", "11-20", "12-24", "12-25", "12-31",
        ]  # fmt: skip
        assert dt.date(2019, 7, 9) in closed  # the city's holidays still closed it
        assert dt.date(2022, 1, 25) not in closed  # and no longer did

    def test_banks_open_when_only_the_exchange_closes(self) -> None:
        banks = holidays_of(exchange_code="ANBIMA")
        assert dt.date(2026, 12, 24) not in banks
        assert {dt.date(2026, 2, 17), dt.date(2026, 6, 4)} < banks

    def test_cdi_of_the_year(self) -> None:
        days, values = index_table(names=["CDI"]).series("CDI")
        # Published yearly CDI, percent.
        for year, percent in {
            2015: "13.24", 2016: "14.00", 2017: "9.93", 2018: "6.42", 2019: "5.96", 2020: "2.76",
            2021: "4.42", 2022: "12.39", 2023: "13.04", 2024: "10.88", 2025: "14.32",
        }.items():  # fmt: skip
            of_year = [v for d, v in zip(days, values, strict=True) if d.year == year]
            assert round((daily_factor(of_year) - 1) * 100, 2) == Decimal(percent), year

    def test_ipca_of_the_year(self) -> None:
        table = index_table(names=["IPCA"])
        for year, percent in {2015: "10.67", 2017: "2.95", 2021: "10.06"}.items():
            factor = Decimal(1)
            for month in range(1, 13):
                value = table.exact("IPCA", dt.date(year, month, 1))
                assert value is not None
                factor *= 1 + value / 100
            assert round((factor - 1) * 100, 2) == Decimal(percent)

    def test_ptax_at_year_end(self) -> None:
        table = fx_table()
        for year, rate in {2020: "5.1967", 2021: "5.5805", 2024: "6.1923"}.items():
            assert table.rate("USD", "BRL", dt.date(year, 12, 31)) == Decimal(rate)

    def test_splits_of_magazine_luiza(self) -> None:
        """17.95 as traded on 2016-01-04 is 0.2805 adjusted at the end of 2019: 1/64."""
        ratios = CorporateEvent.objects.filter(
            asset__ticker="MGLU3", ex_date__range=("2016-01-04", "2019-12-31")
        ).values_list("ratio", flat=True)
        assert prod(ratios) == 64
