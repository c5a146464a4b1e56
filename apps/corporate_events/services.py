"""Writes of corporate events a workspace records for itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.accounts.services import workspace_touch
from apps.assets.models import Asset
from apps.common.errors import Invalid
from apps.corporate_events.models import CorporateEvent, EventKind
from apps.corporate_events.signals import events_changed

_NEED_RATIO = {EventKind.SPLIT, EventKind.BONUS, EventKind.SPIN_OFF, EventKind.MERGER}
_NEED_TARGET = {EventKind.SPIN_OFF, EventKind.MERGER, EventKind.RENAME}


@transaction.atomic
def event_record(
    *,
    access: Access,
    asset: Asset,
    kind: str,
    ex_date: dt.date,
    ratio: Decimal | None = None,
    unit_amount: Decimal | None = None,
    to_asset: Asset | None = None,
    cost_share: Decimal | None = None,
    source: str = "",
) -> CorporateEvent:
    """Records or replaces the workspace's own event; figures are rebuilt from its ex-date."""
    access.require_editor()
    if kind not in EventKind.values:
        raise Invalid("unknown_kind", _("Tipo de evento desconhecido."), field="kind")
    if kind in _NEED_RATIO and (ratio is None or ratio <= 0):
        raise Invalid("required", _("Informe a proporção do evento."), field="ratio")
    if kind in _NEED_TARGET and to_asset is None:
        raise Invalid("required", _("Informe o ativo recebido."), field="to_asset")
    for field, named in (("asset", asset), ("to_asset", to_asset)):
        if named is not None and named.workspace_id not in (None, access.workspace.pk):
            raise Invalid("not_found", _("Não encontramos este ativo."), field=field)
    event, _created = CorporateEvent.objects.update_or_create(
        workspace=access.workspace,
        asset=asset,
        kind=kind,
        ex_date=ex_date,
        defaults={
            "ratio": ratio,
            "unit_amount": unit_amount,
            "to_asset": to_asset,
            "cost_share": cost_share,
            "source": source,
        },
    )
    _changed(access, ex_date)
    return event


@transaction.atomic
def event_delete(*, access: Access, event: CorporateEvent) -> None:
    """Removes one of the workspace's own events."""
    access.require_editor()
    if event.workspace_id != access.workspace.pk:
        raise Invalid("shared_event", _("Este evento é da instalação."))
    ex_date = event.ex_date
    event.delete()
    _changed(access, ex_date)


def _changed(access: Access, since: dt.date) -> None:
    workspace_id = access.workspace.pk
    workspace_touch(workspace_id=workspace_id, since=since)
    transaction.on_commit(
        lambda: events_changed.send(sender=CorporateEvent, workspace_id=workspace_id),
        # A broker that is away must not undo what is already recorded: the sweep catches up.
        robust=True,
    )


@transaction.atomic
def shared_events_changed(*, asset_ids: Iterable[uuid.UUID], since: dt.date) -> int:
    """Makes stale every workspace that ever recorded one of the assets; tells how many.

    For an administrator's edit of the installation's events, which belong to no workspace.
    """
    holders = Workspace.objects.filter(transactions__asset_id__in=set(asset_ids)).distinct()
    ids = list(holders.values_list("pk", flat=True))
    for workspace_id in ids:
        workspace_touch(workspace_id=workspace_id, since=since)
        transaction.on_commit(
            partial(events_changed.send, sender=CorporateEvent, workspace_id=workspace_id)
        )
    return len(ids)
