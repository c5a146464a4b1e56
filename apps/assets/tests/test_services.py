"""Assets a workspace adds for itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from apps.assets import services
from apps.assets.models import Asset
from apps.assets.services import TermsInput
from apps.common.errors import Forbidden, Invalid
from testing import factories as make

pytestmark = pytest.mark.django_db

ISSUED = dt.date(2024, 1, 15)


def test_an_asset_belongs_to_the_workspace_and_follows_its_exchange() -> None:
    access = make.make_access()
    make.make_exchange("BVMF")
    asset = services.asset_create(access=access, ticker="  abcd3 ", asset_class="stock")
    assert (asset.workspace, asset.ticker, asset.exchange_id) == (
        access.workspace, "abcd3", "BVMF",
    )  # fmt: skip
    paper = services.asset_create(access=access, ticker="CDB  Banco X", asset_class="cdb")
    assert (paper.ticker, paper.exchange_id) == ("CDB Banco X", None)


@pytest.mark.parametrize(
    "values, field",
    [
        ({"ticker": " "}, "ticker"),
        ({"asset_class": "magic"}, "asset_class"),
        ({"currency": "reais"}, "currency"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], field: str) -> None:
    given = {"ticker": "ABCD3", "asset_class": "fund"}
    with pytest.raises(Invalid) as caught:
        services.asset_create(access=make.make_access(), **(given | values))
    assert [error.field for error in caught.value.errors] == [field]
    assert not Asset.objects.exists()


def test_a_code_is_taken_by_what_the_workspace_sees_only() -> None:
    access = make.make_access()
    make.make_asset("PETR4")
    make.make_asset("HIDDEN3", workspace=make.make_workspace())
    with pytest.raises(Invalid):
        services.asset_create(access=access, ticker="petr4", asset_class="fund")
    services.asset_create(access=access, ticker="HIDDEN3", asset_class="fund")
    services.asset_create(access=access, ticker="PETR4", asset_class="fund", market="US")


def test_the_underlying_of_another_workspace_is_not_found() -> None:
    foreign = make.make_asset(workspace=make.make_workspace())
    with pytest.raises(Invalid):
        services.asset_create(
            access=make.make_access(), ticker="ABCDA1", asset_class="fund", underlying=foreign
        )


def test_terms_are_kept_and_replaced() -> None:
    access = make.make_access()
    terms = TermsInput("cdi", ISSUED, dt.date(2027, 1, 15), Decimal("1.1"))
    paper = services.asset_create(access=access, ticker="CDB X", asset_class="cdb", terms=terms)
    assert paper.terms.percent == Decimal("1.1")
    services.asset_terms_set(
        access=access, asset=paper, terms=TermsInput("prefixed", ISSUED, rate=Decimal("0.12"))
    )
    again = Asset.objects.get(pk=paper.pk).terms
    assert (again.indexer, again.rate, again.maturity) == ("prefixed", Decimal("0.12"), None)


def test_a_paper_matures_after_its_issue() -> None:
    access = make.make_access()
    with pytest.raises(Invalid) as caught:
        services.asset_create(
            access=access,
            ticker="CDB X",
            asset_class="cdb",
            terms=TermsInput("cdi", ISSUED, ISSUED),
        )
    assert [error.field for error in caught.value.errors] == ["maturity"]
    assert not Asset.objects.exists()  # all or nothing


def test_shared_assets_and_those_of_others_are_left_alone() -> None:
    access = make.make_access()
    for asset in (make.make_asset(), make.make_asset(workspace=make.make_workspace())):
        with pytest.raises(Forbidden):
            services.asset_update(access=access, asset=asset, name="Minha")
        with pytest.raises(Forbidden):
            services.asset_terms_set(access=access, asset=asset, terms=TermsInput("cdi", ISSUED))


def test_correcting_an_own_asset() -> None:
    access = make.make_access()
    asset = make.make_asset("MINE3", workspace=access.workspace, sector="Energia")
    services.asset_update(access=access, asset=asset, name="Minha", asset_class="unit")
    asset.refresh_from_db()
    assert (asset.name, asset.asset_class, asset.sector) == ("Minha", "unit", "Energia")
    access.workspace.refresh_from_db()
    assert access.workspace.ledger_version == 1  # the class decides how rows are folded
    with pytest.raises(Invalid):
        services.asset_update(access=access, asset=asset, asset_class="magic")


def test_viewers_change_nothing() -> None:
    access = make.make_access(role="viewer")
    own = make.make_asset(workspace=access.workspace)
    with pytest.raises(Forbidden):
        services.asset_create(access=access, ticker="ABCD3", asset_class="stock")
    with pytest.raises(Forbidden):
        services.asset_update(access=access, asset=own, name="x")
    with pytest.raises(Forbidden):
        services.asset_terms_set(access=access, asset=own, terms=TermsInput("cdi", ISSUED))
