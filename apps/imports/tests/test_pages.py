"""Pages of imports: for an owner, a viewer and a stranger; with and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.imports import services
from apps.imports.models import Batch
from apps.imports.tests.formats.files import (
    BROKER,
    POSICAO,
    csv,
    move,
    movimentacao,
    negociacao,
    trade,
    xlsx,
)
from apps.imports.tests.helpers import bring, hand_in
from apps.ledger.models import Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> make.Access:
    return make.make_access()


def client_of(access: make.Access) -> Client:
    client = Client()
    client.force_login(access.user)
    return client


def url(name: str, access: make.Access, *args: object) -> str:
    return reverse(f"imports:{name}", args=[access.workspace.pk, *args])


def upload(data: bytes, name: str = "negociacao.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def post(client: Client, address: str, execute: Any, **data: Any) -> Any:
    with execute(execute=True):
        return client.post(address, data)


def test_a_file_goes_from_upload_to_ledger_and_back_without_javascript(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client, run = client_of(access), django_capture_on_commit_callbacks
    data = negociacao(trade(), trade(day="11/03/2026", side="Venda", quantity=50, value=1835.5))
    sent = post(client, url("list", access), run, files=[upload(data)])
    batch = Batch.objects.get()
    assert sent.status_code == 302
    page = client.get(url("batch", access, batch.pk))
    assert page.status_code == 200
    text = page.content.decode()
    assert "EXMP4" in text
    assert BROKER in text
    assert "2 lançamentos serão criados" in text
    post(client, url("apply", access, batch.pk), run)
    assert Transaction.objects.count() == 2
    assert "lançada" in client.get(url("batch", access, batch.pk)).content.decode()
    undo = client.get(url("undo", access, batch.pk))
    assert "2 lançamentos saem" in undo.content.decode()
    post(client, url("undo", access, batch.pk), run)
    assert Transaction.objects.count() == 0


def test_figures_in_messages_are_written_as_the_reader_writes_them(access: make.Access) -> None:
    batch = hand_in(access, movimentacao(move("Juros Sobre Capital Próprio", value=47.03)))
    text = client_of(access).get(url("batch", access, batch.pk)).content.decode()
    assert "Valor líquido de 47,03. Bruto de 55,33, com 15 % de imposto" in text


def test_several_files_at_once(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    files = [
        upload(negociacao(trade())),
        upload(movimentacao(move("Dividendo", value=1)), "m.xlsx"),
    ]
    client = client_of(access)
    sent = post(client, url("list", access), django_capture_on_commit_callbacks, files=files)
    assert sent.status_code == 302
    assert Batch.objects.filter(status="parsed").count() == 2
    assert "m.xlsx" in client.get(url("list", access)).content.decode()


def test_a_refused_file_says_where_and_what_to_do(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(access)
    bad = upload(negociacao(trade(), trade(day="30/ab/2021")))
    post(client, url("list", access), django_capture_on_commit_callbacks, files=[bad])
    text = client.get(url("batch", access, Batch.objects.get().pk)).content.decode()
    assert "linha 3, coluna “Data do Negócio”: “30/ab/2021” não é uma data" in text
    assert client.post(url("list", access), {}).status_code == 400


def test_lines_are_decided_on_the_page(access: make.Access) -> None:
    client = client_of(access)
    batch = hand_in(
        access,
        movimentacao(
            *[move("IR", "Debito", value=n, quantity="-") for n in (1, 2)],
            move("Evento Nunca Visto", value=5),
        ),
    )
    line = batch.lines.get(number=2)
    page = client.get(url("batch", access, batch.pk)).content.decode()
    assert "Evento Nunca Visto" in page
    refused = client.post(url("decide", access, batch.pk, line.pk), {f"l{line.pk}-kind": "split"})
    assert refused.status_code == 400
    assert "Obrigatório" in refused.content.decode()
    sent = client.post(
        url("decide", access, batch.pk, line.pk),
        {f"l{line.pk}-kind": "tax", f"l{line.pk}-alike": "on"},
    )
    assert sent.status_code == 302
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["decide"]) == (2, 1)
    last = batch.lines.get(number=4)
    client.post(
        url("decide", access, batch.pk, last.pk),
        {f"l{last.pk}-kind": "dividend", f"l{last.pk}-amount": "7,50"},
    )
    last.refresh_from_db()
    assert last.params["row"]["amount"] == "7.50"
    ignored = batch.lines.get(number=3)
    client.post(url("ignore", access, batch.pk, ignored.pk))
    ignored.refresh_from_db()
    assert ignored.state == "ignored"
    client.post(url("ignore", access, batch.pk, ignored.pk), {"volta": "1"})
    ignored.refresh_from_db()
    assert ignored.state == "decide"


def test_proposals_are_answered_on_the_page(access: make.Access) -> None:
    client = client_of(access)
    batch = hand_in(access, negociacao(trade(code="EXMP11")))
    assert "confira a classe" in client.get(url("batch", access, batch.pk)).content.decode()
    client.post(url("proposals", access, batch.pk), {"inst0": "create", "asset0": "unit"})
    batch.refresh_from_db()
    assert batch.proposals["assets"]["EXMP11"]["asset_class"] == "unit"
    assert client.post(url("proposals", access, batch.pk), {"asset0": "x"}).status_code == 400


def test_columns_are_said_on_the_page(
    access: make.Access, django_capture_on_commit_callbacks: Any
) -> None:
    make.make_account(access.workspace)
    client = client_of(access)
    batch = hand_in(access, csv(["Quando;Papel;Quanto;Por", "25/03/2026;EXMP4;-5;9,5"]), "a.csv")
    assert "O que é cada coluna" in client.get(url("batch", access, batch.pk)).content.decode()
    post(
        client,
        url("mapping", access, batch.pk),
        django_capture_on_commit_callbacks,
        col_date="Quando",
        col_ticker="Papel",
        col_quantity="Quanto",
        col_unit_price="Por",
        sign="quantity",
        decimal="auto",
        date_order="auto",
        save_as="Planilha",
    )
    batch.refresh_from_db()
    assert (batch.status, batch.counts["new"]) == ("parsed", 1)


def test_progress_refreshes_the_page_when_done(access: make.Access) -> None:
    client = client_of(access)
    batch = services.batch_create(
        access=access, file_name="a.xlsx", data=negociacao(trade()), queued=False
    )
    working = client.get(url("progress", access, batch.pk))
    assert "HX-Refresh" not in working
    assert "Lendo o arquivo" in client.get(url("batch", access, batch.pk)).content.decode()
    services.batch_parse(batch_id=batch.pk)
    assert client.get(url("progress", access, batch.pk))["HX-Refresh"] == "true"


def position(*rows: tuple[str, object, str]) -> bytes:
    filled = [
        (
            f"{code} - EXEMPLO",
            broker,
            "1",
            code,
            "",
            "",
            "ON",
            "",
            quantity,
            quantity,
            "-",
            "-",
            1,
            1,
        )
        for code, quantity, broker in rows
    ]
    return xlsx({"Acoes": [POSICAO, *filled]})


@pytest.mark.parametrize(
    ("code", "quantity", "broker", "words"),
    [
        ("EXMP4", 100, BROKER, "Tudo confere"),
        ("EXMP4", 400, BROKER, "4 vezes"),
        ("EXMP4", 110, BROKER, "bonificação"),
        ("EXMP4", 100, "OUTRA CORRETORA", "transferência de custódia"),
        ("OUTR3", 7, BROKER, "Não há nada deste ativo"),
    ],
)
def test_a_position_is_compared_and_differences_explained(
    access: make.Access,
    django_capture_on_commit_callbacks: Any,
    code: str,
    quantity: int,
    broker: str,
    words: str,
) -> None:
    client = client_of(access)
    bring(access, negociacao(trade(day="10/03/2025")))
    data = position((code, quantity, broker))
    sent = post(
        client,
        url("reconcile", access),
        django_capture_on_commit_callbacks,
        file=upload(data, "posicao-2026-03-31-10-00-00.xlsx"),
    )
    page = client.get(sent["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert words in text
    assert "2026-03-31" in text
    batch = Batch.objects.get(format="b3_posicao")
    assert client.post(url("apply", access, batch.pk)).status_code == 302
    assert Transaction.objects.count() == 1


def test_a_recent_trade_is_not_yet_in_custody(access: make.Access) -> None:
    bring(access, negociacao(trade(day="10/03/2025"), trade(day="31/03/2026")))
    batch = hand_in(access, position(("EXMP4", 100, BROKER)), "posicao-2026-03-31.xlsx")
    text = client_of(access).get(url("reconciliation", access, batch.pk)).content.decode()
    assert "depois da liquidação" in text


def addresses(access: make.Access) -> list[tuple[str, str]]:
    """Every page of a batch under review, with the method that changes."""
    batch = hand_in(access, movimentacao(move("Evento Nunca Visto"), move("Dividendo", value=1)))
    line = batch.lines.first()
    assert line is not None
    return [
        ("get", url("list", access)),
        ("get", url("batch", access, batch.pk)),
        ("get", url("progress", access, batch.pk)),
        ("get", url("reconcile", access)),
        ("get", url("reconciliation", access, batch.pk)),
        ("post", url("list", access)),
        ("post", url("reconcile", access)),
        ("post", url("decide", access, batch.pk, line.pk)),
        ("post", url("ignore", access, batch.pk, line.pk)),
        ("post", url("proposals", access, batch.pk)),
        ("post", url("mapping", access, batch.pk)),
        ("post", url("apply", access, batch.pk)),
        ("post", url("undo", access, batch.pk)),
        ("post", url("discard", access, batch.pk)),
    ]


def test_a_stranger_finds_nothing_and_a_viewer_changes_nothing(access: make.Access) -> None:
    stranger = client_of(make.make_access())
    viewer = client_of(make.make_access(access.workspace, "viewer"))
    for method, address in addresses(access):
        assert getattr(stranger, method)(address).status_code == 404, address
        expected = 200 if method == "get" else 403
        assert getattr(viewer, method)(address).status_code == expected, address
        assert getattr(Client(), method)(address).status_code == 302, address
    assert Batch.objects.get().status == "parsed"


def test_another_workspace_of_the_same_person_does_not_open_it(access: make.Access) -> None:
    batch = hand_in(access, negociacao(trade()))
    other = make.make_workspace(access.user)
    address = reverse("imports:batch", args=[other.pk, batch.pk])
    assert client_of(access).get(address).status_code == 404


@pytest.mark.parametrize("rows", [3, 45])
def test_the_number_of_queries_is_the_same_for_few_and_many_rows(
    access: make.Access, rows: int, django_assert_max_num_queries: Any
) -> None:
    client = client_of(access)
    fills = [trade(day=f"{1 + n % 28:02d}/03/2026", quantity=n + 1) for n in range(rows)]
    batch = hand_in(access, negociacao(*fills))
    client.get(url("batch", access, batch.pk))
    with django_assert_max_num_queries(20):
        client.get(url("batch", access, batch.pk))
    with django_assert_max_num_queries(14):
        client.get(url("list", access))


def test_discarding_and_its_limit(access: make.Access) -> None:
    client = client_of(access)
    batch = hand_in(access, negociacao(trade()))
    client.post(url("discard", access, batch.pk))
    assert not Batch.objects.exists()
    kept = bring(access, negociacao(trade()))
    client.post(url("discard", access, kept.pk))
    assert Batch.objects.filter(pk=kept.pk).exists()
