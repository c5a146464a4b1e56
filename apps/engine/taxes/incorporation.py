"""Incorporação de ações (LSA art. 252): for the revenue a disposal, where the row says it is one.

A merger row whose note names it, with the value of each new share as ``unit_price``, becomes a
redemption of the old shares at that value and an arrival of the new ones at the same cost.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace

from apps.engine.holdings import fold
from apps.engine.kinds import Kind
from apps.engine.taxes.model import ZERO
from apps.engine.types import Account, Asset, Issue, Row

#: Marks the rows made here, where other rows have the bucket of a declaration.
INCORPORATED = "share_incorporation"
_NAMED = re.compile(r"incorpora\w+\s+de\s+a[cç][oõ]es|share\s+incorporation", re.IGNORECASE)


def is_incorporation(row: Row) -> bool:
    """Whether a row says it is an incorporação de ações."""
    return row.kind is Kind.MERGER and bool(_NAMED.search(row.note))


def dispose_incorporated(
    rows: list[Row], assets: Mapping[str, Asset], accounts: Mapping[str, Account]
) -> tuple[list[Row], list[Issue]]:
    """Rows with every incorporação de ações turned into the disposal it is, and what is missing."""
    issues: list[Issue] = []
    done: list[Row] = list(rows)
    for row in sorted((row for row in rows if is_incorporation(row)), key=lambda row: row.date):
        if row.unit_price is None or row.ratio is None or not row.to_asset:
            params = {"asset": row.asset or "", "date": row.date.isoformat()}
            issues.append(Issue("incorporation_value_missing", row.ref, params))
            continue
        before = fold(done, assets, accounts, by="account", on=row.date - dt.timedelta(days=1))
        made: list[Row] = []
        for (_holder, account, asset), holding in before.holdings.items():
            if asset != row.asset or not holding.quantity > ZERO:
                continue
            if account is None or (row.account and account != row.account):
                continue
            received = holding.quantity * row.ratio
            value = received * row.unit_price
            cash = row.amount or ZERO
            own = replace(row, account=account, ratio=None, fees=ZERO, unit_price=None, note="")
            made.append(
                replace(
                    own,
                    kind=Kind.MATURITY,
                    quantity=holding.quantity,
                    amount=value + cash,
                    bucket=INCORPORATED,
                    to_asset=None,
                )
            )
            made.append(
                replace(
                    own,
                    kind=Kind.TRANSFER_IN,
                    asset=row.to_asset,
                    quantity=received,
                    amount=value,
                    to_asset=None,
                    tax_withheld=None,
                )
            )
        if made:
            place = next(at for at, each in enumerate(done) if each is row)
            done[place : place + 1] = made
    return done, issues
