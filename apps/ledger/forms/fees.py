"""A brokerage note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledger.forms.fields import NumberField
from apps.ledger.models import Transaction


class NoteForm(forms.Form):
    """What a note says, and which of the day's trades are its own."""

    number = forms.CharField(
        label=_("Número da nota"),
        required=False,
        max_length=40,
        help_text=_("Dispensável quando há uma só nota no dia."),
    )
    fees = NumberField(
        label=_("Total das taxas"),
        places=2,
        help_text=_("Corretagem, emolumentos, liquidação e ISS: tudo, menos o IRRF."),
    )
    irrf = NumberField(
        label=_("IRRF"),
        required=False,
        places=2,
        help_text=_("Em branco: não se sabe. Vai para as vendas."),
    )
    trades = forms.MultipleChoiceField(
        label=_("Negócios desta nota"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, rows: Sequence[Transaction], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        choices = [(str(row.pk), str(row.pk)) for row in rows]
        self.fields["trades"].choices = choices  # type: ignore[attr-defined]

    def ticked(self) -> list[str]:
        """The ids ticked as the form stands."""
        return [str(key) for key in self["trades"].value() or []]

    def clean(self) -> dict[str, Any]:
        """Fees and tax are never negative."""
        values = super().clean() or {}
        for name in ("fees", "irrf"):
            value = values.get(name)
            if value is not None and value < 0:
                self.add_error(name, _("Não pode ser negativo."))
        return values
