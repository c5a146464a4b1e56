"""``manage.py import_file``: the wizard without a page or a worker."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.imports.models import Batch
from apps.imports.tests.formats.files import move, movimentacao, negociacao, trade
from apps.ledger.models import Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db


def call(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("import_file", str(path), *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_imported_once(tmp_path: Path) -> None:
    access = make.make_access()
    user = access.user.username
    path = tmp_path / "negociacao.xlsx"
    path.write_bytes(negociacao(trade(), trade(day="11/03/2026")))
    assert "2 recorded, 0 already there" in call(path, "--user", user)
    assert "0 recorded, 2 already there" in call(path, "--user", user)
    assert Transaction.objects.count() == 2


def test_a_dry_run_shows_and_records_nothing(tmp_path: Path) -> None:
    access = make.make_access()
    path = tmp_path / "negociacao.xlsx"
    path.write_bytes(negociacao(trade()))
    out = call(path, "--user", access.user.username, "--dry-run")
    assert "b3_negociacao" in out
    assert "will make asset EXMP4: stock" in out
    assert (Transaction.objects.count(), Batch.objects.count()) == (0, 0)


def test_an_account_takes_every_row(tmp_path: Path) -> None:
    account = make.make_account()
    user = account.workspace.memberships.get().user
    path = tmp_path / "a.xlsx"
    path.write_bytes(negociacao(trade()))
    call(path, "--user", user.username, "--account", str(account.pk))
    assert Transaction.objects.get().account == account


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    access = make.make_access()
    user = access.user.username
    path = tmp_path / "a.xlsx"
    path.write_bytes(negociacao(trade(price="0.b2")))
    with pytest.raises(CommandError, match="linha 2"):
        call(path, "--user", user)
    path.write_bytes(movimentacao(move("Evento Nunca Visto")))
    with pytest.raises(CommandError):
        call(path, "--user", user)
    with pytest.raises(CommandError, match="no user"):
        call(path, "--user", "nobody-here")
    with pytest.raises(CommandError):
        call(tmp_path / "missing.xlsx", "--user", user)
    viewer = make.make_access(access.workspace, "viewer")
    with pytest.raises(CommandError):
        call(path, "--user", viewer.user.username, "--workspace", str(access.workspace.pk))
