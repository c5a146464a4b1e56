"""Rules of the law in words."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.engine.taxes.rules import RuleBook
from apps.taxes.models import TaxRule
from apps.taxes.rule_words import _TERMS, NAMES, OTHERS, STATUS, rule_group, rule_name, terms_of
from apps.taxes.seeds import seed_rules
from testing import factories as make

SHIPPED = RuleBook.shipped().rules()


def test_every_shipped_rule_has_its_words() -> None:
    for rule in SHIPPED:
        assert rule.id in NAMES or rule.id.startswith("WHT-"), rule.id
        assert rule_name(rule.id) != rule.id
        assert rule_group(rule.id) != str(OTHERS), rule.id
        assert rule.status in STATUS, rule.status
        assert not set(rule.value) - _TERMS.keys(), rule.id


def test_values_are_told_as_people_write_them() -> None:
    assert dict(terms_of({"rate": "0.00005", "waived_up_to": "1.00"})) == {
        "alíquota": "0,005 %",
        "dispensada até": "R$\N{NO-BREAK SPACE}1,00",
    }
    brackets = [{"up_to_days": 180, "rate": "0.225"}, {"up_to_days": None, "rate": "0.15"}]
    assert terms_of({"brackets": brackets}) == [("faixas", "22,5 % até 180 dias; 15 % acima")]
    assert terms_of({"adaptation_until": "2024-06-30"}) == [("adaptação até", "30/06/2024")]
    assert terms_of({"brackets": "RF-IR"}) == [("faixas", "Tabela regressiva da renda fixa")]
    # What an administrator wrote in a shape of their own is shown as it is.
    assert terms_of({"rate": "muito", "novo": [1, 2]}) == [("alíquota", "muito"), ("novo", "1, 2")]


@pytest.mark.django_db
def test_the_page_shows_no_keys_and_marks_what_is_unsure() -> None:
    seed_rules()
    access = make.make_access()
    client = Client()
    client.force_login(access.user)
    body = client.get(reverse("taxes:rules", args=[access.workspace.pk])).content.decode()
    text = re.sub(r"<[^>]+>", " ", body)
    assert "Isenção de vendas pequenas de ações e de ouro" in text
    assert "Retenção sobre dividendos: Estados Unidos" in text
    for raw in ("up_to", "exempt_up_to", "{&#x27;", "{&quot;", "treaty_cap"):
        assert raw not in text
    assert body.count("pill-warn") >= TaxRule.objects.filter(status="uncertain").count()
    assert "abacusliquid.com" in text
    assert "desde 01/01/2005" in text
