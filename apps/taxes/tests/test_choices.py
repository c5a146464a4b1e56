"""Choices where the law is open, and what came before."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from decimal import Decimal as D

import pytest

from apps.common.errors import Forbidden, Invalid, NotFound
from apps.engine.taxes.settings import TaxSettings
from apps.taxes.choices import GROUPS, TEXTS
from apps.taxes.models import HolderTaxSettings
from apps.taxes.selectors import opening_of, settings_described, settings_of, year_overview
from apps.taxes.services import opening_delete, opening_set, settings_update, workspace_assess
from apps.taxes.tests.support import above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_every_choice_of_the_engine_has_words() -> None:
    assert {field.name for field in fields(TaxSettings)} == set(TEXTS)
    assert {text.group for text in TEXTS.values()} <= set(GROUPS)


def test_only_what_differs_is_kept() -> None:
    tax = make_tax()
    who = {"access": tax.access, "holder": tax.holder}
    settings_update(**who, values={"estimate_irrf": True, "abroad_cost": "average"})
    assert HolderTaxSettings.objects.get().values == {"estimate_irrf": "true"}
    assert settings_of(**who).estimate_irrf
    settings_update(**who, values={"estimate_irrf": None})
    assert HolderTaxSettings.objects.get().values == {}
    line = next(c for c in settings_described(**who) if c["name"] == "daytrade_matching")
    assert (line["value"], line["changed"]) == ("auto", False)
    assert [o["value"] for o in line["options"]] == ["auto", "fifo", "average"]


@pytest.mark.parametrize(
    "values",
    [
        {"nada": "1"},
        {"abroad_cost": "lifo"},
        {"units_exempt": 3},
        {"other_tax": "NaN"},
        {"other_tax": -1},
    ],
)
def test_unknown_choices_are_named(values: dict[str, object]) -> None:
    tax = make_tax()
    with pytest.raises(Invalid) as caught:
        settings_update(access=tax.access, holder=tax.holder, values=values)
    assert [error.field for error in caught.value.errors] == list(values)
    assert not HolderTaxSettings.objects.exists()


def test_an_opening_brings_losses_and_a_small_darf() -> None:
    """Gain 10,000 - 4,000 of loss = 6,000 x 15 % = 900.00; less IRRF 1.50 and 100 of before, plus
    the R$ 8.00 carried: 806.50."""
    tax = make_tax()
    above_the_limit(tax)
    who = {"access": tax.access, "holder": tax.holder}
    opening_set(
        **who,
        date=dt.date(2024, 1, 31),
        darf=D(8),
        losses={"common": D(4000)},
        withheld={"common": D(100)},
    )
    tax.assess()
    shown = year_overview(**who, year=2024, today=dt.date(2024, 4, 1))
    march = shown["months"][2]
    assert march["tax_due"] == 900
    assert march["darf"]["amount"] == D("806.5")
    assert opening_of(**who)["losses"]["common"] == 4000
    opening_delete(**who)
    assert opening_of(**who) is None
    workspace_assess(workspace_id=tax.workspace.pk)
    assert year_overview(**who, year=2024)["months"][2]["tax_due"] == 1500


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"losses": {"common": D(-1)}}, "losses.common"),
        ({"losses": {"nada": D(1)}}, "losses.nada"),
        ({"withheld": {"fii": D("NaN")}}, "withheld.fii"),
        ({"darf": D(-1)}, "darf"),
        ({"date": dt.date(1900, 1, 1)}, "date"),
    ],
)
def test_wrong_openings_are_named(values: dict[str, object], field: str) -> None:
    tax = make_tax()
    with pytest.raises(Invalid) as caught:
        opening_set(
            access=tax.access, holder=tax.holder, **{"date": dt.date(2023, 12, 31), **values}
        )
    assert [error.field for error in caught.value.errors] == [field]


def test_viewers_and_strangers() -> None:
    tax = make_tax()
    viewer, stranger = make.make_access(tax.workspace, "viewer"), make.make_access()
    for access, error in ((viewer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            settings_update(access=access, holder=tax.holder, values={})
        with pytest.raises(error):
            opening_set(access=access, holder=tax.holder, date=dt.date(2023, 12, 31))
        with pytest.raises(error):
            opening_delete(access=access, holder=tax.holder)
    assert opening_of(access=viewer, holder=tax.holder) is None
    with pytest.raises(NotFound):
        settings_of(access=stranger, holder=tax.holder)
