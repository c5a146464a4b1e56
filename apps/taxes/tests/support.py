"""Ledgers for the tests of taxes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from apps.accounts.access import Access
from apps.accounts.models import Holder, Workspace
from apps.brokers.models import Account
from apps.ledger.services import TransactionInput, transaction_record
from apps.portfolios.services import workspace_rebuild
from apps.taxes.models import TaxRule
from apps.taxes.seeds import seed_rules
from apps.taxes.services import workspace_assess
from testing import factories as make


@dataclass(frozen=True)
class Tax:
    """A workspace, its owner and main holder, and an account."""

    access: Access
    holder: Holder
    account: Account

    @property
    def workspace(self) -> Workspace:
        return self.access.workspace

    def row(self, kind: str, date: str, **values: Any) -> Any:
        return make.make_transaction(self.account, kind, date, **values)

    def assess(self) -> None:
        """As the worker does after a write."""
        workspace_rebuild(workspace_id=self.workspace.pk, force=True)
        workspace_assess(workspace_id=self.workspace.pk, force=True)
        self.workspace.refresh_from_db()

    def record(self, **values: Any) -> Any:
        """Through the ledger's services: the version rises."""
        values["trade_date"] = dt.date.fromisoformat(values["trade_date"])
        row = transaction_record(
            access=self.access, data=TransactionInput(account=self.account, **values)
        )
        self.workspace.refresh_from_db()
        return row


_law: list[TaxRule] = []


def make_law() -> None:
    """The shipped law: seeded by the first test of a process, copied in one go for the others."""
    if _law:
        TaxRule.objects.bulk_create(_law, ignore_conflicts=True)
    else:
        seed_rules()
        _law.extend(TaxRule.objects.all())


def make_tax() -> Tax:
    make_law()
    access = make.make_access()
    holder = Holder.objects.get(workspace=access.workspace, is_default=True)
    return Tax(access, holder, make.make_account(access.workspace))


def above_the_limit(tax: Tax) -> Any:
    """1,000 shares bought at 20 and sold at 30 in March 2024, no fees.

    Sales 30,000 > 20,000: gain 10,000, tax 15 % = 1,500.00; IRRF 0.005 % of 30,000 = 1.50, so the
    DARF is 1,498.50, due on Tuesday 2024-04-30.
    """
    asset = make.make_asset("ABCD3", name="Abcd S.A.")
    tax.row("buy", "2024-02-01", asset=asset, quantity=1000, unit_price=20, fees=0)
    sale = {"quantity": 1000, "unit_price": 30, "fees": 0, "tax_withheld": "1.5"}
    tax.row("sell", "2024-03-05", asset=asset, **sale)
    return asset
