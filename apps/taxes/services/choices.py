"""What a holder says of their taxes: choices where the law is open, and what came before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_get
from apps.common.errors import FieldError, Invalid
from apps.engine.taxes.settings import SettingError, TaxSettings
from apps.ledger.models import LOSS_BUCKETS
from apps.taxes.choices import as_text, parsed
from apps.taxes.models import HolderTaxSettings, TaxOpening, TaxOpeningItem
from apps.taxes.services.stale import taxes_changed

_MAX = Decimal(10) ** 15


@transaction.atomic
def settings_update(*, access: Access, holder: Holder, values: Mapping[str, Any]) -> TaxSettings:
    """Changes some of the holder's choices; ``None`` (or an empty text) goes back to the default.

    Raises :class:`Invalid` naming each unknown or impossible choice.
    """
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    row, _made = HolderTaxSettings.objects.select_for_update().get_or_create(holder=holder)
    chosen = dict(row.values)
    errors: list[FieldError] = []
    for name, value in values.items():
        if value is None or value == "":
            chosen.pop(name, None)
            continue
        text = as_text(value)
        try:
            taken = getattr(TaxSettings().having([(name, text)]), name)
            if isinstance(taken, Decimal) and not 0 <= taken < _MAX:
                raise SettingError(name)
        except (SettingError, InvalidOperation):
            errors.append(FieldError(name, "invalid_choice", _("Escolha desconhecida.")))
        chosen[name] = text
    if errors:
        raise Invalid("invalid", _("Há escolhas a corrigir."), errors=errors)
    usual = TaxSettings()
    asked = usual.having(chosen.items())
    row.values = {
        name: text for name, text in chosen.items() if getattr(asked, name) != getattr(usual, name)
    }
    row.save()
    taxes_changed(workspace_id=access.workspace.pk)
    return parsed(row.values)


@transaction.atomic
def opening_set(
    *,
    access: Access,
    holder: Holder,
    date: dt.date,
    darf: Decimal = Decimal(0),
    losses: Mapping[str, Decimal] | None = None,
    withheld: Mapping[str, Decimal] | None = None,
) -> TaxOpening:
    """Records what the holder brings from before ``date``, in place of what was said before.

    ``losses`` and ``withheld`` are positive, by bucket. Raises :class:`Invalid`.
    """
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    losses, withheld = dict(losses or {}), dict(withheld or {})
    errors = list(_wrong("losses", losses)) + list(_wrong("withheld", withheld))
    errors += list(_wrong("darf", {"": darf}))
    if date.year < 1995:
        errors.append(FieldError("date", "too_early", _("Use uma data a partir de 1995.")))
    if errors:
        raise Invalid("invalid", _("Há campos a corrigir na abertura."), errors=errors)
    opening, _made = TaxOpening.objects.update_or_create(
        holder=holder, defaults={"date": date, "darf": darf}
    )
    opening.items.all().delete()
    TaxOpeningItem.objects.bulk_create(
        TaxOpeningItem(
            opening=opening,
            bucket=bucket,
            loss=losses.get(bucket, Decimal(0)),
            withheld=withheld.get(bucket, Decimal(0)),
        )
        for bucket in LOSS_BUCKETS
        if losses.get(bucket) or withheld.get(bucket)
    )
    taxes_changed(workspace_id=access.workspace.pk)
    return opening


@transaction.atomic
def opening_delete(*, access: Access, holder: Holder) -> None:
    """Forgets what was said of the time before: everything is then in the ledger."""
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    TaxOpening.objects.filter(holder=holder).delete()
    taxes_changed(workspace_id=access.workspace.pk)


def _wrong(field: str, values: Mapping[str, Decimal]) -> list[FieldError]:
    errors = []
    for bucket, value in values.items():
        name = f"{field}.{bucket}" if bucket else field
        if bucket and bucket not in LOSS_BUCKETS:
            errors.append(FieldError(name, "unknown_bucket", _("Grupo fiscal desconhecido.")))
        elif not value.is_finite() or not 0 <= value < _MAX:
            errors.append(FieldError(name, "out_of_range", _("Use um valor a partir de zero.")))
    return errors
