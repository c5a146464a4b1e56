"""Typed prices: who may, which are refused, who sees them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from apps.common.errors import Forbidden, Invalid, NotFound
from apps.market_data.models import Price
from apps.market_data.services import price_delete_manual, price_record_manual
from testing import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 1, 5)


def record(access: Any, asset: Any, **changes: Any) -> Price:
    values = {"date": DAY, "price": D("10.5")} | changes
    return price_record_manual(access=access, asset=asset, **values)


def test_again_replaces() -> None:
    access, asset = make.make_access(), make.make_asset()
    first = record(access, asset)
    second = record(access, asset.pk, price=D("11"))
    assert first.pk == second.pk
    assert Price.objects.get().close == 11


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "1E-11", "1E15"])
def test_not_a_price(price: str) -> None:
    with pytest.raises(Invalid) as caught:
        record(make.make_access(), make.make_asset(), price=D(price))
    assert caught.value.errors[0].field == "price"


def test_not_a_day_to_come() -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(Invalid):
        record(make.make_access(), make.make_asset(), date=tomorrow)


def test_a_viewer_may_not() -> None:
    access = make.make_access(role="viewer")
    with pytest.raises(Forbidden):
        record(access, make.make_asset())
    with pytest.raises(Forbidden):
        price_delete_manual(access=access, price_id=1)


def test_not_for_an_asset_of_another_workspace() -> None:
    theirs = make.make_asset(workspace=make.make_workspace())
    with pytest.raises(NotFound):
        record(make.make_access(), theirs)


def test_deleting_takes_only_ones_own() -> None:
    owner, stranger = make.make_access(), make.make_access()
    row = record(owner, make.make_asset())
    shared = make.make_price(make.make_asset(), "2024-01-02", 10)
    for access, key in ((stranger, row.pk), (owner, shared.pk)):
        with pytest.raises(NotFound):
            price_delete_manual(access=access, price_id=key)
    price_delete_manual(access=owner, price_id=row.pk)
    assert not Price.objects.filter(pk=row.pk).exists()
