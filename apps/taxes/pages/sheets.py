"""Sheets of a year beside the exchange: abroad, income, fixed income, crypto, the return."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.common.errors import NotFound
from apps.taxes import selectors, services
from apps.taxes.pages.frame import Frame
from apps.taxes.pages.month import grouped, issues_of

ZERO = Decimal(0)

SOURCE_KINDS = {
    "fixed_income": _("Renda fixa"),
    "exempt_paper": _("Papéis isentos"),
    "account_interest": _("Juros de conta"),
    "fund": _("Fundos"),
    "come_cotas": _("Come-cotas"),
    "jcp": _("Juros sobre capital próprio"),
    "lending": _("Aluguel de ativos"),
    "amortisation": _("Amortização"),
    "redemption": _("Resgate"),
    "sale": _("ETF de renda fixa"),
    "fii_distribution": _("Rendimentos de FII e Fiagro, isentos"),
    "fii_distribution_taxed": _("Rendimentos de FII e Fiagro, tributados"),
    "infra_distribution": _("Rendimentos de FI-Infra"),
    "etf_distribution": _("Rendimentos de ETF"),
    "small_company_gain": _("Ganhos com ações de pequenas e médias empresas, isentos"),
    "company_income": _("Outros rendimentos de empresas"),
    "fraction_sale": _("Leilão de frações"),
    "dividend": _("Lucros e dividendos"),
    "bonus": _("Bonificações"),
    "small_sales": _("Ganhos em vendas de ações até R$ 20 mil no mês"),
    "small_sales_gold": _("Ganhos em vendas de ouro até R$ 20 mil no mês"),
    "small_crypto_gain": _("Ganhos com criptoativos até R$ 35 mil no mês"),
    "small_gain_abroad": _("Ganhos no exterior até R$ 35 mil no mês"),
}


def _or_nothing(select: Any, frame: Frame) -> dict[str, Any] | None:
    """A sheet; None for a year nobody assessed, which is no error of the address."""
    try:
        found: dict[str, Any] = select(access=frame.access, holder=frame.holder, year=frame.year)
    except NotFound:
        return None
    return found


def money(value: Any) -> Decimal:
    """A stored figure; what is absent counts as zero in sums."""
    return Decimal(str(value)) if value not in (None, "") else ZERO


def abroad_page(*, frame: Frame) -> dict[str, Any]:
    """Gains and income abroad under one tax a year, and before 2024 the months of old."""
    found = _or_nothing(selectors.abroad_sheet, frame)
    if found is None:
        return {"s": None}
    lines = found.get("abroad_lines") or {}
    parts = lines.get("parts", [])
    return {
        "s": found,
        "year_sums": found.get("abroad"),
        "gains": [p for p in parts if p["label"] == "abroad_gain"],
        "income": [p for p in parts if p["label"] == "abroad_income"],
        "rest": [p for p in parts if p["label"] not in ("abroad_gain", "abroad_income")],
        "issues": grouped(issues_of(lines.get("issues", []), found["names"])),
        "gcap": found.get("gcap"),
        "monthly": found.get("monthly_income"),
        "before": _before(found),
    }


def _before(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The months of the old law added up; None where the year has none."""
    gains, incomes = found.get("gcap") or [], found.get("monthly_income") or []
    if not gains and not incomes:
        return None
    return {
        "gain": sum((money(line["gain"]) for line in gains), ZERO),
        "exempt": sum((money(line["gain"]) for line in gains if line["exempt"]), ZERO),
        "income": sum((money(line["income"]) for line in incomes), ZERO),
        "tax": sum((money(line["tax"]) for line in gains), ZERO)
        + sum((money(line["tax_due"]) for line in incomes), ZERO),
        "incomplete": any(line["gain"] is None for line in gains)
        or any(line["incomplete"] for line in incomes),
    }


def income_page(*, frame: Frame) -> dict[str, Any]:
    """Dividends by payer, JCP, and the estimate of the minimum tax."""
    found = _or_nothing(selectors.dividends_sheet, frame)
    source = _or_nothing(selectors.source_sheet, frame)
    if found is None or source is None:
        return {"s": None}
    payers: dict[str, dict[str, Any]] = {}
    for line in found.get("dividends", []):
        sums = payers.setdefault(
            line["payer"],
            {"payer": line["payer"], "cnpj": line["cnpj"], "gross": ZERO, "withheld": ZERO},
        )
        sums["gross"] += money(line["gross"])
        sums["withheld"] += money(line["withheld"])
    return {
        "s": found,
        "dividends": found.get("dividends", []),
        "payers": sorted(payers.values(), key=lambda each: -each["gross"]),
        "jcp": [line for line in source.get("withheld_at_source", []) if line["kind"] == "jcp"],
        "irpfm": found.get("irpfm"),
        "names": {**found["names"], **source["names"]},
    }


def fixed_page(*, frame: Frame) -> dict[str, Any]:
    """What was withheld at source, by kind; JCP stands with the dividends."""
    found = _or_nothing(selectors.source_sheet, frame)
    if found is None:
        return {"s": None}
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in found.get("withheld_at_source", []):
        if line["kind"] != "jcp":
            kinds[line["kind"]].append(line)
    return {"s": found, "kinds": [_kind(kind, lines) for kind, lines in sorted(kinds.items())]}


def _kind(kind: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    known = [line for line in lines if line["withheld"] is not None]
    return {
        "kind": kind,
        "label": SOURCE_KINDS.get(kind, kind.replace("_", " ")),
        "lines": lines,
        "gross": sum((money(line["gross"]) for line in lines), ZERO),
        "withheld": sum((money(line["withheld"]) for line in known), ZERO),
        "missing": sum(line["withheld"] is None and bool(money(line["rate"])) for line in lines),
    }


def crypto_page(*, frame: Frame) -> dict[str, Any]:
    """Months of coins."""
    found = _or_nothing(selectors.crypto_sheet, frame)
    return {"s": found, "months": found.get("crypto", []) if found else []}


def annual_page(*, frame: Frame) -> dict[str, Any]:
    """The annual return, form by form, in the order of the Receita's program."""
    services.annual_ensure(access=frame.access, holder=frame.holder, year=frame.year)
    found = _or_nothing(selectors.annual_return, frame)
    annual: Mapping[str, Any] | None = found.get("annual") if found else None
    if not annual:
        return {"a": None}
    outside = _or_nothing(selectors.abroad_sheet, frame) or {}
    return {
        "a": annual,
        "abroad": outside.get("abroad"),
        "gains": outside.get("gcap") or [],
        "monthly": outside.get("monthly_income") or [],
        "filing": annual["filing"],
        "assets": [each for each in annual["assets"] if each["required"]],
        "small": [each for each in annual["assets"] if not each["required"]],
        "issues": grouped(issues_of(annual["issues"], (found or {})["names"])),
        "sheets": [each for each in annual["sheets"] if _has(each)],
        "fund_sheets": [each for each in annual["fund_sheets"] if _has_fund(each)],
        "totals": annual["totals"],
    }


def _has(month: Mapping[str, Any]) -> bool:
    columns = (month["common"], month["day_trade"])
    return any(money(c[name]) for c in columns for name in ("result", "loss_before", "tax")) or any(
        money(month[name]) for name in ("withheld", "withheld_day_trade", "paid")
    )


def _has_fund(month: Mapping[str, Any]) -> bool:
    return any(money(month[name]) for name in ("result", "loss_before", "tax", "paid"))
