"""The words of an issue."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class IssueText:
    """``mend`` says where it is put right: the row, the fees, the opening, the price, an import."""

    title: Text
    effect: Text
    remedy: Text
    mend: str = "row"
