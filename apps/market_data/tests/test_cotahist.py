"""B3's quotation files: a synthetic one in the documented layout, and real ones where there are."""

from __future__ import annotations

import datetime as dt
import gzip
import zipfile
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.assets.models import TickerHistory
from apps.market_data.models import Price
from apps.market_data.providers.base import BadShape
from apps.market_data.providers.cotahist.parse import Traded, read
from apps.market_data.selectors import market_version
from apps.market_data.services import cotahist_load
from testing import factories as make

DAY = dt.date(2026, 11, 19)


def line(ticker: str, close: str, market: str = "010", per: int = 1, day: dt.date = DAY) -> str:
    """One quote of 245 characters; positions as in B3's layout document."""
    cents = f"{int(D(close) * 100):013d}"
    made = (
        f"01{day:%Y%m%d}02{ticker:<12}{market}{'EXEMPLO':<12}{'ON      NM':<10}   {'R$  '}"
        + cents * 7
        + f"{321:05d}{45600:018d}{56589600:018d}{0:013d}0{'99991231'}{per:07d}{0:013d}"
        + f"{'BREXMPACNOR0':<12}101"
    )
    assert len(made) == 245
    return made


def file_of(*lines: str, trailer: int | None = None) -> bytes:
    count = len(lines) + 2 if trailer is None else trailer
    header = "00COTAHIST.2026BOVESPA 20261119".ljust(245)
    end = f"99COTAHIST.2026BOVESPA 20261119{count:011d}".ljust(245)
    return ("\r\n".join([header, *lines, end]) + "\r\n").encode("latin-1")


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def write(content: bytes, name: str = "COTAHIST_D19112026.TXT") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_the_documented_line_reads_as_documented(put: Any) -> None:
    # The worked example of the project's notes on the layout.
    sample = (
        "012026111902EXMP3       010EXEMPLO     ON      NM   R$  0000000001234000000000126000000000"
        "01220000000000124100000000012550000000001254000000000125600321000000000000045600000000000056"
        "589600000000000000009999123100000010000000000000BREXMPACNOR0101"
    )
    assert len(sample) == 245
    [row] = read(put(file_of(sample)))
    assert row == Traded("EXMP3", DAY, D("12.55"), "BREXMPACNOR0")


def test_zip_and_gzip(put: Any, tmp_path: Path) -> None:
    content = file_of(line("EXMP3", "12.55"))
    packed = tmp_path / "COTAHIST_A2026.ZIP"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("COTAHIST_A2026.TXT", content)
    for path in (packed, put(gzip.compress(content), "COTAHIST.TXT.gz"), put(content)):
        assert [row.close for row in read(path)] == [D("12.55")]


def test_prices_of_a_lot_are_divided(put: Any) -> None:
    [row] = read(put(file_of(line("EXMP3", "12550", per=1000))))
    assert row.close == D("12.55")


def test_options_and_forwards_are_passed_over(put: Any) -> None:
    rows = read(put(file_of(line("EXMPL123", "1", "070"), line("EXMP3T", "1", "030"))))
    assert list(rows) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.4", "line 1"),
        (b"", "line 0"),
        (file_of(line("EXMP3", "1"))[: 245 * 2 + 4], "cut short"),
        (file_of(line("EXMP3", "1"), trailer=1700), "trailer tells 1700"),
        (file_of(line("EXMP3", "1")[:100]), "line 2"),
        (file_of("07" + line("EXMP3", "1")[2:]), "unknown record"),
    ],
)
def test_what_is_no_complete_file_is_refused(put: Any, content: bytes, says: str) -> None:
    with pytest.raises(BadShape, match=says):
        list(read(put(content)))


@pytest.mark.django_db
class TestLoad:
    @pytest.fixture(autouse=True)
    def _exchange(self) -> None:
        make.make_exchange()

    def listed(self, ticker: str, **values: Any) -> Any:
        return make.make_asset(ticker, exchange_id="BVMF", **values)

    def test_replaces_a_vendors_close_and_keeps_the_factor(self, put: Any) -> None:
        asset = self.listed("EXMP3")
        Price.objects.create(
            asset=asset, date=DAY, close=D("12.5"), adjustment_factor=D("0.5"), source="yahoo"
        )
        version = market_version()
        path = put(file_of(line("EXMP3", "12.55"), line("ZZZZ3", "1")))
        loaded = cotahist_load(path=path)
        assert (loaded.stored, loaded.assets, loaded.unknown) == (1, 1, 1)
        row = Price.objects.get()
        assert (row.close, row.source, row.adjustment_factor) == (
            D("12.55"),
            "cotahist",
            D("0.5"),
        )
        assert market_version() == version + 1
        assert cotahist_load(path=path).stored == 0
        assert market_version() == version + 1

    def test_an_older_day_takes_the_factor_of_the_next(self, put: Any) -> None:
        asset = self.listed("EXMP3")
        Price.objects.create(
            asset=asset,
            date=DAY + dt.timedelta(days=1),
            close=1,
            adjustment_factor=D("0.25"),
            source="yahoo",
        )
        cotahist_load(path=put(file_of(line("EXMP3", "12.55"))))
        assert Price.objects.get(date=DAY).adjustment_factor == D("0.25")

    def test_the_odd_lot_counts_where_the_round_lot_did_not_trade(self, put: Any) -> None:
        self.listed("EXMP3")
        self.listed("RARO3")
        cotahist_load(
            path=put(
                file_of(
                    line("EXMP3", "10"),
                    line("EXMP3F", "11", "020"),
                    line("RARO3F", "12", "020"),
                )
            )
        )
        closes = dict(Price.objects.values_list("asset__ticker", "close"))
        assert closes == {"EXMP3": 10, "RARO3": 12}

    def test_a_former_ticker_until_its_last_day(self, put: Any) -> None:
        asset = self.listed("NOVO3")
        TickerHistory.objects.create(asset=asset, ticker="VELH3", valid_until=DAY)
        later = DAY + dt.timedelta(days=1)
        cotahist_load(path=put(file_of(line("VELH3", "10"), line("VELH3", "11", day=later))))
        assert list(Price.objects.values_list("date", "close")) == [(DAY, D(10))]

    def test_a_typed_price_is_left_alone(self, put: Any) -> None:
        asset = self.listed("EXMP3")
        Price.objects.create(
            asset=asset, workspace=make.make_workspace(), date=DAY, close=7, source="manual"
        )
        cotahist_load(path=put(file_of(line("EXMP3", "12.55"))))
        assert Price.objects.get(workspace__isnull=False).close == 7

    def test_a_broken_file_stores_nothing(self, put: Any) -> None:
        self.listed("EXMP3")
        with pytest.raises(CommandError, match="cut short"):
            call_command("load_cotahist", str(put(file_of(line("EXMP3", "1"))[: 245 * 2 + 4])))
        assert not Price.objects.exists()

    def test_command(self, put: Any, capsys: Any) -> None:
        self.listed("EXMP3")
        call_command("load_cotahist", str(put(file_of(line("EXMP3", "12.55")))))
        assert "1 closes of 1 assets stored" in capsys.readouterr().out

    def test_a_real_day(self, shared_dir: Path) -> None:
        self.listed("PETR4")
        self.listed("VALE3")
        path = shared_dir / "data" / "cotahist" / "COTAHIST_D25062021.TXT.gz"
        if not path.exists():
            pytest.skip("the shared folder has no COTAHIST day")
        cotahist_load(path=path)
        closes = dict(Price.objects.values_list("asset__ticker", "close"))
        # PREULT of the file: 0000000002910 and 0000000011240.
        assert closes == {"PETR4": D("29.10"), "VALE3": D("112.40")}
