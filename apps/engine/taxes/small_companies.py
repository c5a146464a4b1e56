"""Shares of small and medium companies: their gains were exempt while the rule held.

The law speaks of gains only. Whether their losses may be offset and whether their sales count
against the limit of small sales is open; both are settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.engine.kinds import AssetClass, TaxClass
from apps.engine.taxes.classes import COMMON, EXEMPT
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset

RULE = "VAR-PME"
#: The kind of exempt income their gains are.
KIND = "small_company_gain"


def exempted(
    lines: list[Line], assets: Mapping[str, Asset], settings: TaxSettings, rules: RuleBook
) -> list[Line]:
    """The lines with spot sales of marked shares outside the buckets, each on its own day's law."""
    named = frozenset(settings.sme_assets.upper().replace(",", " ").split())
    marked = {
        code
        for code, asset in assets.items()
        if asset.asset_class is AssetClass.STOCK
        and (asset.tax_class == TaxClass.SME or code.upper() in named)
    }
    if not marked:
        return lines
    return [_line(line, settings, rules) if line.asset in marked else line for line in lines]


def _line(line: Line, settings: TaxSettings, rules: RuleBook) -> Line:
    spot = line.label == "sale" and line.bucket == COMMON and line.exemptible
    if not spot or line.gain is None or rules.find(RULE, line.date) is None:
        return line
    limit = line.limit if settings.sme_sales_in_limit else ""
    if line.gain < ZERO and settings.sme_losses_offset:
        return line if limit else line._replace(limit="")
    return line._replace(bucket=EXEMPT, limit=limit, exemptible=False, rule=RULE)


def exempt_gains(lines: Iterable[Line], rules: RuleBook, choice: str) -> list[SourceTax]:
    """Their gains as exempt income of the annual return."""
    found = []
    for line in lines:
        if line.rule != RULE or line.gain is None or line.gain <= ZERO:
            continue
        rule = rules.on(RULE, line.date)
        others = rules.find("FII-DIST-CODE", line.date)
        code = choice if choice != "auto" else others.text("code") if others else ""
        terms = {"asset": line.asset, "date": line.date.isoformat()}
        part = Part(KIND, ZERO, rule.id, rule.law, line.refs, terms)
        found.append(
            SourceTax(KIND, line.asset, line.date, line.gain, ZERO, ZERO, ZERO, code, part)
        )
    return found
