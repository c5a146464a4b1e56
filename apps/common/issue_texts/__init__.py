"""What each issue code means to a person: its name, what it leaves open, what to do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.issue_texts.ledger import LEDGER
from apps.common.issue_texts.model import IssueText
from apps.common.issue_texts.returns import RETURNS
from apps.common.issue_texts.taxes import TAXES

__all__ = ["TEXTS", "IssueText", "issue_text"]

TEXTS: dict[str, IssueText] = {**LEDGER, **TAXES, **RETURNS}
_OTHER = IssueText(
    _("Algo a conferir"),
    _("Um número pode estar incompleto."),
    _("Abra o lançamento e confira os seus campos."),
)


def issue_text(code: str) -> IssueText:
    """The words for an issue; a code without words of its own still gets some."""
    return TEXTS.get(code, _OTHER)
