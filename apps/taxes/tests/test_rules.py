"""The law as rows: seeded again and again, edited once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.engine.taxes.rules import RuleBook
from apps.taxes.law import rule_book
from apps.taxes.models import TaxRule
from apps.taxes.seeds import seed_rules
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_seeding_is_idempotent_and_gives_the_shipped_law() -> None:
    shipped = RuleBook.shipped().rules()
    assert seed_rules().created == len(shipped)
    again = seed_rules()
    assert (again.created, again.updated) == (0, 0)
    assert {(r.id, r.start, r.end, r.law) for r in rule_book().rules()} == {
        (r.id, r.start, r.end, r.law) for r in shipped
    }
    day = dt.date(2024, 5, 1)
    assert rule_book().on("VAR-15", day).decimal("rate") == RuleBook.shipped().on(
        "VAR-15", day
    ).decimal("rate")


def test_a_row_that_the_program_changed_follows_it() -> None:
    seed_rules()
    TaxRule.objects.filter(rule_id="VAR-15").update(law="antiga")
    assert seed_rules().updated == 1
    assert TaxRule.objects.get(rule_id="VAR-15").law.startswith("Lei 11.033")


def test_what_an_administrator_changed_is_never_overwritten() -> None:
    seed_rules()
    row = TaxRule.objects.get(rule_id="VAR-15")
    row.value, row.edited = {"rate": "0.175"}, True
    row.valid_from = dt.date(2006, 1, 1)
    row.save()
    seeded = seed_rules()
    assert (seeded.created, seeded.updated) == (0, 0)
    row.refresh_from_db()
    assert row.value == {"rate": "0.175"}
    assert row.valid_from == dt.date(2006, 1, 1)


def test_days_covered_by_an_administrators_own_row_are_left_to_it() -> None:
    TaxRule.objects.create(rule_id="VAR-15", valid_from="2000-01-01", value={"rate": "0.1"})
    seed_rules()
    assert TaxRule.objects.get(rule_id="VAR-15").value == {"rate": "0.1"}


@pytest.mark.parametrize(
    ("start", "end"), [("2005-01-01", None), ("2010-01-01", "2010-12-31"), ("2000-01-01", None)]
)
def test_days_of_a_rule_do_not_overlap(start: str, end: str | None) -> None:
    TaxRule.objects.create(rule_id="VAR-15", valid_from="2005-01-01")
    TaxRule.objects.create(rule_id="VAR-150", valid_from="2005-01-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRule.objects.create(rule_id="VAR-15", valid_from=start, valid_to=end)
    TaxRule.objects.filter(rule_id="VAR-15").update(valid_to="2009-12-31")
    TaxRule.objects.create(rule_id="VAR-15", valid_from="2010-01-01")


def test_a_rule_does_not_end_before_it_starts() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRule.objects.create(rule_id="X-1", valid_from="2010-01-02", valid_to="2010-01-01")


class TestAdmin:
    SENT = {
        "rule_id": "VAR-15",
        "valid_from": "2005-01-01",
        "valid_to": "",
        "value": '{"rate": "0.15"}',
        "law": "Lei 11.033/2004",
        "status": "",
        "source": "",
    }

    @pytest.fixture
    def root(self) -> Client:
        client = Client()
        client.force_login(make.make_user("raiz", is_staff=True, is_superuser=True))
        return client

    def test_a_rule_is_edited_and_remembers_it(self, root: Client) -> None:
        seed_rules()
        row = TaxRule.objects.get(rule_id="VAR-15")
        page = reverse("admin:taxes_taxrule_change", args=[row.pk])
        answer = root.post(page, self.SENT | {"value": '{"rate": "0.16"}'})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        row.refresh_from_db()
        assert (row.value, row.edited) == ({"rate": "0.16"}, True)
        assert (
            "raiz"
            in root.get(reverse("admin:taxes_taxrule_history", args=[row.pk])).content.decode()
        )
        # Ended by its date, never deleted: the next start would bring it back.
        delete = reverse("admin:taxes_taxrule_delete", args=[row.pk])
        assert root.post(delete, {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [
            {"value": "[1]"},
            {"value": "{"},
            {"value": '{"rate": 0.15}'},
            {"value": '{"brackets": [{"rate": 0.15}]}'},
            {"value": '{"taxa": "0.15"}'},
            {"valid_to": "2004-12-31"},
            {"rule_id": "var 15"},
            {"rule_id": "VAR-DT20", "valid_from": "2010-01-01"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, root: Client, wrong: dict[str, str]) -> None:
        TaxRule.objects.create(rule_id="VAR-DT20", valid_from="2005-01-01")
        answer = root.post(reverse("admin:taxes_taxrule_add"), self.SENT | wrong)
        assert answer.status_code == 200
        assert not TaxRule.objects.exclude(rule_id="VAR-DT20").exists()
