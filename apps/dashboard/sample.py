"""The worked example of the front door: a true sum of invented trades."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line of the trail: what it did to quantity and cost."""

    day: dt.date
    text: Any
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Sample:
    """A position and the lines that made it."""

    lines: tuple[SampleLine, ...]

    @property
    def quantity(self) -> Decimal:
        """What is held in the end."""
        return sum((line.quantity for line in self.lines), Decimal(0))

    @property
    def cost(self) -> Decimal:
        """What it cost."""
        return sum((line.cost for line in self.lines), Decimal(0))

    @property
    def average(self) -> Decimal:
        """Cost of one share."""
        return self.cost / self.quantity


SAMPLE = Sample(
    (
        SampleLine(
            dt.date(2024, 3, 12), _("compra a 27,50, com taxas"), Decimal(200), Decimal("5501.62")
        ),
        SampleLine(
            dt.date(2024, 9, 5), _("compra a 34,90, com taxas"), Decimal(100), Decimal("3491.03")
        ),
        # A sale leaves at the average so far: 100 x (5,501.62 + 3,491.03) / 300 = 2,997.55.
        SampleLine(
            dt.date(2025, 2, 18), _("venda, sai pelo médio"), Decimal(-100), Decimal("-2997.55")
        ),
        # 10 % bonus on 200 shares at the cost the company declared, 18.90 each.
        SampleLine(
            dt.date(2025, 3, 20), _("bonificação de 10 %, a 18,90"), Decimal(20), Decimal("378.00")
        ),
    )
)
