"""What a Holder brings from before the ledger, read from its file."""

from __future__ import annotations

import pytest

from apps.engine.taxes.opening import OpeningError, opening_from_json
from apps.engine.tests.support import D


def test_losses_and_withholding_by_bucket() -> None:
    found = opening_from_json(
        '{"date": "2025-12-31", "losses": {"common": "12.5", "abroad": 3}, "withheld": {"fii": 1}}'
    )
    assert found.losses == {"common": D("12.5"), "abroad": D(3)}
    assert found.withheld == {"fii": D(1)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "not an object"),
        ('{"losses": {"shares": 5}}', "losses of an unknown bucket: 'shares'"),
        ('{"withheld": {"": 5}}', "withheld of an unknown bucket: ''"),
        ('{"losses": {"common": -5}}', "losses common is below zero: -5"),
        ('{"date": "31/12/2025"}', "not an ISO date: '31/12/2025'"),
        ('{"costs": [{"asset": "X", "cost": 1}]}', "costs need the date they were held on"),
    ],
)
def test_an_opening_nobody_can_read_says_why(text: str, told: str) -> None:
    with pytest.raises(OpeningError, match="^" + told.replace("[", r"\[") + "$"):
        opening_from_json(text)
