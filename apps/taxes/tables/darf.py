"""A payment form as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.taxes.tables.base import Sheet


def darf_sheets(form: Mapping[str, Any]) -> list[Sheet]:
    """A payment form as its fields, and what was already paid."""
    charges = form["charges"]
    fields = [
        [_("Período de apuração"), form["period"]],
        [_("Código da receita"), form["code"]],
        [_("Data de vencimento"), form["due_date"]],
    ]
    if charges is not None:
        fields += [
            [_("Pagamento em"), charges.on],
            [_("Valor do principal"), charges.principal],
            [_("Multa"), charges.fine],
            [_("Juros"), charges.interest],
            [_("Valor total"), charges.total],
        ]
    else:
        fields += [[_("Valor do principal"), form["amount"]], [_("Pago"), form["paid"]]]
    note = ""
    if charges is not None and charges.missing:
        months = ", ".join(f"{month:%m/%Y}" for month in charges.missing)
        note = _("Juros incompletos: falta a Selic de %(months)s.") % {"months": months}
    sheets = [Sheet(_("Campos"), [_("Campo"), _("Valor")], fields, note)]
    if form["payments"]:
        paid = [[row.trade_date, row.amount] for row in form["payments"]]
        sheets.append(Sheet(_("Já pago"), [_("Data"), _("Valor")], paid))
    return sheets
