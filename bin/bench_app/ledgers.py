"""Ledgers drawn from a seed, in the formats people import."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import date, timedelta

SEED = 7
HEADER = (
    "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,fx_rate,"
    "ratio,to_asset,cost_share,note\n"
)


def tickers(count: int) -> list[str]:
    """Codes that look like B3 shares and are none of them in particular."""
    letters = "BCDFGHJKLM"
    return [
        f"{letters[i // 100 % 10]}{letters[i // 10 % 10]}{letters[i % 10]}X3" for i in range(count)
    ]


def trades(rows: int, assets: int, years: int) -> Iterator[tuple[date, str, str, int, float]]:
    """Day, side, code, quantity, price; what is sold was held before."""
    chance = random.Random(SEED)
    codes = tickers(assets)
    start = date(2026, 11, 20) - timedelta(days=365 * years)
    days = [start + timedelta(days=n) for n in range(365 * years)]
    days = [day for day in days if day.weekday() < 5]
    held = dict.fromkeys(codes, 0)
    for place in sorted(chance.randrange(len(days)) for _ in range(rows)):
        code = chance.choice(codes)
        price = round(chance.uniform(8, 90), 2)
        if held[code] >= 100 and chance.random() < 0.35:
            quantity = chance.randrange(1, held[code] // 100 + 1) * 100
            held[code] -= quantity
            yield days[place], "sell", code, quantity, price
        else:
            quantity = chance.randrange(1, 20) * 100
            held[code] += quantity
            yield days[place], "buy", code, quantity, price


def exitus_csv(rows: int, assets: int, years: int) -> bytes:
    """A ledger in the project's own format."""
    lines = [
        f"{day},,{side},{code},Corretora Referência,{quantity},{price},,1.50,,BRL,,,,,\n"
        for day, side, code, quantity, price in trades(rows, assets, years)
    ]
    return (HEADER + "".join(lines)).encode()


def b3_negociacao(rows: int, assets: int, years: int) -> bytes:
    """The same trades as B3's Negociação workbook writes them."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Negociação")
    sheet.append(
        [
            "Data do Negócio",
            "Tipo de Movimentação",
            "Mercado",
            "Prazo/Vencimento",
            "Instituição",
            "Código de Negociação",
            "Quantidade",
            "Preço",
            "Valor",
        ]
    )
    for day, side, code, quantity, price in trades(rows, assets, years):
        sheet.append(
            [
                day.strftime("%d/%m/%Y"),
                "Compra" if side == "buy" else "Venda",
                "Mercado à Vista",
                "-",
                "XP INVESTIMENTOS CCTVM S/A",
                code,
                quantity,
                price,
                round(quantity * price, 2),
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
