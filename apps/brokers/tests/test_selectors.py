"""Which institutions and accounts a workspace sees."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from apps.brokers import selectors
from apps.common.errors import NotFound
from apps.common.text import normalise_name
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_shared_and_own_institutions_are_seen() -> None:
    access = make.make_access()
    shared = make.make_institution("Aberta")
    own = make.make_institution("Minha", workspace=access.workspace)
    foreign = make.make_institution("Alheia", workspace=make.make_workspace())
    assert list(selectors.institutions_of(access=access)) == [shared, own]
    assert selectors.institution_get(access=access, institution_id=own.pk) == own
    for key in (foreign.pk, uuid.uuid4(), "x", None):
        with pytest.raises(NotFound):
            selectors.institution_get(access=access, institution_id=key)


def test_the_index_finds_any_spelling_and_own_ones_win(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    shared = make.make_institution(
        "Corretora Exemplo S.A.", short_name="Exemplo", aliases=("EXEMPLO CTVM ANTIGA",)
    )
    make.make_institution("Exemplo", workspace=make.make_workspace())
    with django_assert_num_queries(2):
        index = selectors.institution_index(access=access)
    for spelling in ("CORRETORA EXEMPLO S/A", "exemplo", "Exemplo CTVM antiga"):
        assert index[normalise_name(spelling)] == shared
    own = make.make_institution("Exemplo", workspace=access.workspace)
    assert selectors.institution_index(access=access)["EXEMPLO"] == own


def test_accounts_are_the_workspace_s_own(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    mine = [make.make_account(access.workspace, name=name) for name in ("B", "A")]
    foreign = make.make_account()
    with django_assert_num_queries(1):
        found = [
            (a.name, a.institution.name, a.holder.name)
            for a in selectors.accounts_of(access=access)
        ]
    assert [name for name, _institution, _holder in found] == ["A", "B"]
    assert selectors.account_get(access=access, account_id=str(mine[0].pk)) == mine[0]
    for key in (foreign.pk, "x", None):
        with pytest.raises(NotFound):
            selectors.account_get(access=access, account_id=key)
