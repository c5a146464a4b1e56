"""What the pages of positions and of an asset show."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.accounts.edits import last_edit
from apps.assets.models import Asset
from apps.common.errors import NotFound
from apps.common.formatting import price as write_price
from apps.common.formatting import quantity as write_quantity
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.ledger.models import Kind as RowKind
from apps.ledger.selectors import TransactionFilters, transactions_search
from apps.market_data.selectors import market_version
from apps.portfolios.figures import Group, PositionView, Totals, total_of
from apps.portfolios.folding import By
from apps.portfolios.selectors import (
    group_positions,
    portfolio_get,
    portfolios_chosen,
    portfolios_of,
    positions_on,
    tags_of,
)
from apps.portfolios.selectors.explain import Explanation
from apps.portfolios.selectors.positions import CACHE_SECONDS, OVERLAPPING, seen_version

ZERO = Decimal(0)
RECENT_ROWS = 30
_SELLS = frozenset({Kind.SELL, Kind.SHORT_SELL, Kind.MATURITY})


def _sort_key(name: str) -> Callable[[PositionView], Any]:
    keys: dict[str, Callable[[PositionView], Any]] = {
        "value": lambda r: (-(r.report.value or ZERO), r.ticker),
        "gain": lambda r: (-(r.report.unrealised or ZERO), r.ticker),
        "day": lambda r: (-abs(r.report.day_change or ZERO), r.ticker),
        "ticker": lambda r: r.ticker,
    }
    return keys.get(name, keys["value"])


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of the page says of the positions below it."""

    on: dt.date
    totals: Totals
    any: bool
    open: int
    shown: int
    closed_count: int
    incomplete: list[str]


def positions_page(
    *,
    access: Access,
    on: dt.date | None,
    currency: str,
    group: str,
    sort: str,
    closed: bool,
    q: str,
) -> dict[str, Any]:
    """The head and the table of positions.

    The table is the same for every member and costs far more to write than to read, so it is kept
    in Redis as written, by ledger and market version, language and choices.
    """
    key = page_key(access, on, currency, group, sort, closed, q)
    kept: tuple[Head, SafeString] | None = cache.get(key)
    if kept is None:
        kept = _positions_write(access, on, currency, group, sort, closed, q)
        cache.set(key, kept, CACHE_SECONDS)
    return {
        "head": kept[0],
        "table": kept[1],
        "is_stale": seen_version(access) != access.workspace.ledger_version,
        "currency": currency,
        "on": on,
        "group": group,
        "sort": sort,
        "closed": closed,
        "q": q,
    }


def page_key(access: Access, on: dt.date | None, *choices: object) -> str:
    """Where a page of positions is kept: everything its text depends on."""
    workspace = access.workspace
    version = seen_version(access) if on is None else workspace.ledger_version
    parts = (
        workspace.pk,
        last_edit(workspace.pk),
        version,
        market_version(),
        timezone.localdate(),
        on,
        get_language(),
        *choices,
    )
    return "page:positions:" + hashlib.sha256(repr(parts).encode()).hexdigest()


def _positions_write(
    access: Access,
    on: dt.date | None,
    currency: str,
    group: str,
    sort: str,
    closed: bool,
    q: str,
) -> tuple[Head, SafeString]:
    positions = positions_on(access=access, currency=currency, on=on, by=detail_of(group))
    rows = [row for row in positions.rows if row.is_open != closed and _matches(row, q)]
    rows.sort(key=_sort_key(sort))
    head = Head(
        on=positions.on,
        totals=positions.totals,
        any=bool(positions.rows),
        open=len(positions.open_rows),
        shown=len(rows),
        closed_count=sum(not row.is_open for row in positions.rows),
        incomplete=[r.ticker for r in positions.open_rows if r.report.value is None],
    )
    context = {
        "head": head,
        "workspace": access.workspace,
        "groups": groups_of(access, rows, group, positions.totals),
        "no_group": _("Em nenhuma carteira") if group == "portfolio" else _("Sem setor"),
        "overlapping": group in OVERLAPPING,
        "by_account": detail_of(group) == "account",
        "closed": closed,
        "q": q,
        "shown": total_of(rows, currency),
        "cash": positions.cash,
        "currency": currency,
        "on": on,
        "group": group,
        "several_holders": len({row.holder_id for row in positions.rows}) > 1,
    }
    return head, render_to_string("portfolios/_table.html", context)


def detail_of(group: str) -> By:
    """How finely positions are taken for a grouping: brokers hold, and portfolios may select,
    accounts."""
    return "account" if group in ("broker", "portfolio") else "asset"


def groups_of(
    access: Access, rows: Sequence[PositionView], group: str, totals: Totals
) -> Sequence[Group]:
    """Positions in groups. At most four queries, for portfolios alone."""
    if group != "portfolio":
        return group_positions(rows, group, totals)
    found = list(portfolios_of(access=access))
    chosen = portfolios_chosen(portfolios=found)
    named = {(str(each.pk), each.name): chosen[each.pk] for each in found}
    return group_positions(rows, group, totals, named)


#: Figures of positions that are summed, with their names.
SUMMED: dict[str, Any] = {
    "value": pgettext_lazy("posição", "Valor"),
    "cost": gettext_lazy("Custo"),
    "unrealised": gettext_lazy("Não realizado"),
    "realised": gettext_lazy("Realizado"),
    "income": gettext_lazy("Proventos"),
    "day_change": gettext_lazy("Variação do dia"),
}


def total_page(
    *,
    access: Access,
    figure: str,
    key: str | None,
    on: dt.date | None,
    currency: str,
    group: str,
    closed: bool,
    q: str,
    **_more: Any,
) -> dict[str, Any]:
    """What a sum of positions is made of: of everything, or of the group ``key``. Raises
    :class:`NotFound` for a figure or a group nobody knows."""
    if figure not in SUMMED:
        raise NotFound("not_found", _("Não conhecemos este número."))
    positions = positions_on(access=access, currency=currency, on=on, by=detail_of(group))
    rows = [row for row in positions.rows if row.is_open != closed and _matches(row, q)]
    label = ""
    if key is not None:
        rows, label = _group_of(access, rows, group, positions.totals, key)
    totals = total_of(rows, currency)
    known = [(row, getattr(row.report, figure)) for row in rows]
    return {
        "title": SUMMED[figure],
        "figure": figure,
        "of": label,
        "on": positions.on,
        "currency": currency,
        "total": getattr(totals, figure),
        "weight": _share(totals.value, positions.totals.value) if figure == "value" else None,
        "whole": positions.totals.value,
        "parts": sorted(
            ((row, amount) for row, amount in known if amount),
            key=lambda each: (-abs(each[1]), each[0].ticker),
        ),
        "unknown": [row for row, amount in known if amount is None and row.is_open],
        "by_account": detail_of(group) == "account",
    }


def _group_of(
    access: Access, rows: Sequence[PositionView], group: str, totals: Totals, key: str
) -> tuple[list[PositionView], str]:
    for found in groups_of(access, rows, group, totals):
        if found.key == key:
            return list(found.positions), found.label or _("sem grupo")
    if group == "portfolio":  # one that holds nothing
        return [], portfolio_get(access=access, portfolio_id=key).name
    raise NotFound("not_found", _("Não conhecemos esta parte."))


def _share(value: Decimal, whole: Decimal) -> Decimal | None:
    return value / whole if whole > 0 else None


def worth_of(row: PositionView) -> dict[str, Any]:
    """How the worth of a position comes from its quantity and price, and its gain from that."""
    native, report = row.native, row.report
    units = row.quantity * row.price if row.price is not None else None
    both = native.value is not None and report.value is not None and native.value != 0
    return {
        "row": row,
        "multiplier": native.value / units if native.value is not None and units else None,
        "rate": report.value / native.value  # type: ignore[operator]
        if both and native.currency != report.currency
        else None,
    }


def worths_of(
    *,
    access: Access,
    asset: Asset,
    holder_id: str | None,
    account_id: str | None,
    currency: str,
    on: dt.date | None,
) -> list[dict[str, Any]]:
    """The worth of an asset for each holder (or one), or in one account."""
    by: By = "account" if account_id else "asset"
    found = positions_on(access=access, currency=currency, on=on, by=by)
    return [
        {**worth_of(row), "on": found.on, "whole": found.totals.value}
        for row in found.rows
        if row.asset_id == str(asset.pk)
        and holder_id in (None, row.holder_id)
        and account_id in (None, row.account_id)
    ]


def _matches(row: PositionView, text: str) -> bool:
    needle = text.strip().lower()
    return not needle or needle in row.ticker.lower() or needle in row.name.lower()


def asset_page(
    *, access: Access, asset: Asset, currency: str, on: dt.date | None
) -> dict[str, Any]:
    """What the workspace has and had of an asset."""
    code = str(asset.pk)
    positions = positions_on(access=access, currency=currency, on=on)
    held = [row for row in positions.rows if row.asset_id == code]
    split = [
        row
        for row in positions_on(access=access, currency=currency, on=on, by="account").rows
        if row.asset_id == code and row.is_open
    ]
    rows = transactions_search(access=access, filters=TransactionFilters()).filter(asset=asset)
    income = rows.filter(kind__in=list(INCOME_KINDS))
    return {
        "asset": asset,
        "positions": held,
        "accounts": split,
        "view": positions,
        "currency": currency,
        "on": on,
        "rows": list(rows[:RECENT_ROWS]),
        "row_count": rows.count(),
        "income_rows": list(income[:12]),
        "events": asset.events.visible_to(access.workspace.pk).select_related("to_asset")[:20],
        "former": list(asset.former_tickers.all()),
        "kinds": json.dumps({kind.value: str(kind.label) for kind in RowKind}),
        "tags": tags_of(access=access, asset_ids=[asset.pk]).get(code, []),
    }


def trail_lines(trail: Explanation) -> dict[str, Any]:
    """An explanation with each line in words."""
    return {
        "trail": trail,
        "holding": trail.holding,
        "lines": [
            {
                "item": item,
                "step": item.step,
                "kind": Kind(item.step.kind),
                "what": describe(item.step.kind, item.step.params, item.to_ticker)
                + (f" · {_('Day trade')}" if item.step.formula == "day_trade" else ""),
                "sum": arithmetic(item.step.params, item.step.cost, item.step.quantity),
            }
            for item in trail.steps
        ],
    }


def describe(kind: Kind, params: Any, to_ticker: str) -> str:
    """What a line did, with its numbers: ``100 × 36,71 + 4,90 de taxas``."""
    amount, fees = params.get("amount"), params.get("fees")
    parts: list[str] = []
    quantity, unit = params.get("quantity"), params.get("unit_price")
    if kind == Kind.SPLIT and params.get("ratio") is not None:
        return _("cada ação vira %(ratio)s; o custo total não muda") % {
            "ratio": write_quantity(params["ratio"])
        }
    if quantity is not None and unit is not None:
        parts.append(f"{write_quantity(quantity)} × {write_price(unit)}")
    elif quantity is not None and amount is not None:
        parts.append(
            _("%(quantity)s por %(amount)s")
            % {"quantity": write_quantity(quantity), "amount": write_price(amount)}
        )
    elif amount is not None:
        parts.append(write_price(amount))
    elif quantity is not None:
        parts.append(write_quantity(quantity))
    if fees:
        sign = "−" if kind in _SELLS else "+"
        parts.append(_("%(sign)s %(fees)s de taxas") % {"sign": sign, "fees": write_price(fees)})
    if to_ticker:
        parts.append(_("para %(ticker)s") % {"ticker": to_ticker})
    return " ".join(parts)


def arithmetic(params: Any, cost: Decimal | None, quantity: Decimal) -> str:
    """How the average follows: ``3.675,90 ÷ 100``."""
    if cost is None or not quantity:
        return ""
    return f"{write_price(abs(cost))} ÷ {write_quantity(abs(quantity))}"
