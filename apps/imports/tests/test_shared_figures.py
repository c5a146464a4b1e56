"""Real and published files, imported, give the figures published beside them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from apps.imports import services
from apps.imports.tests.helpers import bring, hand_in, holding, line_of, rows_of, run, states
from apps.ledger.models import Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db


def data(shared_dir: Path, name: str) -> bytes:
    return (shared_dir / "data" / "b3_exports" / "kov_interest" / name).read_bytes()


def test_basic_trades(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "01_basic_purchase_sale.xlsx"))
    assert holding(access, "PETR4").quantity == 70


def test_a_forward_settled_and_sold(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "02_term_contract_lifecycle.xlsx"))
    assert [row[:2] for row in rows_of(access)] == [
        ("buy", "ANIM3T"),
        ("merger", "ANIM3T"),
        ("sell", "ANIM3"),
    ]
    share = holding(access, "ANIM3")
    # 100 sold at 12, contracted at 10.
    assert (share.quantity, share.average_cost, share.realised_gain) == (100, 10, 200)


def test_a_forward_sold_before_settlement(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "03_term_contract_sold.xlsx"))
    contract = holding(access, "SHUL4T")
    assert (contract.quantity, contract.realised_gain) == (0, 150)


def test_a_split_takes_its_ratio_from_what_was_held(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "04_stock_split.xlsx"))
    assert Transaction.objects.get(kind="split").ratio == 2
    share = holding(access, "VALE3")
    assert (share.quantity, share.total_cost) == (100, Decimal("4040"))
    assert share.average_cost == Decimal("40.4")


def test_a_merger_that_undoes_a_grouping_is_decided_with_its_ratio(shared_dir: Path) -> None:
    access = make.make_access()
    batch = hand_in(access, data(shared_dir, "05_reverse_split.xlsx"))
    assert states(batch) == ["new", "decide", "new"]
    line = line_of(batch, 3)
    assert line.params["suggested"]["ratio"] == "0.1"
    services.line_decide(
        access=access, batch=batch, line=line, kind="split", values={"ratio": Decimal("0.1")}
    )
    run(access, batch)
    share = holding(access, "MGLU3")
    assert (share.quantity, share.average_cost, share.total_cost) == (50, 20, 1000)


def test_capital_returned_lowers_the_cost(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "07_capital_return.xlsx"))
    share = holding(access, "MXRF11")
    assert (share.quantity, share.total_cost) == (30, Decimal("285"))
    assert share.realised_gain == 180


def test_identical_trades_are_two_and_stay_two(shared_dir: Path) -> None:
    access = make.make_access()
    file = data(shared_dir, "10_duplicate_trades.xlsx")
    bring(access, file)
    assert holding(access, "DUPL3").quantity == 20
    again = bring(access, file, "outro nome.xlsx")
    assert states(again) == ["duplicate", "duplicate"]
    assert holding(access, "DUPL3").quantity == 20


def test_a_bonus_without_cost(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "11_bonus_auto_apply.xlsx"))
    share = holding(access, "ITSA4")
    assert (share.quantity, share.total_cost) == (120, 1000)
    assert round(share.average_cost or 0, 2) == Decimal("8.33")


def test_a_public_offer(shared_dir: Path) -> None:
    access = make.make_access()
    bring(access, data(shared_dir, "13_ofertas_publicas.xlsx"))
    share = holding(access, "AMBP3")
    assert (share.quantity, share.average_cost) == (1064, Decimal("13.25"))


def test_a_snapshot_is_never_a_purchase(shared_dir: Path) -> None:
    access = make.make_access()
    batch = hand_in(access, data(shared_dir, "14_atualizacao_inference.xlsx"))
    assert states(batch) == ["new", "decide"]
    line = line_of(batch, 3)
    assert (line.reason, line.params["held"]) == ("update_differs", "378")
    services.line_decide(access=access, batch=batch, line=line, kind="ignore", values={})
    run(access, batch)
    share = holding(access, "BRCR11")
    assert (share.quantity, share.total_cost) == (378, 3780)


def test_a_real_movimentacao_without_a_negociacao(shared_dir: Path) -> None:
    access = make.make_access()
    make.make_exchange()
    file = (shared_dir / "data/b3_exports/irpf_stonks/movimentacao.xlsx").read_bytes()
    batch = bring(access, file)
    assert batch.status == "applied"
    assert batch.counts["applied"] == 9
    # Settled on Wednesday 08/12/2021: traded on Monday.
    sold = Transaction.objects.get(kind="sell", asset__ticker="ABEV3")
    assert str(sold.trade_date) == "2021-12-06"
    jcp = Transaction.objects.get(kind="jcp", asset__ticker="BBDC4")
    assert (jcp.amount, jcp.tax_withheld) == (Decimal("1.21"), Decimal("0.18"))
