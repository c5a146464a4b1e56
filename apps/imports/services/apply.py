"""Recording a batch: claimed once, written in one transaction, safe to repeat."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder, Workspace
from apps.accounts.services import holder_create, task_run_finish, task_run_start
from apps.assets.models import Asset
from apps.assets.services import asset_create, assets_create
from apps.brokers.models import Account, Institution
from apps.brokers.services import account_create, institution_create
from apps.common.errors import Conflict, DomainError
from apps.imports.formats import Format, FormatError
from apps.imports.models import Batch, Line
from apps.imports.planning import Plan, plan_lines
from apps.imports.planning.model import Outcome
from apps.imports.planning.places import account_name
from apps.imports.planning.plan import Planner
from apps.imports.services.intake import queue
from apps.imports.services.lines import (
    access_of,
    lines_applied,
    lines_update,
    outcomes_of,
    task_of,
)
from apps.imports.services.progress import advance
from apps.imports.services.waiting import classes_wanted
from apps.ledger.services import TransactionInput, transactions_record_bulk

logger = logging.getLogger(__name__)
STEPS = 4


class _NotReady(Exception):
    """The ledger changed since the preview: lines wait for the person again."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


@transaction.atomic
def batch_apply(*, access: Access, batch: Batch, queued: bool = True) -> Batch:
    """Claim a reviewed batch and queue its recording. Raises :class:`Conflict` for one that is
    not ready: undecided lines, proposals without an answer, a dry run, a position."""
    access.require_editor()
    current = Batch.objects.select_for_update().get(pk=batch.pk, workspace=access.workspace)
    _check_ready(current)
    claimed = Batch.objects.filter(pk=batch.pk, status=Batch.Status.PARSED).update(
        status=Batch.Status.APPLYING, error={}, updated_at=timezone.now()
    )
    if not claimed:
        raise Conflict("not_parsed", _("Esta importação não está aguardando revisão."))
    current.task_run = task_run_start(
        workspace_id=access.workspace.pk,
        user_id=access.user.pk,
        kind="import_apply",
        title=_t("Importação de %(file)s") % {"file": current.file_name},
        total=STEPS,
        link=_link(current),
    )
    Batch.objects.filter(pk=batch.pk).update(task_run=current.task_run)
    current.status = Batch.Status.APPLYING
    if queued:
        queue(batch.pk, "apply")
    return current


def _link(batch: Batch) -> str:
    from django.urls import reverse

    return reverse("imports:batch", args=[batch.workspace_id, batch.pk])


def _check_ready(batch: Batch) -> None:
    if batch.status != Batch.Status.PARSED:
        raise Conflict("not_parsed", _("Esta importação não está aguardando revisão."))
    if batch.dry_run:
        raise Conflict("dry_run", _("Este arquivo foi enviado só para conferir."))
    if batch.format == Format.B3_POSICAO:
        raise Conflict(
            "position_file", _("Um arquivo de posição serve à conciliação e não é lançado.")
        )
    if (batch.proposals.get("meta") or {}).get("lacks"):
        raise Conflict("mapping_needed", _("Diga antes o que é cada coluna do arquivo."))
    if batch.counts.get("decide"):
        raise Conflict("undecided", _("Ainda há linhas que precisam de decisão."))
    if batch.counts.get("unsettled"):
        assets = (batch.proposals.get("assets") or {}).values()
        codes = [part["ticker"] for part in assets if part["unsettled"]]
        wanted = classes_wanted(codes=codes)["params"] if codes else {}
        error = FormatError("waits_classes" if codes else "waits_answers", **wanted)
        raise Conflict("unsettled", error.message)


def batch_apply_run(*, batch_id: uuid.UUID) -> bool:
    """Record a claimed batch; answers whether it did. A batch that is not being applied is left
    alone, so a message that comes twice, or again after a crash, records nothing twice."""
    try:
        return _run(batch_id)
    except _NotReady as error:
        _give_back(batch_id, error.plan, {"code": "changed_meanwhile"})
    except DomainError as error:
        detail = {"code": error.code, "message": str(error.message)}
        _give_back(batch_id, None, detail)
    except OperationalError:
        raise  # the database is away: the task is tried again
    except Exception:
        _give_back(batch_id, None, FormatError("unexpected").to_dict())
        raise
    return False


@transaction.atomic
def _run(batch_id: uuid.UUID) -> bool:
    batch = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("user", "holder", "account__institution", "account__holder")
        .defer("file")
        .filter(pk=batch_id, status=Batch.Status.APPLYING)
        .first()
    )
    if batch is None:
        return False
    access = access_of(batch)
    # Files of one workspace take turns: each must see the rows of the one before.
    Workspace.objects.select_for_update().only("pk").get(pk=batch.workspace_id)
    advance(batch.task_run_id, 0, STEPS)
    lines = list(Line.objects.filter(batch=batch).defer("raw").order_by("sheet", "number"))
    outcomes = outcomes_of(lines)
    plan, planner = plan_lines(replace(task_of(batch=batch, access=access), checked=True), outcomes)
    if plan.undecided or plan.unsettled:
        raise _NotReady(plan)
    advance(batch.task_run_id, 1, STEPS)
    made = _make_proposed(access, planner)
    for outcome in outcomes:
        # The scope of a holder who was only proposed holds no id that lasts.
        if outcome.account is not None and outcome.account.pk in made:
            outcome.scope = planner.places.scope_of(made[outcome.account.pk])
    advance(batch.task_run_id, 2, STEPS)
    lines_update(lines, outcomes)
    recorded = _record(access, batch, outcomes, made)
    advance(batch.task_run_id, 3, STEPS)
    counts: dict[str, Any] = plan.counts()
    counts["applied"], counts["new"] = recorded, 0
    batch.status, batch.counts, batch.file = Batch.Status.APPLIED, counts, None
    batch.applied_at = timezone.now()
    batch.save(update_fields=["status", "counts", "file", "applied_at", "updated_at"])
    if batch.task_run_id is not None:
        task_run_finish(
            task_run_id=batch.task_run_id,
            message=_t("%(applied)s lançadas, %(duplicate)s já estavam lançadas.") % counts,
        )
    return True


_Made = dict[uuid.UUID, Any]


def _make_proposed(access: Access, planner: Planner) -> _Made:
    """Make the holders, accounts, institutions and assets the file needs; answers them by the id
    of the unsaved object that stood for each."""
    made: _Made = {}
    for unsaved in planner.places.proposed.values():
        made[unsaved.pk] = account_create(
            access=access,
            institution=_institution(access, unsaved.institution, made),
            holder=_holder(access, unsaved.holder, made),
            name=_free_name(access, unsaved),
            currency=unsaved.currency,
        )
    catalogue = planner.catalogue
    plain = [
        asset
        for asset in catalogue.proposed
        if asset.underlying is None and catalogue.terms_of(asset) is None
    ]
    saved = assets_create(access=access, given=[_given(asset, made) for asset in plain])
    made.update(zip((asset.pk for asset in plain), saved, strict=True))
    for asset in catalogue.proposed:
        if asset.pk not in made:
            terms = catalogue.terms_of(asset)
            made[asset.pk] = asset_create(access=access, **_given(asset, made), terms=terms)
    return made


def _institution(access: Access, institution: Institution, made: _Made) -> Institution:
    if institution._state.adding and institution.pk not in made:
        made[institution.pk] = institution_create(access=access, name=institution.name)
    found: Institution = made.get(institution.pk, institution)
    return found


def _holder(access: Access, holder: Holder, made: _Made) -> Holder:
    if holder._state.adding and holder.pk not in made:
        made[holder.pk] = holder_create(access=access, name=holder.name)
    found: Holder = made.get(holder.pk, holder)
    return found


def _free_name(access: Access, account: Account) -> str:
    """The account's name, told apart by its holder where another already has it."""
    name = account.name[:80]
    if not Account.objects.filter(workspace=access.workspace, name=name).exists():
        return name
    return account_name(name, account.holder)


_SAID = (
    *("ticker", "asset_class", "name", "market", "currency", "isin", "cnpj", "sector", "country"),
    *("issuer", "quote_symbol", "option_type", "strike", "expiry", "multiplier"),
    *("tax_class", "term_days"),
)


def _given(asset: Asset, made: _Made) -> dict[str, Any]:
    """What a proposed asset says, with a saved underlying."""
    underlying = asset.underlying
    saved = made.get(underlying.pk, underlying) if underlying is not None else None
    return {**{name: getattr(asset, name) for name in _SAID}, "underlying": saved}


def _record(access: Access, batch: Batch, outcomes: list[Outcome], made: _Made) -> int:
    rows = [(o, o.data) for o in outcomes if o.data is not None and o.state == Line.State.NEW]
    # Within a day the ledger keeps the order of recording, and B3 prints the newest first.
    rows.sort(key=lambda pair: (pair[1].trade_date, pair[0].line.sheet, pair[0].line.number))
    inputs = [_stored(data, made) for _outcome, data in rows]
    ids = transactions_record_bulk(access=access, inputs=inputs, batch_id=batch.pk)
    lines_applied(
        [
            (outcome.key, str(row_id))
            for (outcome, _data), row_id in zip(rows, ids, strict=True)
            if outcome.key is not None
        ]
    )
    return len(ids)


def _stored(data: TransactionInput, made: _Made) -> TransactionInput:
    """The row with saved objects in the place of proposed ones."""
    asset = made.get(data.asset.pk, data.asset) if data.asset is not None else None
    target = made.get(data.to_asset.pk, data.to_asset) if data.to_asset is not None else None
    account = made.get(data.account.pk, data.account)
    if asset is data.asset and target is data.to_asset and account is data.account:
        return data
    return replace(data, asset=asset, to_asset=target, account=account)


def _give_back(batch_id: uuid.UUID, plan: Plan | None, error: dict[str, Any]) -> None:
    """Return a batch to its review, with the plan as it stands now."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().defer("file").get(pk=batch_id)
        if batch.status != Batch.Status.APPLYING:
            return
        batch.status, batch.error = Batch.Status.PARSED, error
        fields = ["status", "error", "updated_at"]
        if plan is not None:
            lines = list(Line.objects.filter(batch=batch).order_by("sheet", "number"))
            lines_update(lines, plan.outcomes)
            batch.counts = plan.counts()
            batch.proposals = {**batch.proposals, **plan.proposals}
            fields += ["counts", "proposals"]
        batch.save(update_fields=fields)
    if batch.task_run_id is not None:
        task_run_finish(
            task_run_id=batch.task_run_id,
            message=error.get("message") or _t("Os lançamentos mudaram: confira de novo."),
            failed=True,
        )
