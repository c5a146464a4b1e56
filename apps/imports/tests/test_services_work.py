"""Importing: undoing, work that repeats, files of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import TaskRun
from apps.assets.models import Asset
from apps.common.errors import Conflict, Forbidden, Invalid
from apps.imports import selectors, services
from apps.imports.formats import Mapping
from apps.imports.models import Batch, ColumnMapping, Line
from apps.imports.tests.formats.files import csv, move, movimentacao, negociacao, trade
from apps.imports.tests.helpers import (
    bring,
    hand_in,
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


class TestUndo:
    def test_everything_a_batch_made_leaves(self, access: Access) -> None:
        batch = bring(access, negociacao(trade(), trade(day="11/03/2026")))
        services.batch_undo(access=access, batch=batch)
        batch.refresh_from_db()
        assert (batch.status, count(access)) == ("undone", 0)
        assert set(states(batch)) == {"undone"}
        assert states(bring(access, negociacao(trade()))) == ["applied"]
        with pytest.raises(Conflict):
            services.batch_undo(access=access, batch=batch)

    def test_rows_another_live_batch_claims_stay_until_it_goes_too(self, access: Access) -> None:
        a, b = trade(), trade(day="11/03/2026")
        first = bring(access, negociacao(a))
        second = bring(access, negociacao(a, b))
        services.batch_undo(access=access, batch=first)
        assert count(access) == 2
        services.batch_undo(access=access, batch=second)
        assert count(access) == 0

    def test_rows_changed_by_hand_are_asked_about(self, access: Access) -> None:
        batch = bring(access, negociacao(trade(), trade(day="11/03/2026")))
        Transaction.objects.filter(trade_date="2026-03-10").update(edited_by_hand=True)
        with pytest.raises(Conflict) as caught:
            services.batch_undo(access=access, batch=batch)
        assert (caught.value.code, caught.value.params["count"]) == ("edited_rows", 1)
        assert count(access) == 2
        services.batch_undo(access=access, batch=batch, edited="keep")
        assert count(access) == 1
        # The kept row is still known, so the file would not bring it again.
        assert states(hand_in(access, negociacao(trade()))) == ["duplicate"]

    def test_rows_typed_by_hand_that_a_file_repeated_never_leave(self, access: Access) -> None:
        account = make.make_account(access.workspace, name="XP")
        asset = make.make_asset("EXMP4")
        make.make_transaction(
            account, "buy", "2026-03-10", asset=asset, quantity=10, unit_price=5, amount=50, fees=0
        )
        data = csv(
            [
                "date,kind,asset,account,quantity,unit_price,amount,fees,currency",
                "2026-03-10,buy,EXMP4,XP,10,5,50,0,BRL",
            ]
        )
        batch = bring(access, data)
        services.batch_undo(access=access, batch=batch)
        assert count(access) == 1


class TestWork:
    def test_a_message_that_comes_twice_records_once(self, access: Access) -> None:
        batch = bring(access, negociacao(trade()))
        assert services.batch_apply_run(batch_id=batch.pk) is False
        services.batch_parse(batch_id=batch.pk)
        assert count(access) == 1
        with pytest.raises(Conflict):
            services.batch_apply(access=access, batch=batch, queued=False)

    def test_work_that_dies_half_way_leaves_nothing_and_is_repeated(
        self, access: Access, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = hand_in(access, negociacao(trade()))
        services.batch_apply(access=access, batch=batch, queued=False)
        from apps.imports.services import apply as module

        def dies(_pairs: object) -> None:
            raise SystemExit("killed")

        with monkeypatch.context() as patch:
            patch.setattr(module, "lines_applied", dies)
            with pytest.raises(SystemExit):
                services.batch_apply_run(batch_id=batch.pk)
        assert count(access) == 0
        assert not Asset.objects.filter(ticker="EXMP4").exists()
        assert services.batch_apply_run(batch_id=batch.pk) is True
        assert count(access) == 1

    def test_an_error_of_ours_refuses_the_file_or_gives_the_batch_back(
        self, access: Access, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from apps.imports.services import apply, intake

        def breaks(*_args: object, **_options: object) -> None:
            raise ZeroDivisionError

        batch = hand_in(access, negociacao(trade()))
        services.batch_apply(access=access, batch=batch, queued=False)
        with monkeypatch.context() as patch:
            patch.setattr(apply, "plan_lines", breaks)
            with pytest.raises(ZeroDivisionError):
                services.batch_apply_run(batch_id=batch.pk)
        batch.refresh_from_db()
        assert (batch.status, batch.error["code"], count(access)) == ("parsed", "unexpected", 0)
        with monkeypatch.context() as patch:
            patch.setattr(intake, "plan_lines", breaks)
            with pytest.raises(ZeroDivisionError):
                hand_in(access, negociacao(trade()))
        assert Batch.objects.filter(status="failed").count() == 1

    def test_two_batches_of_one_file_read_before_either_was_applied(self, access: Access) -> None:
        data = negociacao(trade())
        first, second = hand_in(access, data), hand_in(access, data)
        run(access, first)
        run(access, second)
        assert (count(access), states(second)) == (1, ["duplicate"])

    def test_a_ledger_that_changed_sends_the_batch_back_to_review(self, access: Access) -> None:
        bring(access, negociacao(trade(day="10/03/2025")))
        batch = hand_in(access, movimentacao(move("Atualização", quantity=100)))
        assert batch.counts["decide"] == 0
        Transaction.objects.of(access.workspace.pk).delete()
        run(access, batch)
        assert (batch.status, batch.error["code"]) == ("parsed", "changed_meanwhile")
        assert batch.counts["decide"] == 1
        assert selectors.error_message(batch)

    def test_auto_apply_and_dry_run(
        self, access: Access, django_capture_on_commit_callbacks: Any
    ) -> None:
        def give(data: bytes, **options: bool) -> Batch:
            with django_capture_on_commit_callbacks(execute=True):
                batch = services.batch_create(
                    access=access, file_name="a.xlsx", data=data, **options
                )
            batch.refresh_from_db()
            return batch

        assert give(negociacao(trade()), auto_apply=True).status == "applied"
        assert count(access) == 1
        waits = give(movimentacao(move("Evento Nunca Visto")), auto_apply=True)
        assert waits.status == "parsed"
        dry = give(negociacao(trade(day="20/03/2026")), auto_apply=True, dry_run=True)
        assert (dry.status, dry.counts["new"], count(access)) == ("parsed", 1, 1)
        with pytest.raises(Conflict):
            services.batch_apply(access=access, batch=dry)

    def test_a_refused_file_leaves_one_message_and_nothing_else(self, access: Access) -> None:
        batch = hand_in(access, negociacao(trade(), trade(price="0.b2")))
        assert (batch.status, batch.lines.count(), batch.file) == ("failed", 0, None)
        assert batch.error["row"] == 3
        assert "linha 3" in selectors.error_message(batch)
        task = TaskRun.objects.get(pk=batch.task_run_id)
        assert (task.state, task.message) == ("failed", selectors.error_message(batch))

    def test_progress_is_told_and_finished(self, access: Access) -> None:
        batch = bring(access, negociacao(trade()))
        assert TaskRun.objects.get(pk=batch.task_run_id).state == "done"
        assert TaskRun.objects.filter(kind="import_parse", state="done").count() == 1

    def test_stuck_work_is_queued_again(
        self, access: Access, django_capture_on_commit_callbacks: Any
    ) -> None:
        batch = services.batch_create(
            access=access, file_name="a.xlsx", data=negociacao(trade()), queued=False
        )
        assert services.batches_sweep() == 0
        Batch.objects.filter(pk=batch.pk).update(updated_at="2020-01-01T00:00Z")
        with django_capture_on_commit_callbacks(execute=True):
            assert services.batches_sweep() == 1
        batch.refresh_from_db()
        assert batch.status == "parsed"

    def test_too_big_and_empty_files_are_refused_at_the_door(self, access: Access) -> None:
        for data, code in ((b"x" * (20 * 1024 * 1024 + 1), "too_big"), (b"", "empty")):
            with pytest.raises(Invalid) as caught:
                services.batch_create(access=access, file_name="a.xlsx", data=data)
            assert caught.value.code == code

    def test_viewers_change_nothing(self, access: Access) -> None:
        viewer = make.make_access(access.workspace, "viewer")
        batch = hand_in(access, negociacao(trade()))
        line = batch.lines.get()
        for call in (
            lambda: services.batch_create(access=viewer, file_name="a", data=b"x"),
            lambda: services.batch_apply(access=viewer, batch=batch),
            lambda: services.batch_undo(access=viewer, batch=batch),
            lambda: services.batch_delete(access=viewer, batch=batch),
            lambda: services.line_decide(
                access=viewer, batch=batch, line=line, kind="ignore", values={}
            ),
            lambda: services.line_reopen(access=viewer, batch=batch, line=line),
            lambda: services.proposals_answer(
                access=viewer, batch=batch, institutions={}, assets={}
            ),
            lambda: services.mapping_set(access=viewer, batch=batch, mapping=Mapping(columns={})),
        ):
            with pytest.raises(Forbidden):
                call()


class TestGenericCsv:
    DATA = csv(["Quando;Papel;Quanto;Por", "10/03/2026;EXMP4;100;10,50", "11/03/2026;EXMP4;-5;9,5"])
    MAPPING = Mapping(
        columns={"date": "Quando", "ticker": "Papel", "quantity": "Quanto", "unit_price": "Por"},
        sign="quantity",
        date_order="dmy",
    )

    def test_columns_are_asked_said_kept_and_used_again(self, access: Access) -> None:
        account = make.make_account(access.workspace)
        batch = hand_in(access, self.DATA, "meus negócios.csv")
        assert (batch.status, batch.lines.count()) == ("parsed", 0)
        with pytest.raises(Conflict) as caught:
            services.batch_apply(access=access, batch=batch)
        assert caught.value.code == "mapping_needed"
        services.mapping_set(access=access, batch=batch, mapping=self.MAPPING, save_as="Planilha")
        services.batch_parse(batch_id=batch.pk)
        batch.refresh_from_db()
        run(access, batch)
        assert [row[0] for row in rows_of(access)] == ["buy", "sell"]
        assert Transaction.objects.first().account == account  # type: ignore[union-attr]
        assert ColumnMapping.objects.get().name == "Planilha"
        again = hand_in(access, self.DATA)
        assert states(again) == ["duplicate", "duplicate"]

    def test_a_saved_mapping_belongs_to_its_workspace(self, access: Access) -> None:
        batch = hand_in(access, self.DATA)
        services.mapping_set(access=access, batch=batch, mapping=self.MAPPING, save_as="Planilha")
        other = hand_in(make.make_access(), self.DATA)
        assert other.lines.count() == 0


def test_the_number_of_queries_does_not_follow_the_number_of_rows(
    access: Access, django_assert_max_num_queries: Any
) -> None:
    rows = [
        trade(day=f"{1 + n % 28:02d}/03/2026", price=n + 1, value=(n + 1) * 100) for n in range(300)
    ]
    with django_assert_max_num_queries(90):
        batch = bring(access, negociacao(*rows))
    assert batch.counts["applied"] == 300
    assert Line.objects.filter(batch=batch, created_transaction=True).count() == 300
