"""What a person asks of the figures, as addresses and pages write it."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apps.assets.models import AssetClass
from apps.common.errors import Invalid

WHOLE = "all"
#: Months of the named periods; ``ytd`` and ``all`` are told apart below.
MONTHS_OF = {"1m": 1, "3m": 3, "6m": 6, "12m": 12, "24m": 24, "36m": 36, "5a": 60, "10a": 120}
PERIODS = ("1m", "3m", "6m", "ytd", "12m", "24m", "36m", "5a", "10a", "all")
SPELLINGS = {"5y": "5a", "10y": "10a", "1a": "12m", "1y": "12m", "tudo": "all", "max": "all"}
GROUPINGS = (
    "asset",
    "class",
    "currency",
    "country",
    "sector",
    "broker",
    "account",
    "holder",
    "tag",
)
INDEXES = ("CDI", "SELIC", "IPCA", "IGPM", "IBOV", "IFIX", "SP500")
RISK_FREE = ("CDI", "SELIC")
MOST_BENCHMARKS = 6
_PART_OF_CDI = re.compile(r"^(\d{1,4}(?:[.,]\d{1,4})?)%?CDI$")
_IPCA_PLUS = re.compile(r"^IPCA[+ ](\d{1,3}(?:[.,]\d{1,4})?)%?$")
_POINTS = re.compile(r"^(IBOV|IFIX|SP500)(?::([A-Z]{3}))?$")


#: Indexes of prices alone; IBOV and IFIX reinvest what their papers pay.
PRICE_ONLY = frozenset({"SP500"})


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Something to compare with. ``code`` is how it was asked for, in one spelling.

    ``index`` names an index of the market, of which ``percent`` is taken and to which ``spread`` a
    year is added (fractions); ``currency`` converts points of another currency. ``asset`` is an
    asset's id, or its code as typed.
    """

    code: str
    index: str = ""
    percent: Decimal = Decimal(1)
    spread: Decimal = Decimal(0)
    currency: str = ""
    asset: str = ""

    @property
    def is_price_only(self) -> bool:
        """Whether it leaves out what was paid on the way, unless the workspace's own rows tell of
        it: nobody tells this installation of the income of an asset, and these points are of
        prices."""
        return bool(self.asset) or self.index in PRICE_ONLY


@dataclass(frozen=True, slots=True)
class Query:
    """What to measure. Dates bound the interval (start, end]: the worth at the close of ``start``
    is what the period opens with. ``None`` stands for the first day and for today."""

    portfolio: str = WHOLE
    period: str = "12m"
    start: dt.date | None = None
    end: dt.date | None = None
    currency: str = ""
    cash: bool = False
    benchmarks: tuple[Benchmark, ...] = ()
    risk_free: str = "CDI"
    group_by: str = "asset"
    accounts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    holder: str = ""

    @property
    def narrows_assets(self) -> bool:
        """Whether some assets are left out, and cash therefore with them."""
        return bool(self.classes or self.assets or self.tags)


def bounds(query: Query, first: dt.date, today: dt.date) -> tuple[dt.date, dt.date]:
    """The interval (start, end] asked for, within what there is. A period counts back from its
    end: 12M that ends on 31 March begins at the close of 31 March a year before, the year to date
    at the close of 31 December."""
    end = min(query.end or today, today)
    end = max(end, first + dt.timedelta(days=1))
    start = query.start or period_start(query.period, end) or first
    return min(max(start, first), end - dt.timedelta(days=1)), end


def period_start(period: str, end: dt.date) -> dt.date | None:
    """The day at whose close a named period that ends on ``end`` opens; ``None``: the first."""
    if period == "ytd":
        return dt.date(end.year - 1, 12, 31)
    months = MONTHS_OF.get(period)
    if months is None:
        return None
    year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
    if year < 1:
        return None
    return dt.date(year, month + 1, min(end.day, calendar.monthrange(year, month + 1)[1]))


def query_parse(given: Mapping[str, str], *, portfolio: str = WHOLE) -> Query:
    """Reads the parameters of an address. Raises :class:`Invalid` naming the one that is wrong.

    ``period``, ``from``, ``to``, ``currency``, ``cash``, ``benchmarks``, ``risk_free``,
    ``group_by``, ``accounts``, ``classes``, ``currencies``, ``assets``, ``tags``, ``holder``; lists
    are separated by commas, and every one may be left out.
    """
    start, end = _day(given, "from"), _day(given, "to")
    if start is not None and end is not None and start >= end:
        raise Invalid("period_empty", _("O início deve ser antes do fim."), field="from")
    return Query(
        portfolio=portfolio,
        period=_period(given, "all" if start is not None else "12m"),
        start=start,
        end=end,
        currency=_currency(given.get("currency", "")),
        cash=_flag(given, "cash"),
        benchmarks=benchmarks_parse(given.get("benchmarks", "")),
        risk_free=_choice(given, "risk_free", RISK_FREE, "CDI", str.upper),
        group_by=_choice(given, "group_by", GROUPINGS, "asset", str.lower),
        accounts=_ids(given, "accounts"),
        classes=_classes(given),
        currencies=tuple(_currency(code, "currencies") for code in _list(given, "currencies")),
        assets=_ids(given, "assets"),
        tags=tuple(" ".join(tag.split()).lower() for tag in _list(given, "tags")),
        holder="".join(_ids(given, "holder")[:1]),
    )


def benchmarks_parse(text: str) -> tuple[Benchmark, ...]:
    """What to compare with: ``CDI,110%CDI,IPCA+6,IBOV,SP500,SP500:BRL,PETR4``, or assets' ids."""
    found = {b.code: b for b in map(_benchmark, _split(text))}
    if len(found) > MOST_BENCHMARKS:
        raise Invalid(
            "too_many",
            _("Compare com no máximo %(count)s de cada vez.") % {"count": MOST_BENCHMARKS},
            field="benchmarks",
        )
    return tuple(found.values())


def _benchmark(text: str) -> Benchmark:
    code = text.upper()
    if match := _PART_OF_CDI.match(code):
        percent = Decimal(match[1].replace(",", "."))
        return Benchmark(f"{_plain(percent)}%CDI", "CDI", percent / 100)
    if match := _IPCA_PLUS.match(code):
        spread = Decimal(match[1].replace(",", "."))
        return Benchmark(f"IPCA+{_plain(spread)}", "IPCA", spread=spread / 100)
    if match := _POINTS.match(code):
        return Benchmark(code, match[1], currency=match[2] or "")
    if code in INDEXES:
        return Benchmark(code, code)
    return Benchmark(code if not _is_uuid(text) else text.lower(), asset=text)


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _list(given: Mapping[str, str], name: str) -> list[str]:
    found = _split(given.get(name, ""))
    if len(found) > 500:
        raise Invalid("too_many", _("São valores demais."), field=name)
    return found


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _ids(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = []
    for text in _list(given, name):
        if not _is_uuid(text):
            raise Invalid(
                "invalid", _("Use os identificadores, separados por vírgula."), field=name
            )
        found.append(str(uuid.UUID(text)))
    return tuple(found)


def _classes(given: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(_list(given, "classes"))
    if not set(found) <= set(AssetClass.values):
        raise Invalid("unknown_class", _("Escolha a classe do ativo."), field="classes")
    return found


def _day(given: Mapping[str, str], name: str) -> dt.date | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Invalid("invalid_date", _("Use uma data no formato AAAA-MM-DD."), field=name)
    return found


def _period(given: Mapping[str, str], default: str) -> str:
    text = given.get("period", "").strip().lower()
    text = SPELLINGS.get(text, text) or default
    if text not in PERIODS:
        raise _unknown("period", PERIODS)
    return text


def _currency(text: str, field: str = "currency") -> str:
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise Invalid("invalid", _("Use o código de três letras da moeda."), field=field)
    return code


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "").strip().lower()
    if text not in ("", "0", "1", "true", "false"):
        raise _unknown(name, ("0", "1"))
    return text in ("1", "true")


def _choice(
    given: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str, spell: object
) -> str:
    text = given.get(name, "").strip()
    text = text.upper() if spell is str.upper else text.lower()
    if not text:
        return default
    if text not in allowed:
        raise _unknown(name, allowed)
    return text


def _unknown(name: str, allowed: tuple[str, ...]) -> Invalid:
    words = ", ".join(allowed)
    return Invalid(
        "invalid_choice", _("Use um destes: %(values)s.") % {"values": words}, field=name
    )
