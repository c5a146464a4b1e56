"""A B3 position beside the ledger: what differs and why it probably does."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.classes import strip_fractional
from apps.assets.models import Asset
from apps.assets.selectors import asset_index
from apps.brokers.models import Account
from apps.brokers.selectors import accounts_of, institution_index
from apps.common.text import normalise_name
from apps.engine import types as engine
from apps.engine.holdings import fold
from apps.imports.models import Batch, Line
from apps.ledger.models import Kind
from apps.portfolios.loading import ledger_load

Text = str | Promise
SETTLEMENT_DAYS = 5
_ZERO = Decimal(0)
# Only what B3 keeps in custody can be missing from its files.
_ELSEWHERE = frozenset(
    {"stock_abroad", "etf_abroad", "reit", "bond", "crypto", "crypto_abroad", "fund", "option"}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One asset at one institution: quantities of B3 and of the ledger, and the likely cause."""

    institution: str
    ticker: str
    name: str
    b3: Decimal
    ledger: Decimal
    cause: str
    cause_text: Text
    asset_id: object = None

    @property
    def delta(self) -> Decimal:
        """What the ledger lacks (negative: has too much)."""
        return self.b3 - self.ledger


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The comparison on one day. ``equal`` counts what agrees."""

    on: dt.date
    differences: list[Difference]
    equal: int
    lent: int
    rows: int

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass(slots=True)
class _Cell:
    b3: Decimal = _ZERO
    ledger: Decimal = _ZERO
    ticker: str = ""
    name: str = ""
    asset: Asset | None = None
    parts: list[Decimal] = field(default_factory=list)


CAUSES: dict[str, Text] = {
    "not_in_ledger": _(
        "Não há nada deste ativo aqui. Se é anterior a novembro de 2019, informe a posição de "
        "abertura; se veio de outra corretora, a transferência."
    ),
    "not_at_b3": _(
        "A B3 não mostra este ativo: falta lançar a venda, a transferência ou o vencimento."
    ),
    "other_institution": _(
        "O total bate, mas em instituições diferentes: falta a transferência de custódia."
    ),
    "split": _("A B3 tem %(ratio)s vezes o que há aqui: falta um desdobramento ou grupamento."),
    "pending_settlement": _(
        "Há negócio nos últimos dias: a B3 só mostra a posição depois da liquidação."
    ),
    "bonus": _(
        "A diferença é pequena perto da posição: pode ser bonificação, subscrição ou fração."
    ),
    "before_history": _(
        "Falta quantidade. Os arquivos da B3 começam em novembro de 2019: pode faltar a posição "
        "de abertura ou um período não importado."
    ),
    "too_much": _(
        "Sobra quantidade: pode faltar uma venda ou transferência, ou haver lançamento repetido."
    ),
    "renamed": _("Pode ser o mesmo ativo de %(other)s, que mudou de código."),
}


def reconciliation_of(*, access: Access, batch: Batch, on: dt.date | None = None) -> Reconciliation:
    """Compare a position file with the ledger at the end of ``on`` (default: the file's day)."""
    day = on or _day_of(batch)
    cells: dict[tuple[str, str], _Cell] = defaultdict(_Cell)
    names: dict[str, str] = {}
    lent = _take_file(access, batch, cells, names)
    recent = _take_ledger(access, day, cells, names)
    differences = []
    by_code: dict[str, list[_Cell]] = defaultdict(list)
    for (_place, code), cell in cells.items():
        by_code[code].append(cell)
    for (place, code), cell in cells.items():
        if cell.b3 == cell.ledger:
            continue
        cause, words = _cause(cell, by_code[code], place, code, recent, cells)
        differences.append(
            Difference(
                institution=names.get(place, place),
                ticker=cell.ticker,
                name=cell.name,
                b3=cell.b3,
                ledger=cell.ledger,
                cause=cause,
                cause_text=str(CAUSES[cause]) % words,
                asset_id=cell.asset.pk if cell.asset is not None else None,
            )
        )
    differences.sort(key=lambda d: (d.institution, d.ticker))
    held = sum(1 for cell in cells.values() if cell.b3 or cell.ledger)
    return Reconciliation(
        on=day,
        differences=differences,
        equal=held - len(differences),
        lent=lent,
        rows=held,
    )


def _day_of(batch: Batch) -> dt.date:
    printed = (batch.proposals.get("meta") or {}).get("as_of")
    if printed:
        return dt.date.fromisoformat(printed)
    return timezone.localdate(batch.created_at)


def _take_file(
    access: Access, batch: Batch, cells: dict[tuple[str, str], _Cell], names: dict[str, str]
) -> int:
    assets = asset_index(access=access)
    institutions = institution_index(access=access)
    lent = 0
    for line in Line.objects.filter(batch=batch).only("parsed", "reason"):
        parsed = line.parsed
        if line.reason == "position_lent":
            lent += 1
            continue
        code = strip_fractional(parsed.get("ticker", ""))
        asset = assets.get((code.upper(), "BR"))
        name = parsed.get("institution", "")
        institution = institutions.get(normalise_name(name))
        place = normalise_name(institution.name if institution else name)
        names[place] = str(institution) if institution else name
        cell = cells[place, str(asset.pk) if asset is not None else code.upper()]
        cell.b3 += Decimal(parsed.get("quantity", "0"))
        cell.ticker, cell.name = asset.ticker if asset else code, parsed.get("product_name", "")
        cell.asset = asset
    return lent


def _take_ledger(
    access: Access,
    day: dt.date,
    cells: dict[tuple[str, str], _Cell],
    names: dict[str, str],
) -> dict[tuple[str, str], list[Decimal]]:
    """Add what the ledger holds; answers the signed trades too recent to have settled."""
    loaded = ledger_load(workspace_id=access.workspace.pk, until=day)
    accounts = {str(a.pk): a for a in accounts_of(access=access)}
    found = fold(loaded.rows, loaded.assets, loaded.accounts, by="account", on=day)
    wanted = {code for (_holder, _account, code), h in found.holdings.items() if h.quantity}
    assets = {str(a.pk): a for a in Asset.objects.filter(pk__in=wanted)}
    for (_holder, account, code), holding in found.holdings.items():
        asset, place = assets.get(code), accounts.get(account or "")
        if not holding.quantity or asset is None or place is None:
            continue
        if asset.market != "BR" or asset.asset_class in _ELSEWHERE:
            continue
        key = normalise_name(place.institution.name)
        names.setdefault(key, str(place.institution))
        cell = cells[key, code]
        cell.ledger += holding.quantity
        cell.ticker, cell.asset = asset.ticker, asset
        cell.name = cell.name or asset.name
    return _recent(loaded.rows, day, accounts)


def _recent(
    rows: Iterable[engine.Row], day: dt.date, accounts: dict[str, Account]
) -> dict[tuple[str, str], list[Decimal]]:
    since = day - dt.timedelta(days=SETTLEMENT_DAYS)
    signs = {Kind.BUY: 1, Kind.SELL: -1}
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in rows:
        sign = signs.get(Kind(row.kind))
        if sign is None or row.quantity is None or row.asset is None or row.date <= since:
            continue
        place = accounts.get(row.account)
        if place is not None:
            key = (normalise_name(place.institution.name), row.asset)
            found[key].append(sign * row.quantity)
    return found


def _cause(
    cell: _Cell,
    everywhere: list[_Cell],
    place: str,
    code: str,
    recent: dict[tuple[str, str], list[Decimal]],
    cells: dict[tuple[str, str], _Cell],
) -> tuple[str, dict[str, str]]:
    delta = cell.b3 - cell.ledger
    unsettled = recent.get((place, code), [])
    if unsettled and delta in (-sum(unsettled, _ZERO), *[-part for part in unsettled]):
        return "pending_settlement", {}
    if len(everywhere) > 1 and sum(c.b3 for c in everywhere) == sum(c.ledger for c in everywhere):
        return "other_institution", {}
    if cell.ledger == 0 or cell.b3 == 0:
        twin = _twin(cell, place, cells)
        if twin:
            return "renamed", {"other": twin}
        return ("not_in_ledger" if cell.ledger == 0 else "not_at_b3"), {}
    ratio = Fraction(cell.b3) / Fraction(cell.ledger)
    simple = ratio.limit_denominator(20)
    if simple == ratio and ratio != 1 and (ratio.numerator == 1 or ratio.denominator == 1):
        return "split", {"ratio": str(ratio)}
    if delta > 0 and delta / cell.ledger <= Decimal("0.35"):
        return "bonus", {}
    return ("before_history" if delta > 0 else "too_much"), {}


def _twin(cell: _Cell, place: str, cells: dict[tuple[str, str], _Cell]) -> str:
    """Another code of the same company whose difference is the exact opposite."""
    delta = cell.b3 - cell.ledger
    for (other_place, _code), other in cells.items():
        if other is cell or other_place != place:
            continue
        if other.b3 - other.ledger == -delta and (other.b3 == 0 or other.ledger == 0):
            return other.ticker
    return ""
