"""What the person says about lines, proposals and columns."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Mapping as MappingABC
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import AssetClass
from apps.brokers.selectors import account_get
from apps.common.errors import Conflict, DomainError, Invalid
from apps.imports.formats import Format, Mapping
from apps.imports.models import Batch, ColumnMapping, Line
from apps.imports.planning import Plan, plan_lines
from apps.imports.planning.model import IGNORE
from apps.imports.selectors import lines_alike
from apps.imports.services.intake import queue
from apps.imports.services.lines import access_of, lines_update, outcomes_of, task_of
from apps.imports.services.waiting import waiting_for
from apps.ledger.models import Kind

logger = logging.getLogger(__name__)
MAX_WAITING = 24
# What the ledger calls assets, a decision names by their codes.
_FORM_NAMES = {"asset": "ticker", "to_asset": "to_ticker"}
FIELDS = (
    "ticker",
    "to_ticker",
    "trade_date",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "ratio",
    "cost_share",
)


def _locked(access: Access, batch: Batch) -> Batch:
    access.require_editor()
    found = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("user", "holder", "account__institution", "account__holder")
        .defer("file")
        .get(pk=batch.pk, workspace=access.workspace)
    )
    if found.status != Batch.Status.PARSED:
        raise Conflict("not_parsed", _("Esta importação não está aguardando revisão."))
    return found


def replan(*, access: Access, batch: Batch) -> Plan:
    """Plan a batch again over its stored lines; the caller holds its lock."""
    lines = list(Line.objects.filter(batch=batch).order_by("sheet", "number"))
    plan, _planner = plan_lines(task_of(batch=batch, access=access), outcomes_of(lines))
    lines_update(lines, plan.outcomes)
    batch.counts = plan.counts()
    batch.proposals = {**batch.proposals, **plan.proposals}
    fields = ["counts", "proposals", "updated_at"]
    if str(batch.error.get("code", "")).startswith("waits_"):
        batch.error = waiting_for(plan=plan, meta=batch.proposals.get("meta") or {})
        fields.append("error")
    batch.save(update_fields=fields)
    return plan


@transaction.atomic
def _replan_waiting(batch_id: uuid.UUID) -> None:
    batch = (
        Batch.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("user", "holder", "account__institution", "account__holder")
        .defer("file")
        .filter(pk=batch_id, status=Batch.Status.PARSED)
        .first()
    )
    if batch is not None:
        replan(access=access_of(batch), batch=batch)


def batches_replan(*, workspace_id: uuid.UUID) -> int:
    """Plan again the files that await review, since the ledger they were seen against changed: a
    Movimentação read before its Negociação was applied lacked the holdings of its events."""
    waiting = Batch.objects.filter(
        workspace_id=workspace_id, status=Batch.Status.PARSED, counts__total__gt=0
    ).exclude(format=Format.B3_POSICAO)
    found = list(waiting.order_by("created_at").values_list("pk", flat=True)[:MAX_WAITING])
    for batch_id in found:
        try:
            _replan_waiting(batch_id)
        except DomainError:
            # Whoever handed it in may no longer write here; the batch stays as it was seen.
            logger.info("batch %s was not planned again", batch_id)
    return len(found)


@transaction.atomic
def line_decide(
    *,
    access: Access,
    batch: Batch,
    line: Line,
    kind: str,
    values: MappingABC[str, Any],
    alike: bool = False,
) -> Line:
    """Say what a line was: a kind with its fields, or ``ignore``; with ``alike`` the undecided
    lines of the same movement get the kind too, each with its own figures. The whole file is
    planned again, since later rows may follow from it. Raises :class:`Invalid` when the row still
    could not be recorded."""
    current = _locked(access, batch)
    if kind != IGNORE and kind not in Kind.values:
        raise Invalid("unknown_kind", _("Tipo de lançamento desconhecido."), field="kind")
    decision: dict[str, Any] = {"kind": kind}
    if kind != IGNORE:
        decision |= {name: _json(values[name]) for name in FIELDS if name in values}
    Line.objects.filter(pk=line.pk, batch=current).update(decision=decision)
    if alike:
        lines_alike(batch=current, line=line).update(decision={"kind": kind})
    replan(access=access, batch=current)
    line.refresh_from_db()
    if line.state == Line.State.DECIDE:
        why = line.params.get("why") or _("Complete os campos desta linha.")
        field = line.params.get("field") or "kind"
        raise Invalid("cannot_record", why, field=_FORM_NAMES.get(field, field))
    return line


@transaction.atomic
def line_reopen(*, access: Access, batch: Batch, line: Line) -> Line:
    """Take a decision back."""
    current = _locked(access, batch)
    Line.objects.filter(pk=line.pk, batch=current).update(decision={})
    replan(access=access, batch=current)
    line.refresh_from_db()
    return line


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is not None else ""


@transaction.atomic
def proposals_answer(
    *,
    access: Access,
    batch: Batch,
    institutions: MappingABC[str, str],
    assets: MappingABC[str, str],
) -> Batch:
    """Answer proposals: for an institution's name the id of an account (or ``create``), for a
    code the class its asset gets."""
    current = _locked(access, batch)
    answered = current.proposals.get("answered", {})
    chosen = dict(answered.get("institutions", {}))
    for key, choice in institutions.items():
        if key not in current.proposals.get("institutions", {}):
            continue
        if choice and choice != "create":
            choice = str(account_get(access=access, account_id=choice).pk)
        chosen[key] = {"choice": choice}
    classes = dict(answered.get("assets", {}))
    for code, asset_class in assets.items():
        if code not in current.proposals.get("assets", {}):
            continue
        if asset_class not in AssetClass.values:
            raise Invalid("unknown_class", _("Escolha a classe do ativo."), field=code)
        classes[code] = {**classes.get(code, {}), "asset_class": asset_class}
    current.proposals["answered"] = {"institutions": chosen, "assets": classes}
    replan(access=access, batch=current)
    return current


@transaction.atomic
def mapping_set(*, access: Access, batch: Batch, mapping: Mapping, save_as: str = "") -> Batch:
    """Say what the columns of a CSV are, and read it again; with a name the mapping is kept for
    the next file with the same header."""
    current = _locked(access, batch)
    meta = current.proposals.get("meta") or {}
    if "fingerprint" not in meta:
        raise Conflict("not_generic", _("Este arquivo não precisa de mapa de colunas."))
    if save_as:
        ColumnMapping.objects.update_or_create(
            workspace=access.workspace,
            header_fingerprint=meta["fingerprint"],
            defaults={"name": save_as[:80], "mapping": mapping.to_dict()},
        )
    Batch.objects.filter(pk=current.pk).update(
        status=Batch.Status.PENDING, mapping=mapping.to_dict(), counts={}
    )
    current.status = Batch.Status.PENDING
    queue(current.pk, "parse")
    return current
