"""Importing: known rows, decisions, proposals, events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.assets.models import Asset, TickerHistory
from apps.brokers.models import Account, Institution
from apps.common.errors import Conflict, Invalid
from apps.imports import services
from apps.imports.tests.formats.files import BROKER, csv, move, movimentacao, negociacao, trade
from apps.imports.tests.helpers import (
    bring,
    hand_in,
    holding,
    line_of,
    rows_of,
    run,
    states,
)
from apps.ledger.models import Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db
Access = make.Access


@pytest.fixture
def access() -> Access:
    return make.make_access()


def count(access: Access) -> int:
    return Transaction.objects.of(access.workspace.pk).count()


class TestKnownRows:
    def test_the_same_file_again_or_renamed_changes_nothing(self, access: Access) -> None:
        data = negociacao(trade(), trade(day="11/03/2026", side="Venda", quantity=50, value=1835.5))
        first = bring(access, data)
        again = bring(access, data, "negociacao (1).xlsx")
        assert count(access) == 2
        assert (again.status, again.counts["duplicate"], again.counts["applied"]) == (
            "applied",
            2,
            0,
        )
        matched = set(again.lines.values_list("transaction_id", flat=True))
        assert matched == set(first.lines.values_list("transaction_id", flat=True))

    def test_overlapping_files_are_one_ledger_by_the_larger_count(self, access: Access) -> None:
        a, b, c = (trade(day=f"{n}/03/2026") for n in (10, 11, 12))
        bring(access, negociacao(a, a, b))
        second = bring(access, negociacao(a, b, b, c))
        assert states(second) == ["duplicate", "duplicate", "applied", "applied"]
        assert count(access) == 5
        third = bring(access, negociacao(a, a, b, b, c))
        assert set(states(third)) == {"duplicate"}

    def test_a_row_printed_differently_is_the_same_row(self, access: Access) -> None:
        bring(access, negociacao(trade()))
        text = trade(
            price="36,71", value="R$ 3.671,00", broker="corretora exemplo s/a", day="2026-03-10"
        )
        assert states(bring(access, negociacao(text))) == ["duplicate"]
        assert Account.objects.filter(workspace=access.workspace).count() == 1

    def test_the_same_trade_at_another_broker_is_another(self, access: Access) -> None:
        bring(access, negociacao(trade(), trade(broker="OUTRA CORRETORA LTDA")))
        assert count(access) == 2
        assert Account.objects.filter(workspace=access.workspace).count() == 2

    def test_two_people_importing_the_same_file_both_get_it(self, access: Access) -> None:
        data = negociacao(trade())
        other = make.make_access()
        bring(access, data)
        bring(other, data)
        assert (count(access), count(other)) == (1, 1)
        spouse = make.make_holder(access.workspace, "Cônjuge")
        assert states(bring(access, data, holder=spouse)) == ["applied"]
        assert count(access) == 2

    def test_a_row_deleted_by_hand_may_be_imported_again(self, access: Access) -> None:
        bring(access, negociacao(trade()))
        Transaction.objects.of(access.workspace.pk).delete()
        assert states(bring(access, negociacao(trade()))) == ["applied"]

    def test_the_ledger_exported_as_csv_is_known_in_its_own_workspace(self, access: Access) -> None:
        account = make.make_account(access.workspace, name="XP")
        asset = make.make_asset("EXMP4")
        make.make_transaction(
            account, "buy", "2026-03-10", asset=asset, quantity=10, unit_price=5, amount=50, fees=0
        )
        data = csv(
            [
                "date,kind,asset,account,quantity,unit_price,amount,fees,currency",
                "2026-03-10,buy,EXMP4,XP,10,5,50,0,BRL",
                "2026-03-10,buy,EXMP4,XP,10,5,50,0,BRL",
            ]
        )
        assert states(bring(access, data)) == ["duplicate", "applied"]
        assert count(access) == 2


class TestAssetsAndPlaces:
    def test_the_fractional_code_and_a_former_code_are_the_same_asset(self, access: Access) -> None:
        asset = make.make_asset("NOVO3")
        TickerHistory.objects.create(asset=asset, ticker="EXMP3")
        bring(
            access,
            negociacao(
                trade(code="EXMP3"),
                trade(code="NOVO3F", market="Mercado Fracionário", quantity=3, value=110.13),
            ),
        )
        assert set(Transaction.objects.values_list("asset__ticker", flat=True)) == {"NOVO3"}

    def test_what_is_unknown_is_proposed_and_made_only_when_applied(self, access: Access) -> None:
        batch = hand_in(access, negociacao(trade(), trade(code="EXMP11", day="11/03/2026")))
        assert not Asset.objects.filter(ticker__startswith="EXMP").exists()
        assert not Account.objects.filter(workspace=access.workspace).exists()
        proposals = batch.proposals
        assert [p["name"] for p in proposals["institutions"].values()] == [BROKER]
        assert {k: p["asset_class"] for k, p in proposals["assets"].items()} == {
            "EXMP4": "stock",
            "EXMP11": "fii",
        }
        assert {k: p["uncertain"] for k, p in proposals["assets"].items()} == {
            "EXMP4": False,
            "EXMP11": True,
        }
        services.proposals_answer(
            access=access, batch=batch, institutions={}, assets={"EXMP11": "unit"}
        )
        run(access, batch)
        assert Asset.objects.get(ticker="EXMP11").asset_class == "unit"
        made = Institution.objects.get(name=BROKER)
        assert made.workspace == access.workspace
        other = hand_in(make.make_access(), negociacao(trade()))
        assert other.proposals["assets"].keys() == {"EXMP4"}

    def test_an_institution_may_be_an_account_one_already_has(self, access: Access) -> None:
        account = make.make_account(access.workspace, name="Minha conta")
        batch = hand_in(access, negociacao(trade()))
        key = next(iter(batch.proposals["institutions"]))
        services.proposals_answer(
            access=access, batch=batch, institutions={key: str(account.pk)}, assets={}
        )
        run(access, batch)
        assert Transaction.objects.get().account == account
        # The next file with that spelling goes there by itself.
        again = bring(access, negociacao(trade(), trade(day="11/03/2026")))
        assert states(again) == ["duplicate", "applied"]

    def test_a_known_institution_spelled_differently(self, access: Access) -> None:
        known = make.make_institution("Corretora Exemplo S.A.")
        bring(access, negociacao(trade(broker="CORRETORA EXEMPLO S/A")))
        assert Account.objects.get(workspace=access.workspace).institution == known

    def test_a_file_of_one_account(self, access: Access) -> None:
        account = make.make_account(access.workspace)
        bring(access, negociacao(trade(), trade(broker="OUTRA")), account=account)
        assert set(Transaction.objects.values_list("account", flat=True)) == {account.pk}

    def test_an_asset_without_a_class_keeps_the_batch_waiting(self, access: Access) -> None:
        data = movimentacao(move("Rendimento", product="COISA ESTRANHA", value=1))
        batch = hand_in(access, data)
        assert batch.counts["unsettled"] == 1
        with pytest.raises(Conflict) as caught:
            services.batch_apply(access=access, batch=batch, queued=False)
        assert caught.value.code == "unsettled"
        services.proposals_answer(
            access=access, batch=batch, institutions={}, assets={"COISA ESTRANHA": "fund"}
        )
        assert run(access, batch).status == "applied"


class TestSettlements:
    def test_a_settlement_agrees_with_its_trade_two_days_before(self, access: Access) -> None:
        bring(
            access,
            negociacao(trade(day="10/03/2026"), trade(day="10/03/2026", quantity=20, value=734.2)),
        )
        batch = bring(
            access,
            movimentacao(
                move(
                    "Transferência - Liquidação",
                    quantity=120,
                    price=36.71,
                    value=4405.2,
                    day="12/03/2026",
                ),
            ),
        )
        line = batch.lines.get()
        assert (line.state, line.reason) == ("ignored", "settlement_covered")
        assert count(access) == 2

    def test_without_a_negociacao_it_is_the_trade(self, access: Access) -> None:
        settled = move("Transferência - Liquidação", value=3671, price=36.71, day="12/03/2026")
        batch = bring(access, movimentacao(settled))
        row = Transaction.objects.get()
        assert (row.kind, str(row.trade_date), row.amount) == ("buy", "2026-03-10", Decimal(3671))
        assert batch.lines.get().reason == "settlement_as_trade"
        # The Negociação that comes later brings the same trade, not another.
        later = bring(
            access, negociacao(trade(quantity=60, value=2202.6), trade(quantity=40, value=1468.4))
        )
        assert states(later) == ["duplicate", "duplicate"]
        assert count(access) == 1
        assert set(states(bring(access, movimentacao(settled)))) == {"duplicate"}

    def test_holidays_and_weekends_are_no_business_days(self, access: Access) -> None:
        from apps.assets.models import Holiday

        Holiday.objects.create(exchange_id="BVMF", date="2026-03-11", name="Feriado")
        bring(access, movimentacao(move("Transferência - Liquidação", value=1, day="16/03/2026")))
        # Monday 16: Friday 13, Thursday 12.
        assert str(Transaction.objects.get().trade_date) == "2026-03-12"

    def test_a_settlement_missing_from_a_covered_period_waits(self, access: Access) -> None:
        bring(access, negociacao(trade(day="01/03/2026"), trade(day="31/03/2026")))
        batch = hand_in(
            access,
            movimentacao(move("Transferência - Liquidação", value=3671, day="12/03/2026")),
        )
        line = batch.lines.get()
        assert (line.state, line.reason) == ("decide", "settlement_in_period")
        services.line_decide(access=access, batch=batch, line=line, kind="buy", values={})
        run(access, batch)
        assert count(access) == 3
        assert Transaction.objects.filter(trade_date="2026-03-10").count() == 1


class TestDecisions:
    def test_a_line_is_settled_with_its_fields(self, access: Access) -> None:
        batch = hand_in(access, movimentacao(move("Evento Nunca Visto", value=10, quantity=2)))
        line = batch.lines.get()
        with pytest.raises(Conflict):
            services.batch_apply(access=access, batch=batch, queued=False)
        with pytest.raises(Invalid):
            services.line_decide(access=access, batch=batch, line=line, kind="split", values={})
        line.refresh_from_db()
        assert (line.state, line.decision) == ("decide", {})
        services.line_decide(
            access=access,
            batch=batch,
            line=line,
            kind="dividend",
            values={"amount": Decimal("12.5")},
        )
        run(access, batch)
        assert rows_of(access)[0][0] == "dividend"
        assert Transaction.objects.get().amount == Decimal("12.5")
        assert states(
            bring(access, movimentacao(move("Evento Nunca Visto", value=10, quantity=2)))
        ) == ["duplicate"]

    def test_a_line_left_out_stays_out_of_the_next_file(self, access: Access) -> None:
        data = movimentacao(move("Evento Nunca Visto"), move("Dividendo", value=1))
        batch = hand_in(access, data)
        services.line_decide(
            access=access, batch=batch, line=line_of(batch, 2), kind="ignore", values={}
        )
        run(access, batch)
        again = hand_in(access, data)
        assert states(again) == ["ignored", "duplicate"]
        assert line_of(again, 2).reason == "ignored_before"

    def test_alike_lines_are_settled_together(self, access: Access) -> None:
        batch = hand_in(
            access,
            movimentacao(
                *[move("IR", "Debito", value=n, quantity="-") for n in (1, 2, 3)],
                move("Outro Evento"),
            ),
        )
        services.line_decide(
            access=access, batch=batch, line=line_of(batch, 2), kind="tax", values={}, alike=True
        )
        assert states(batch) == ["new", "new", "new", "decide"]

    def test_a_decision_can_be_taken_back_and_a_good_line_left_out(self, access: Access) -> None:
        batch = hand_in(access, negociacao(trade(), trade(day="11/03/2026")))
        line = line_of(batch, 3)
        services.line_decide(access=access, batch=batch, line=line, kind="ignore", values={})
        assert states(batch) == ["new", "ignored"]
        services.line_reopen(access=access, batch=batch, line=line)
        assert states(batch) == ["new", "new"]

    def test_a_lone_transfer_asks_its_cost_and_pairs_with_the_ledger(self, access: Access) -> None:
        bring(access, negociacao(trade()))
        out = movimentacao(move("Transferência", "Debito", day="15/09/2026"))
        batch = hand_in(access, out)
        line = batch.lines.get()
        assert line.reason == "transfer_lone"
        services.line_decide(access=access, batch=batch, line=line, kind="transfer_out", values={})
        run(access, batch)
        into = bring(access, movimentacao(move("Transferência", day="17/09/2026", broker="OUTRA")))
        assert into.lines.get().reason == "transfer_with_ledger"
        share = holding(access, "EXMP4")
        assert (share.quantity, share.total_cost) == (100, 3671)

    def test_an_exercise_finds_the_option_or_waits(self, access: Access) -> None:
        share = make.make_asset("EXMP4")
        make.make_asset(
            "EXMPA101",
            "option",
            underlying=share,
            option_type="call",
            strike=10,
            expiry="2026-03-20",
        )
        data = negociacao(
            trade(code="EXMPA101E", market="Exercício de Opção de Compra", price=10, value=1000),
            trade(code="OUTRB20E", market="Exercício de Opção de Compra", price=20, value=2000),
        )
        batch = hand_in(access, data)
        assert [(o.kind, o.state) for o in batch.lines.order_by("number")] == [
            ("exercise", "new"),
            ("buy", "decide"),
        ]


class TestEvents:
    def test_a_snapshot_equal_to_the_holding_has_no_effect(self, access: Access) -> None:
        bring(access, negociacao(trade()))
        batch = hand_in(access, movimentacao(move("Atualização", quantity=100, day="15/09/2026")))
        assert batch.lines.get().reason == "update_equals_holding"
        differs = hand_in(access, movimentacao(move("Atualização", quantity=30, day="16/09/2026")))
        assert differs.lines.get().state == "decide"

    @pytest.mark.parametrize(
        ("movement", "held", "printed", "ratio"),
        [
            ("Desdobro", 100, 300, "4"),
            ("Desdobro", 33, 16, "1.5"),
            ("Grupamento", 100, 10, "0.1"),
            ("Grupamento", 105, "10,5", "0.1"),
        ],
    )
    def test_ratios_come_from_the_holding(
        self, access: Access, movement: str, held: int, printed: object, ratio: str
    ) -> None:
        bring(access, negociacao(trade(day="10/03/2025", quantity=held, value=held)))
        batch = bring(access, movimentacao(move(movement, quantity=printed)))
        assert batch.status == "applied"
        assert Transaction.objects.get(kind="split").ratio == Decimal(ratio)

    def test_an_event_without_a_holding_asks_its_ratio(self, access: Access) -> None:
        batch = hand_in(access, movimentacao(move("Desdobro", quantity=100)))
        assert batch.lines.get().reason == "holding_unknown"
        services.line_decide(
            access=access,
            batch=batch,
            line=batch.lines.get(),
            kind="split",
            values={"ratio": Decimal(2)},
        )
        assert run(access, batch).status == "applied"

    def test_a_bonus_and_its_fraction(self, access: Access) -> None:
        bring(access, negociacao(trade(day="10/03/2025", quantity=100, price=10, value=1000)))
        bring(
            access,
            movimentacao(
                move("Leilão de Fração", quantity=0.21, price=20, value=4.2, day="10/06/2025"),
                move("Fração em Ativos", "Debito", quantity=0.21, day="21/05/2025"),
                move("Bonificação em Ativos", quantity=21.21, price=15.82, day="20/05/2025"),
            ),
        )
        share = holding(access, "EXMP4")
        # 1000 + 21 x 15.82; the fraction is sold for 4.20 and had cost 0.21 x 15.82.
        assert (share.quantity, share.total_cost) == (121, Decimal("1332.22"))
        assert round(share.realised_gain or 0, 2) == Decimal("0.88")


def test_a_file_under_review_follows_the_ledger(
    access: Access, django_capture_on_commit_callbacks: Any
) -> None:
    batch = hand_in(access, movimentacao(move("Desdobro", quantity=100)))
    assert batch.lines.get().reason == "holding_unknown"
    with django_capture_on_commit_callbacks(execute=True):
        bring(access, negociacao(trade(day="10/03/2025")))
    line = batch.lines.get()
    assert (line.state, line.kind, line.params["row"]["ratio"]) == ("new", "split", "2")
