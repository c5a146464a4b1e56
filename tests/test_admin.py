"""The admin: everything is found, records are only read, secrets never shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Holder, TaskRun, User, Workspace
from apps.common.admin import ReadOnlyAdmin
from apps.common.crypto import decrypt, encrypt
from apps.common.models import Setting
from apps.corporate_events.models import CorporateEvent
from apps.imports.models import Batch, ColumnMapping, Line
from apps.ledger.models import BrokerageNote, Kind
from apps.market_data.models import DataSource, HistoryCoverage, MarketState, Quote
from apps.portfolios.models import AssetTag, Build, CashBalance, Portfolio, Position
from apps.taxes.models import (
    Assessment,
    AssessmentBuild,
    DueNotice,
    HolderTaxSettings,
    MonthClosing,
    TaxLink,
    TaxOpening,
    TaxRule,
)
from testing import factories as make

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in REGISTERED if model.__module__.startswith("apps.")]
# Reference data and people: all that is edited here.
EDITABLE = {
    "accounts.User",
    "assets.Asset",
    "assets.Currency",
    "assets.Exchange",
    "assets.Holiday",
    "brokers.Institution",
    "common.Setting",
    "corporate_events.CorporateEvent",
    "market_data.DataSource",
    "taxes.TaxRule",
}
# Seen inside another table, or of no one's interest.
NOT_LISTED = {
    "accounts.IdempotencyKey",
    "assets.FixedIncomeTerms",
    "assets.TickerHistory",
    "brokers.InstitutionAlias",
    "ledger.Change",
    "portfolios.CashPart",
    "portfolios.PortfolioItem",
    "portfolios.PortfolioTarget",
    "taxes.TaxOpeningItem",
}


def label(model: type[models.Model]) -> str:
    return model._meta.label


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make.make_user("raiz", is_staff=True, is_superuser=True))
    return client


def people(count: int) -> list[Workspace]:
    return [make.make_workspace() for _ in range(count)]


def fill(count: int) -> None:
    """``count`` rows of every table, each with relations of its own."""
    exchange = make.make_exchange()
    for number in range(count):
        workspace = make.make_workspace()
        user = workspace.memberships.get().user
        holder = Holder.objects.get(workspace=workspace)
        institution = make.make_institution(workspace=workspace)
        account = make.make_account(workspace, institution=institution)
        asset = make.make_asset(workspace=workspace, exchange=exchange)
        other = make.make_asset()
        exchange.holidays.create(date=dt.date(2000, 1, 1) + dt.timedelta(number), name="x")
        for kind in (Kind.BUY, Kind.DIVIDEND, Kind.DEPOSIT):
            named = None if kind == Kind.DEPOSIT else asset
            make.make_transaction(account, kind, asset=named, quantity=1, amount=1)
        note = {"trade_date": dt.date(2024, 1, 2), "fees": Decimal(1), "number": str(number)}
        BrokerageNote.objects.create(workspace=workspace, account=account, **note)
        make.make_event(asset, kind="merger", to_asset=other, workspace=workspace)
        make.make_price(asset, "2024-01-02", 10, workspace=workspace)
        day = dt.date(2020, 1, 1) + dt.timedelta(number)
        make.make_fx(day, 5)
        make.make_index("CDI", day, "0.04")
        now = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)
        Quote.objects.create(
            asset=asset, price=1, currency="BRL", as_of=now, fetched_at=now, source="t"
        )
        run = TaskRun.objects.create(workspace=workspace, user=user, kind="k", title="t")
        batch = Batch.objects.create(
            workspace=workspace, user=user, holder=holder, file_name="f", sha256="0", task_run=run
        )
        Line.objects.create(batch=batch, number=1, content_key="k", state=Line.State.NEW)
        ColumnMapping.objects.create(workspace=workspace, name="m", header_fingerprint="f")
        Build.objects.create(workspace=workspace)
        Position.objects.create(
            workspace=workspace,
            holder=holder,
            account=account,
            asset=asset,
            currency="BRL",
            quantity=1,
        )
        CashBalance.objects.create(workspace=workspace, account=account, currency="BRL", amount=1)
        portfolio = Portfolio.objects.create(workspace=workspace, name="p")
        portfolio.items.create(account=account)
        portfolio.targets.create(asset=asset, weight=1)
        AssetTag.objects.create(workspace=workspace, asset=asset, name="t")
        fill_taxes(number, workspace, holder)
        HistoryCoverage.objects.get_or_create(series=f"index:{number}", checked_at=now)
        DataSource.objects.get_or_create(code=f"s{number}", defaults={"name": "s"})
        Setting.objects.create(key=f"test.{number}")
    MarketState.objects.get_or_create(pk=1)


def fill_taxes(number: int, workspace: Workspace, holder: Holder) -> None:
    """A row of every table of the taxes."""
    day = dt.date(2024, 1, 1)
    TaxRule.objects.get_or_create(rule_id=f"TEST-{number}", valid_from=day)
    HolderTaxSettings.objects.create(holder=holder)
    TaxOpening.objects.create(holder=holder, date=day).items.create(bucket="common")
    AssessmentBuild.objects.create(holder=holder, workspace=workspace)
    Assessment.objects.create(holder=holder, year=2024, month=1)
    now = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    MonthClosing.objects.create(holder=holder, month=day, closed_at=now)
    TaxLink.objects.create(
        workspace=workspace, holder=holder, purpose="pages", token_hash=str(holder.pk)
    )
    DueNotice.objects.create(holder=holder, key="darf-2024-01", due_date=day)


def test_every_table_is_found() -> None:
    from django.apps import apps

    ours = {
        label(model)
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not model.__name__.endswith("Event")
    } | {"corporate_events.CorporateEvent"}
    assert ours - {label(model) for model in OURS} == NOT_LISTED


@pytest.mark.parametrize("model", OURS, ids=label)
def test_records_are_read_only(root: Client, rf: Any, model: type[models.Model]) -> None:
    found = admin.site._registry[model]
    assert isinstance(found, ReadOnlyAdmin) is (label(model) not in EDITABLE)
    if label(model) in EDITABLE:
        return
    request = rf.get("/")
    request.user = User.objects.get(username="raiz")
    assert found.has_view_permission(request)
    assert not found.has_add_permission(request)
    assert not found.has_change_permission(request)
    assert not found.has_delete_permission(request)
    assert found.get_actions(request) == {}
    assert root.get(address(model, "add")).status_code == 403


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_every_list_and_page_opens(root: Client, rf: Any, model: type[models.Model]) -> None:
    fill(1)
    found = admin.site._registry[model]
    request = rf.get("/")
    request.user = User.objects.get(username="raiz")
    response = root.get(address(model, "changelist"))
    assert response.status_code == 200
    if not model.__module__.startswith("apps."):
        return
    if found.search_fields:
        assert root.get(address(model, "changelist") + "?q=a").status_code == 200
    row = found.get_queryset(request).first()
    assert row is not None, "fill() makes none"
    page = root.get(address(model, "change", row.pk))
    assert page.status_code == 200
    assert root.get(address(model, "history", row.pk)).status_code == 200
    if label(model) in EDITABLE:
        assert root.get(address(model, "add")).status_code == 200


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_lists_ask_the_same_for_many_rows(root: Client) -> None:
    """Twelve rows more, each with relations of its own, and not one query more."""
    fill(2)
    urls = {label(model): address(model, "changelist") for model in OURS}
    root.get(reverse("admin:index"))  # content types and the session are cached from here on
    few = {name: queries(root, url) for name, url in urls.items()}
    _fill_more(12)
    many = {name: queries(root, url) for name, url in urls.items()}
    grown = {name: (few[name], many[name]) for name in urls if many[name] > few[name]}
    assert grown == {}
    assert max(many.values()) <= 20, many


def _fill_more(count: int) -> None:
    Setting.objects.all().delete()
    from apps.assets.models import Holiday
    from apps.market_data.models import FxRate, IndexValue

    for table in (Holiday, FxRate, IndexValue):
        table.objects.all().delete()
    fill(count)


class TestDoor:
    def test_the_anonymous_go_to_the_common_sign_in(self) -> None:
        response = Client().get(reverse("admin:index"))
        assert response.status_code == 302
        response = Client().get(response["Location"])
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("values", [{}, {"is_staff": True}, {"is_superuser": True}])
    def test_others_do_not_get_in(self, values: dict[str, bool]) -> None:
        client = Client()
        client.force_login(make.make_user(**values))
        assert client.get(reverse("admin:index"), follow=True).status_code == 403
        for model in REGISTERED:
            response = client.get(address(model, "changelist"))
            assert response.status_code == 302

    def test_the_menu_leads_to_pages(self, root: Client) -> None:
        from apps.api.admin_menu import navigation

        links = {item["link"] for group in navigation(None) for item in group["items"]}
        missing = {address(model, "changelist") for model in OURS} - links
        assert missing == set()
        for link in sorted(links):
            assert root.get(link).status_code == 200, link

    def test_writes_need_the_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(make.make_user(is_staff=True, is_superuser=True))
        assert client.post(address(Setting, "add"), {"key": "a"}).status_code == 403

    def test_the_policy_is_relaxed_here_only(self, root: Client) -> None:
        assert "'unsafe-eval'" in root.get(reverse("admin:index"))["Content-Security-Policy"]
        assert "unsafe" not in root.get("/")["Content-Security-Policy"]


class TestSecrets:
    CPF = "52998224725"

    def test_the_cpf_is_never_shown(self, root: Client) -> None:
        workspace = make.make_workspace()
        token = encrypt(self.CPF)
        holder = make.make_holder(workspace, cpf_encrypted=token)
        for url in (
            address(Holder, "changelist"),
            address(Holder, "change", holder.pk),
            address(Holder, "history", holder.pk),
            address(Workspace, "change", workspace.pk),
        ):
            content = root.get(url).content.decode()
            assert self.CPF not in content
            assert token not in content

    def test_a_provider_key_is_written_and_never_read(self, root: Client) -> None:
        source = DataSource.objects.create(code="teste", name="Teste")
        page = address(DataSource, "change", source.pk)
        sent = {
            "name": "Teste",
            "enabled": "on",
            "priority": "1",
            "base_url": "",
            "timeout_seconds": "8",
            "per_minute": "60",
            "per_day": "",
            "batch_size": "1",
            "options": "{}",
        }
        assert root.post(page, sent | {"token": "chave-secreta"}).status_code == 302
        source.refresh_from_db()
        assert decrypt(source.token_encrypted) == "chave-secreta"
        for url in (
            page,
            address(DataSource, "changelist"),
            address(DataSource, "history", "teste"),
        ):
            content = root.get(url).content.decode()
            assert "chave-secreta" not in content
            assert source.token_encrypted not in content
        root.post(page, sent)  # left empty: the key stays
        source.refresh_from_db()
        assert decrypt(source.token_encrypted) == "chave-secreta"
        root.post(page, sent | {"forget_token": "on"})
        source.refresh_from_db()
        assert source.token_encrypted == ""

    def test_no_table_of_secrets_is_listed(self) -> None:
        listed = {label(model) for model in REGISTERED}
        assert not {name for name in listed if "oken" in name or "Authenticator" in name}


def test_history_tells_who_and_what(root: Client) -> None:
    root.post(address(Setting, "add"), {"key": "a.b", "value_type": "text", "value": "um"})
    change = address(Setting, "change", "a.b")
    root.post(change, {"value_type": "text", "value": "dois"})
    content = root.get(address(Setting, "history", "a.b")).content.decode()
    assert "raiz" in content
    assert "um → dois" in content
    assert change in content


def test_a_setting_reads_as_its_type(root: Client) -> None:
    sent = {"key": "n", "value_type": "integer", "value": "dez"}
    assert root.post(address(Setting, "add"), sent).status_code == 200
    assert not Setting.objects.filter(key="n").exists()
    assert root.post(address(Setting, "add"), sent | {"value": "10"}).status_code == 302


def test_a_person_made_here_has_a_workspace(root: Client) -> None:
    sent = {
        "username": "nova",
        "email": "nova@example.org",
        "password1": make.PASSWORD,
        "password2": make.PASSWORD,
        "usable_password": "true",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    response = root.post(address(User, "add"), sent)
    assert response.status_code == 302, response.content.decode()[:3000]
    user = User.objects.get(username="nova")
    assert user.default_workspace is not None
    assert user.memberships.get().role == "owner"


def test_an_edited_event_rebuilds_whoever_holds(
    root: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    account, stranger = make.make_account(), make.make_account()
    asset = make.make_asset()
    make.make_transaction(account, asset=asset)
    event = make.make_event(asset, ex_date=dt.date(2024, 6, 1))
    sent = {"asset": str(asset.pk), "kind": "split", "ex_date": "2024-05-01", "ratio": "3"}
    with django_capture_on_commit_callbacks() as callbacks:
        response = root.post(address(CorporateEvent, "change", event.pk), sent)
    assert response.status_code == 302, response.content.decode()[:3000]
    assert len(callbacks) == 1
    holds, holds_not = account.workspace, stranger.workspace
    holds.refresh_from_db()
    holds_not.refresh_from_db()
    assert holds.ledger_version == 1
    assert holds.stale_since == dt.date(2024, 5, 1)
    assert holds_not.ledger_version == 0
