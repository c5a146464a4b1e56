"""Reads that look over several apps: overview, chart, data health, bell, search."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Func, IntegerField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from apps.accounts.access import Access
from apps.accounts.models import TaskRun, User
from apps.accounts.selectors import access_default, task_runs_of
from apps.assets.selectors import asset_search
from apps.common.errors import NotFound
from apps.common.issue_texts import IssueText, issue_text
from apps.common.templatetags.ui import class_group, class_label, class_tone
from apps.common.text import normalise_name
from apps.dashboard.periods import period_start
from apps.portfolios.models import Build
from apps.portfolios.selectors import dashboard_figures, evolution, health_issues
from apps.portfolios.selectors.health import HealthIssue

CASH_TONE = "tone-10"


def home_of(*, user: User) -> uuid.UUID | None:
    """The workspace a person lands on; ``None`` when they are in none."""
    try:
        return access_default(user=user).workspace.pk
    except NotFound:
        return None


# ---- Overview ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the worth: a group of asset classes, or the cash."""

    label: str
    tone: str
    value: Decimal
    share: Decimal | None
    positions: int
    is_cash: bool = False


def overview_figures(
    *, access: Access, currency: str | None, on: dt.date | None
) -> dict[str, Any] | None:
    """The figures of the overview and its allocation; ``None`` while nothing was ever recorded."""
    if access.workspace.ledger_version == 0:
        return None
    base = access.workspace.base_currency
    wanted = currency or (base if base in ("BRL", "USD") else "BRL")
    figures = dashboard_figures(access=access, currency=wanted, on=on)
    if figures["rows"] == 0 and not figures["is_stale"]:
        return None
    holders = {row["holder"] for row in (*figures["top"], *figures["movers"])}
    return {
        **figures,
        "shares": allocation_shares(figures),
        # The same asset of two people is two positions: then rows must say whose.
        "names_holders": len(holders) > 1,
    }


def allocation_shares(figures: dict[str, Any]) -> list[Share]:
    """Asset classes joined into the groups that share a tone, cash last; the largest first."""
    values: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for part in figures["allocation"]["class"]:
        values[class_group(part["key"])] += part["value"]
        counts[class_group(part["key"])] += part["positions"]
    worth: Decimal = figures["worth"] or Decimal(0)
    shares = [
        Share(
            str(class_label(group)), class_tone(group), value, _share(value, worth), counts[group]
        )
        for group, value in sorted(values.items(), key=lambda item: -item[1])
    ]
    cash: Decimal = figures["cash"]
    if cash > 0:
        shares.append(Share(_t("Caixa"), CASH_TONE, cash, _share(cash, worth), 0, is_cash=True))
    return shares


def _share(value: Decimal, whole: Decimal) -> Decimal | None:
    return value / whole if whole > 0 else None


# ---- Evolution -----------------------------------------------------------------------------------


def evolution_points(
    *,
    access: Access,
    currency: str | None,
    period: str,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> dict[str, Any] | None:
    """Worth and net contributions by day over the period, or between two dates."""
    base = access.workspace.base_currency
    wanted = currency or (base if base in ("BRL", "USD") else "BRL")
    first = start or (None if end else period_start(period, timezone.localdate()))
    return evolution(access=access, currency=wanted, start=first, end=end)


def evolution_chart(*, points: dict[str, Any]) -> dict[str, Any]:
    """The points with the words of the chart."""
    labels = {"value": _t("patrimônio"), "net_invested": _t("aportes")}
    return {**points, "labels": labels}


def etag_of(*parts: object) -> str:
    """A validator for what depends on ``parts`` and on the language."""
    return hashlib.sha256(repr((parts, get_language())).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class EvolutionRow:
    """The last known day of a month."""

    day: dt.date
    value: Decimal | None
    net_invested: Decimal | None
    gain: Decimal | None


def evolution_table(*, points: dict[str, Any]) -> list[EvolutionRow]:
    """The chart as rows, one a month, newest first."""
    last: dict[str, int] = {}
    for place, day in enumerate(points["dates"]):
        last[day[:7]] = place
    return [_evolution_row(points, place) for place in reversed(last.values())]


def _evolution_row(points: dict[str, Any], place: int) -> EvolutionRow:
    value, invested = points["value"][place], points["net_invested"][place]
    worth = None if value is None else Decimal(value)
    put_in = None if invested is None else Decimal(invested)
    gain = worth - put_in if worth is not None and put_in is not None else None
    return EvolutionRow(dt.date.fromisoformat(points["dates"][place]), worth, put_in, gain)


# ---- Data health ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Everything of one kind that waits for the person, and where to put it right."""

    code: str
    text: IssueText
    issues: list[HealthIssue]
    mend_url: str

    @property
    def shown(self) -> list[HealthIssue]:
        """The first of them: a page is not a file."""
        return self.issues[:SHOWN]

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return max(0, len(self.issues) - SHOWN)


SHOWN = 25
# What leaves a figure unknown comes before what only makes it a little wrong.
_LAST = ("fees_unknown", "index_stale", "price_stale")


def issue_groups(*, access: Access) -> list[IssueGroup]:
    """The workspace's issues by kind, the ones that leave figures unknown first."""
    found: dict[str, list[HealthIssue]] = defaultdict(list)
    for issue in health_issues(access=access):
        found[issue.code].append(issue)
    groups = [
        IssueGroup(code, issue_text(code), issues, _mend_url(access, issue_text(code).mend))
        for code, issues in found.items()
    ]
    return sorted(groups, key=lambda g: (g.code in _LAST, -len(g.issues)))


def _mend_url(access: Access, mend: str) -> str:
    name = {"fees": "ledger:fees", "opening": "ledger:opening"}.get(mend)
    return reverse(name, args=[access.workspace.pk]) if name else ""


# ---- Bell ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell shows: work in progress or done, whether figures are fresh, what is open."""

    tasks: list[TaskRun]
    unseen: int
    busy: bool
    fresh: bool
    issue_count: int


def bell(*, access: Access, limit: int = 8) -> Bell:
    """The person's recent work and the state of the figures. Two queries."""
    tasks = list(task_runs_of(access=access, limit=limit))
    build = (
        Build.objects.filter(pk=access.workspace.pk)
        .annotate(open_issues=Func("issues", function="jsonb_array_length", output_field=_INT))
        .values_list("ledger_version", "open_issues")
        .first()
    )
    version, issue_count = build or (0, 0)
    fresh = version == access.workspace.ledger_version
    working = any(t.finished_at is None for t in tasks)
    unseen = sum(t.finished_at is not None and t.seen_at is None for t in tasks)
    return Bell(tasks, unseen, working or not fresh, fresh, issue_count)


_INT = IntegerField()


# ---- Search --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: an asset or a page."""

    title: str
    text: str
    url: str
    icon: str


def _pages() -> list[tuple[str, str, str]]:
    return [
        (_t("Resumo"), "dashboard:overview", "house"),
        (_t("Carteira"), "portfolios:positions", "briefcase"),
        (_t("Carteiras e metas"), "portfolios:portfolios", "layers"),
        (_t("Lançamentos"), "ledger:list", "list"),
        (_t("Rentabilidade"), "performance:returns", "chart-line"),
        (_t("Risco"), "performance:risk", "chart-area"),
        (_t("Alocação"), "performance:allocation", "chart-pie"),
        (_t("Análise de proventos"), "performance:income", "chart-column"),
        (_t("Novo lançamento"), "ledger:new", "plus"),
        (_t("Importar arquivos"), "imports:list", "upload"),
        (_t("Conciliação com a B3"), "imports:reconcile", "scale"),
        (_t("Posições iniciais"), "ledger:opening", "history"),
        (_t("Taxas das notas de corretagem"), "ledger:fees", "receipt"),
        (_t("Pendências"), "dashboard:issues", "circle-alert"),
        (_t("Avisos e tarefas"), "dashboard:notifications", "bell"),
        (_t("Primeiros passos"), "dashboard:start", "info"),
        (_t("Corretoras e contas"), "brokers:accounts", "landmark"),
        (_t("Titulares"), "accounts:holders", "user"),
        (_t("Pessoas"), "accounts:members", "users"),
        (_t("Aparência e idioma"), "accounts:settings", "settings"),
    ]


def search_hits(*, access: Access, text: str) -> list[Hit]:
    """Pages and assets that answer to ``text``. One query."""
    wanted = normalise_name(text)
    if not wanted:
        return []
    place = access.workspace.pk
    pages = [
        Hit(title, _t("página"), reverse(name, args=[place]), icon)
        for title, name, icon in _pages()
        if wanted in normalise_name(title)
    ]
    assets = [
        Hit(a.ticker, a.name, reverse("portfolios:asset", args=[place, a.pk]), "trending-up")
        for a in asset_search(access=access, text=text, limit=8)
    ]
    return assets + pages[:5]
