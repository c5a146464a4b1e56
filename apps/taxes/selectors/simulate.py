"""A sale that did not happen, assessed exactly beside the ledger that did."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.assets.models import Asset
from apps.assets.selectors import engine_asset
from apps.brokers.models import Account
from apps.common.errors import FieldError, Invalid
from apps.engine.taxes import simulate as engine
from apps.engine.taxes.rules import RuleMissing
from apps.engine.taxes.simulate import SaleEffect
from apps.portfolios.models import Position
from apps.portfolios.pricing import Priced
from apps.taxes.assessing import Inputs, inputs_load, plain, uncollected
from apps.taxes.law import home_rates
from apps.taxes.models import HolderTaxSettings, TaxOpening
from apps.taxes.partial import part_load
from apps.taxes.selectors.prices import assets_priced, of_shares_held, price_notes
from apps.taxes.selectors.state import names_of, require_holder

MOST = 50
#: Decimals of a unit price in the ledger.
PLACES = 10


@dataclass(frozen=True, slots=True)
class Sale:
    """What to suppose sold: at ``unit_price`` in the asset's currency (the last price without
    one), from ``account_id`` (the account that holds most of it without one)."""

    asset_id: uuid.UUID
    quantity: Decimal
    unit_price: Decimal | None = None
    account_id: uuid.UUID | None = None
    fees: Decimal = Decimal(0)


def simulate_sale(
    *, access: Access, holder: Holder, sales: Sequence[Sale], on: dt.date | None = None
) -> dict[str, Any]:
    """What sales of a day would change: proceeds in reais, tax by bucket and regime, what is left
    to pay for the month, losses, what is left after tax. Nothing is written.

    The ledger is assessed twice: the assets sold and those settled with them where the stored
    months tell the rest, otherwise all of it. Proceeds and ``after_tax`` are None where a rate is
    unknown.
    Raises :class:`Invalid` naming ``sales.<index>.<field>``.
    """
    require_holder(access, holder)
    today = timezone.localdate()
    on = on or today
    supposed, assets, taken = _supposed(access, holder, sales, on)
    try:
        with uncollected():
            supposed, found, inputs = _assessed_twice(_with_choices(holder), supposed, assets, on)
    except RuleMissing as error:
        message = _("Falta a regra %(rule)s nesta data.") % {"rule": error.rule_id}
        raise Invalid("tax_rule_missing", message) from None
    rates = home_rates(each.currency for each in supposed)
    by_id = [replace(each, asset=inputs.codes.get(each.asset, each.asset)) for each in supposed]
    lines = [
        {**_line(each, assets, rates), **price_notes(priced)}
        for each, priced in zip(by_id, taken, strict=True)
    ]
    proceeds = _sum(line["proceeds"] for line in lines)
    tax = None if found.unknown else found.tax
    return {
        "on": on,
        "lines": lines,
        "proceeds": proceeds,
        "tax": tax,
        "after_tax": None if proceeds is None or tax is None else proceeds - tax,
        **_effect(found),
        "names": names_of(access=access, codes=inputs.codes, values=[plain(found.parts)]),
    }


def _assessed_twice(
    holder: Holder, sales: list[engine.Sale], assets: dict[uuid.UUID, Asset], on: dt.date
) -> tuple[list[engine.Sale], SaleEffect, Inputs]:
    """Sales by the names of the ledger, what they change, and the ledger. Raises
    :class:`RuleMissing`."""
    part = part_load(holder=holder, asset_ids=assets.keys(), on=on)
    inputs = part.inputs if part else inputs_load(workspace_id=holder.workspace_id)
    years = [on.year, *(row.date.year for row in inputs.ledger.rows)]
    until = max(years) if part is None else part.until
    last = max((row.seq for row in inputs.ledger.rows), default=0)
    sales = _by_code(sales, inputs, assets)
    before = inputs.ledger_of(holder=holder, until=until)
    rows = engine.rows_of(sales, on, last)
    after = inputs.ledger_of(holder=holder, until=until, extra=rows)
    return sales, engine.effect(before, after, on, part.rest if part else None), inputs


def _with_choices(holder: Holder) -> Holder:
    found = Holder(pk=holder.pk, workspace_id=holder.workspace_id, name=holder.name)
    settings = HolderTaxSettings.objects.filter(pk=holder.pk).first()
    opening = TaxOpening.objects.filter(pk=holder.pk).prefetch_related("items").first()
    if settings is not None:
        found.tax_settings = settings
    if opening is not None:
        found.tax_opening = opening
    return found


def _supposed(
    access: Access, holder: Holder, sales: Sequence[Sale], on: dt.date
) -> tuple[list[engine.Sale], dict[uuid.UUID, Asset], list[Priced | None]]:
    """The sales, their assets, and of each the price it took where none was given."""
    ids = [sale.asset_id for sale in sales]
    assets, prices = assets_priced(access=access, ids=ids)
    prices = of_shares_held(holder=holder, prices=prices)
    places = _places(access, holder, ids)
    errors: list[FieldError] = []
    if not 0 < len(sales) <= MOST:
        errors.append(FieldError("sales", "out_of_range", _("Informe de 1 a 50 vendas.")))
    found, taken = [], []
    for number, sale in enumerate(sales):
        where = f"sales.{number}"
        asset, latest = assets.get(sale.asset_id), prices.get(sale.asset_id)
        price = sale.unit_price
        if price is None and latest is not None:
            price = round(latest.price, PLACES)
        own = places.get(sale.asset_id, [])
        account = sale.account_id or (own[0] if own else None)
        wrong = [
            FieldError(f"{where}.{field}", code, message)
            for field, code, message, is_wrong in (
                ("asset", "not_found", _("Não encontramos este ativo."), asset is None),
                ("account", "not_found", _("Não encontramos esta conta."), account not in own),
                (
                    "quantity",
                    "not_positive",
                    _("Deve ser maior que zero."),
                    not sale.quantity.is_finite() or sale.quantity <= 0,
                ),
                ("unit_price", "required", _("Informe o preço: não há cotação."), price is None),
            )
            if is_wrong
        ]
        if asset is None:
            wrong = wrong[:1]
        errors += wrong
        if not wrong and asset is not None and price is not None:
            place = str(account)
            found.append(
                engine.Sale(str(asset.pk), place, sale.quantity, price, asset.currency, sale.fees)
            )
            taken.append(latest if sale.unit_price is None else None)
    if errors:
        raise Invalid("invalid", _("Há campos a corrigir na simulação."), errors=errors)
    return found, assets, taken


def _places(
    access: Access, holder: Holder, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Accounts of the holder that have each asset, the largest first; then their others."""
    rows = Position.objects.filter(
        workspace=access.workspace, holder=holder, asset_id__in=ids, account__isnull=False
    ).order_by("-quantity")
    found: dict[uuid.UUID, list[uuid.UUID]] = {pk: [] for pk in ids}
    for asset_id, account_id in rows.values_list("asset_id", "account_id"):
        if account_id is not None:
            found[asset_id].append(account_id)
    others = list(
        Account.objects.filter(workspace=access.workspace, holder=holder)
        .order_by("created_at")
        .values_list("pk", flat=True)
    )
    return {pk: [*own, *(each for each in others if each not in own)] for pk, own in found.items()}


def _by_code(
    sales: list[engine.Sale], inputs: Inputs, assets: dict[uuid.UUID, Asset]
) -> list[engine.Sale]:
    """The sales by the names the ledger has for assets; one nobody ever had brings its own."""
    names = {pk: code for code, pk in inputs.codes.items()}
    for sale in sales:
        if sale.asset not in names:
            names[sale.asset] = sale.asset
            inputs.ledger.assets[sale.asset] = engine_asset(assets[uuid.UUID(sale.asset)])
    return [replace(sale, asset=names[sale.asset]) for sale in sales]


def _line(
    sale: engine.Sale, assets: dict[uuid.UUID, Asset], rates: dict[str, Decimal]
) -> dict[str, Any]:
    asset = assets[uuid.UUID(sale.asset)]
    rate = rates.get(sale.currency)
    gross = sale.quantity * sale.unit_price * asset.multiplier - sale.fees
    return {
        "asset": sale.asset,
        "ticker": asset.ticker,
        "account": sale.account,
        "quantity": sale.quantity,
        "price": sale.unit_price,
        "currency": sale.currency,
        "fees": sale.fees,
        "proceeds": None if rate is None else gross * rate,
    }


def _effect(found: SaleEffect) -> dict[str, Any]:
    return {
        "buckets": [
            {
                "bucket": change.bucket,
                "result_before": change.before.result,
                "result_after": change.after.result,
                "tax_before": change.before.tax,
                "tax_after": change.after.tax,
                "tax": change.tax,
                "loss_before": change.before.loss_after,
                "loss_after": change.after.loss_after,
            }
            for change in found.buckets
        ],
        "exchange_tax": found.exchange,
        "abroad_tax": found.abroad,
        "crypto_tax": found.crypto,
        "gains_tax": found.gains,
        "source_tax": found.source,
        "darf_before": found.darf_before,
        "darf_after": found.darf_after,
        "exempt_gain_before": found.exempt_before,
        "exempt_gain_after": found.exempt_after,
        "abroad_loss_before": found.abroad_loss_before,
        "abroad_loss_after": found.abroad_loss_after,
        "parts": plain(found.parts),
        "issues": plain(found.issues),
    }


def _sum(values: Any) -> Decimal | None:
    known = list(values)
    return None if None in known else sum(known, Decimal(0))
