"""A workspace with one of everything, and the four people of every access test.

Every name in it holds the word `SECRET`: found in an answer to a stranger, it is a leak.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model, Q
from pghistory.core import event_models

from apps.accounts.models import TaskRun, User, Workspace
from apps.imports.models import Batch, ColumnMapping, Line
from apps.ledger.models import BrokerageNote
from apps.portfolios.models import AssetTag, Portfolio
from apps.taxes.models import TaxLink
from testing import factories as make

SECRET = "sigilo"  # noqa: S105 - a word to look for, no password


@dataclass(frozen=True)
class World:
    """The people, and the ids of what the owner has, by the names addresses give them."""

    workspace: Workspace
    owner: User
    editor: User
    viewer: User
    stranger: User
    stranger_workspace: Workspace
    ids: dict[str, Any]

    def kwargs(self, names: tuple[str, ...], basename: str = "") -> dict[str, Any]:
        """Values for an address's parameters. Raises ``KeyError`` naming one nobody made."""
        return {name: self.ids[f"{basename}.{name}" if name == "pk" else name] for name in names}

    def body(self) -> dict[str, Any]:
        """A body that names the owner's things in every way endpoints and forms know."""
        ids = {key: str(value) for key, value in self.ids.items() if "." not in key}
        return {
            "account": ids["account_id"],
            "asset": ids["asset_id"],
            "to_asset": ids["asset_id"],
            "holder": ids["holder_id"],
            "institution": ids["institution_id"],
            "underlying": ids["asset_id"],
            "batch": ids["batch_id"],
            "ids": ids["transaction_id"],
            "transaction": ids["transaction_id"],
            "selected": ids["transaction_id"],
            "workspace": ids["workspace_id"],
            "kind": "split",
            "name": "intruso",
            "ticker": "INTR3",
            "asset_class": "stock",
            "role": "owner",
            "username": self.stranger.username,
            "date": "2024-03-01",
            "trade_date": "2024-03-01",
            "ex_date": "2024-03-01",
            "quantity": "1",
            "unit_price": "1",
            "close": "1",
            "price": "1",
            "ratio": "2",
            "fees": "1",
            "currency": "BRL",
            "base_currency": "USD",
            "action": "delete",
            "confirm": "1",
            **ids,
        }


def build() -> World:
    """Makes the world. About thirty rows."""
    owner = make.make_user("dona")
    workspace = make.make_workspace(owner, name=f"Espaço {SECRET}")
    editor, viewer = make.make_member(workspace, "editor"), make.make_member(workspace, "viewer")
    for member in (editor, viewer):
        member.default_workspace = workspace
        member.save(update_fields=["default_workspace"])
    stranger = make.make_user("estranho")
    stranger_workspace = make.make_workspace(stranger, name="Espaço alheio")

    holder = make.make_holder(workspace, f"Titular {SECRET}")
    institution = make.make_institution(f"Corretora {SECRET}", workspace=workspace)
    account = make.make_account(
        workspace, institution=institution, holder=holder, name=f"Conta {SECRET}"
    )
    asset = make.make_asset(f"{SECRET.upper()}3", name=f"Companhia {SECRET}", workspace=workspace)
    row = make.make_transaction(account, asset=asset, note=f"nota {SECRET}")
    income = make.make_transaction(account, "dividend", "2024-02-01", asset=asset, amount=5)
    cash = make.make_transaction(account, "deposit", "2024-02-01", amount=5)
    # A month of tax: 100 sold at 1,000 that cost 10.
    make.make_transaction(account, "sell", "2024-01-31", asset=asset, quantity=100, unit_price=1000)
    paid = make.make_transaction(
        account, "darf_payment", "2024-02-29", amount=5, bucket="common", note="2024-01"
    )
    link = TaxLink.objects.create(
        workspace=workspace, holder=holder, purpose="pages", name=SECRET, token_hash="0" * 64
    )
    event = make.make_event(asset, workspace=workspace, source=SECRET)
    price = make.make_price(asset, "2024-01-02", 10, workspace=workspace)
    note = BrokerageNote.objects.create(
        workspace=workspace,
        account=account,
        trade_date=dt.date(2024, 1, 2),
        number=SECRET,
        fees=Decimal(1),
    )
    portfolio = Portfolio.objects.create(workspace=workspace, name=f"Carteira {SECRET}")
    AssetTag.objects.create(workspace=workspace, asset=asset, name=SECRET)
    run = TaskRun.objects.create(workspace=workspace, user=owner, kind="test", title=SECRET)
    batch = Batch.objects.create(
        workspace=workspace,
        user=owner,
        holder=holder,
        account=account,
        file_name=f"{SECRET}.csv",
        file=b"date,kind\n",
        sha256="0" * 64,
        format="exitus",
        status=Batch.Status.PARSED,
        counts={},
    )
    line = Line.objects.create(
        batch=batch, number=2, content_key="k", state=Line.State.DECIDE, raw={"nota": SECRET}
    )
    mapping = ColumnMapping.objects.create(
        workspace=workspace, name=SECRET, header_fingerprint="0" * 64
    )
    ids = {
        "workspace_id": workspace.pk,
        "id": workspace.pk,
        "account_id": account.pk,
        "holder_id": holder.pk,
        "institution_id": institution.pk,
        "asset_id": asset.pk,
        "transaction_id": row.pk,
        "event_id": event.pk,
        "note_id": note.pk,
        "batch_id": batch.pk,
        "line_id": line.pk,
        "number": line.number,
        "mapping_id": mapping.pk,
        "task_run_id": run.pk,
        "task_id": run.pk,
        "membership_id": viewer.memberships.get().pk,
        "member_id": viewer.memberships.get().pk,
        "kind": "ledger",
        "answer_kind": "performance",
        "code": "twr",
        "figure": "value",
        "holder.pk": holder.pk,
        "task.pk": run.pk,
        "asset.pk": asset.pk,
        "institution.pk": institution.pk,
        "account.pk": account.pk,
        "corporate-event.pk": event.pk,
        "position.pk": asset.pk,
        "portfolio.pk": portfolio.pk,
        "portfolio_id": portfolio.pk,
        "asset-tag.pk": asset.pk,
        "transaction.pk": row.pk,
        "income.pk": income.pk,
        "cash-movement.pk": cash.pk,
        "brokerage-note.pk": note.pk,
        "import.pk": batch.pk,
        "tax-payment.pk": paid.pk,
        "tax-link.pk": link.pk,
        "month": "2024-01",
        "year": "2024",
        "month_number": 1,
        "bucket": "common",
        "document": "impostos.xlsx",
        "payment_id": paid.pk,
        "link_id": link.pk,
        "token": "nenhum",
        "quote.pk": asset.pk,
        "price.pk": price.pk,
    }
    return World(workspace, owner, editor, viewer, stranger, stranger_workspace, ids)


def records() -> dict[str, int]:
    """How many changes the history of each table of record holds: the sum of all that was done."""
    tables = {model._meta.label: model._meta.db_table for model in event_models()}
    counts = (f"SELECT '{label}', count(*) FROM {table}" for label, table in tables.items())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts))
        return dict(cursor.fetchall())


def crossed_references() -> list[str]:
    """Rows of one workspace that point at a row of another; there must never be one."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("apps.") or not _has_workspace(model):
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, ForeignKey) or field.name == "workspace":
                continue
            target = field.related_model
            if not isinstance(target, type) or not _has_workspace(target):
                continue
            other = f"{field.name}__workspace"
            rows = model._base_manager.filter(
                Q(**{f"{field.name}__isnull": False, f"{other}__isnull": False})
            ).exclude(**{other: _own()})
            found += [f"{model._meta.label}.{field.name} {row.pk}" for row in rows]
    return found


def _own() -> Any:
    from django.db.models import F

    return F("workspace")


def _has_workspace(model: type[Model]) -> bool:
    return any(field.name == "workspace" for field in model._meta.concrete_fields)
