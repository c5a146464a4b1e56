"""Corporate events, one kind after another, and what they do to average and lots."""

import pytest

from apps.engine.holdings import fold
from apps.engine.tests.support import D, codes, folded, held, ledger, row
from apps.engine.types import Account


def _bought(quantity: object = 100, price: object = 10, **fields: object) -> object:
    return row("2024-01-02", "buy", "XPTO3", quantity, price, **fields)


def test_split_and_reverse_split_keep_the_cost() -> None:
    # CVM: 100 shares of 8 become 200 of 4; 100 of 2 become 50 of 4
    holding = held(folded(_bought(100, 8), row("2024-02-01", "split", ratio=2)))
    assert (holding.quantity, holding.total_cost, holding.average_cost) == (200, 800, 4)
    holding = held(folded(_bought(100, 2), row("2024-02-01", "split", ratio="0.5")))
    assert (holding.quantity, holding.total_cost, holding.average_cost) == (50, 200, 4)
    assert [(lot.quantity, lot.cost, lot.ref) for lot in holding.lots] == [(50, 200, "0")]


def test_a_split_reaches_only_the_account_it_names() -> None:
    rows = [
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-02-01", "split", ratio=2, account="A"),
    ]
    assert held(folded(*rows)).quantity == 300
    both = [*rows, row("2024-02-01", "split", ratio=2, account="B")]
    holding = held(folded(*both))
    assert (holding.quantity, holding.total_cost) == (400, 3000)
    assert [(lot.quantity, lot.cost) for lot in holding.lots] == [(200, 1000), (200, 2000)]


def test_a_split_without_account_reaches_everyone() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-02-01", "split", ratio=2, account=""),
    )
    assert held(result).quantity == 400
    assert codes(result) == []


@pytest.mark.parametrize("size, whole", [(20, True), (21, False)])
def test_a_bonus_without_account_is_shared_out(size: int, whole: bool) -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-02-01", "bonus", "XPTO3", size, 5, account=""),
    )
    assert held(result).quantity == 200 + size
    assert held(result).total_cost == 3_000 + size * 5
    # who got the odd share is not known
    assert codes(result) == ([] if whole else ["account_missing"])


@pytest.mark.parametrize("shares", [{"": 100}, {"A": 25, "B": 75}], ids=str)
def test_a_spin_off_takes_its_part_of_the_whole_cost(shares: dict[str, int]) -> None:
    # a quarter of 4,000, whether one row tells it or one for each account
    split = {"to_asset": "NOVA3", "cost_share": "0.25"}
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 300, 10, account="B"),
        *(
            row("2024-02-01", "spin_off", "XPTO3", size, account=account, **split)
            for account, size in shares.items()
        ),
    )
    assert (held(result).quantity, held(result).total_cost) == (400, 3_000)
    assert (held(result, "NOVA3").quantity, held(result, "NOVA3").total_cost) == (100, 1_000)


def test_a_bonus_without_account_is_nobodys_among_several_holders() -> None:
    accounts = {code: Account(code, code, code, "BRL") for code in ("A", "B")}
    rows = [
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-02-01", "bonus", "XPTO3", 20, 5, account=""),
    ]
    result = fold(ledger(*rows), {}, accounts)
    assert [each.quantity for each in result.holdings.values() if each.quantity] == [100, 100]
    assert "account_missing" in codes(result)


def test_a_split_of_nothing_is_reported() -> None:
    assert codes(folded(row("2024-02-01", "split", ratio=2))) == ["event_without_position"]


@pytest.mark.parametrize("ratio", [None, 0, -2])
def test_a_split_needs_a_ratio(ratio: object) -> None:
    result = folded(_bought(), row("2024-02-01", "split", ratio=ratio))
    assert codes(result) == ["ratio_missing"]
    assert held(result).quantity == 100


def test_a_split_moves_a_short_too() -> None:
    holding = held(
        folded(
            row("2024-01-02", "short_sell", "XPTO3", 10, 100),
            row("2024-02-01", "split", ratio=10),
        )
    )
    assert (holding.quantity, holding.total_cost) == (-100, -1000)


def test_bonus_shares_enter_at_the_declared_cost() -> None:
    # Cielo: 1000 shares for 30000, 20 % bonus at 2.65: 200 x 2.65 = 530 -> 30530 / 1200
    result = folded(
        row("2017-01-01", "buy", "CIEL3", 1000, 30),
        row("2017-04-17", "bonus", "CIEL3", 200, "2.65"),
    )
    holding = held(result, "CIEL3")
    assert (holding.quantity, holding.total_cost) == (1200, 30530)
    assert holding.average_cost == D(30530) / 1200
    assert result.issues == []
    assert result.cash == {("main", "BRL"): D(-30000)}


def test_a_bonus_without_declared_cost_costs_nothing_and_says_so() -> None:
    result = folded(_bought(), row("2024-02-01", "bonus", "XPTO3", 10))
    assert held(result).total_cost == 1000
    assert held(result).quantity == 110
    assert codes(result) == ["bonus_cost_missing"]


def test_a_fraction_of_a_bonus_never_enters_the_position() -> None:
    # 100 shares, bonus 21.21 % = 21 shares and 0.21 of one, declared 15.82;
    # 0.21 auctioned at 20: 4.20 - 0.21 x 15.82 (3.3222) = 0.8778
    result = folded(
        row("2024-01-02", "buy", "EZTC3", 100, 10),
        row("2024-02-01", "bonus", "EZTC3", 21, "15.82"),
        row("2024-03-01", "fraction_sale", "EZTC3", "0.21", amount="4.20"),
    )
    holding = held(result, "EZTC3")
    assert (holding.quantity, holding.total_cost) == (121, D("1332.22"))
    assert holding.realised_gain == D("0.8778")
    assert codes(result) == []


def test_a_fraction_of_a_reverse_split_leaves_at_average() -> None:
    # 105 for 1050, ten to one: 10.5 at 100; half a share sold for 60: gain 10
    result = folded(
        _bought(105, 10),
        row("2024-02-01", "split", ratio="0.1"),
        row("2024-02-20", "fraction_sale", "XPTO3", "0.5", amount=60),
    )
    holding = held(result)
    assert (holding.quantity, holding.total_cost, holding.realised_gain) == (10, 1000, 10)
    assert codes(result) == []


def test_a_fraction_of_unknown_origin_leaves_at_average_with_an_issue() -> None:
    result = folded(
        _bought("10.5", 10), row("2024-02-20", "fraction_sale", "XPTO3", "0.5", amount=6)
    )
    assert held(result).realised_gain == 1
    assert codes(result) == ["fraction_origin_unknown"]


def test_a_recorded_fraction_of_a_bonus_is_questioned() -> None:
    result = folded(
        _bought(),
        row("2024-02-01", "bonus", "XPTO3", "21.21", 2),
        row("2024-03-01", "fraction_sale", "XPTO3", "0.21", amount="4.20"),
    )
    assert codes(result) == ["fraction_left_in_position"]


def test_spin_off_moves_its_share_of_the_cost_and_the_dates() -> None:
    # 100 for 1000 and 100 for 2000; 25 % of the cost leaves with 50 new shares
    result = folded(
        _bought(100, 10),
        row("2024-01-05", "buy", "XPTO3", 100, 20),
        row("2024-02-01", "spin_off", "XPTO3", 50, to_asset="NOVA3", cost_share="0.25"),
    )
    old, new = held(result), held(result, "NOVA3")
    assert (old.quantity, old.total_cost) == (200, 2250)
    assert (new.quantity, new.total_cost, new.average_cost) == (50, 750, 15)
    assert [(lot.quantity, lot.cost, lot.ref) for lot in new.lots] == [
        (25, 250, "0"),
        (25, 500, "1"),
    ]
    assert old.fifo_cost == 2250
    assert (old.realised_gain, codes(result)) == (0, [])


@pytest.mark.parametrize("share", [None, "-0.1", "1.5"])
def test_a_spin_off_without_its_share_leaves_both_costs_unknown(share: object) -> None:
    result = folded(
        _bought(),
        row("2024-02-01", "spin_off", "XPTO3", 50, to_asset="NOVA3", cost_share=share),
    )
    assert codes(result) == ["cost_share_missing"]
    assert held(result).total_cost is None
    assert held(result, "NOVA3").total_cost is None
    assert held(result, "NOVA3").quantity == 50


def test_a_spin_off_of_nothing_gives_shares_of_unknown_cost() -> None:
    result = folded(row("2024-02-01", "spin_off", "XPTO3", 50, to_asset="NOVA3", cost_share="0.1"))
    assert codes(result) == ["event_without_position"]
    assert held(result, "NOVA3").total_cost is None


def test_merger_carries_the_cost_by_ratio() -> None:
    result = folded(_bought(100, 10), row("2024-02-01", "merger", ratio="0.75", to_asset="NOVA3"))
    assert (held(result).quantity, held(result).total_cost) == (0, 0)
    new = held(result, "NOVA3")
    assert (new.quantity, new.total_cost) == (75, 1000)
    assert new.lots[0].date.isoformat() == "2024-01-02"


def test_money_of_a_merger_lowers_the_cost_and_its_excess_is_gain() -> None:
    merger = row("2024-02-01", "merger", ratio=1, to_asset="NOVA3", amount=300)
    result = folded(_bought(100, 10), merger)
    assert held(result, "NOVA3").total_cost == 700
    assert held(result).realised_gain == 0
    assert result.cash == {("main", "BRL"): D(-700)}
    merger = row("2024-02-01", "merger", ratio=1, to_asset="NOVA3", amount=1300)
    result = folded(_bought(100, 10), merger)
    assert held(result, "NOVA3").total_cost == 0
    assert held(result).realised_gain == 300
    assert held(result).fifo_realised == 300


def test_a_merger_needs_ratio_and_other_asset() -> None:
    assert codes(folded(_bought(), row("2024-02-01", "merger", to_asset="N"))) == ["ratio_missing"]
    assert codes(folded(_bought(), row("2024-02-01", "merger", ratio=1))) == ["to_asset_missing"]


def test_a_renamed_asset_keeps_its_past() -> None:
    result = folded(
        _bought(100, 10),
        row("2024-01-15", "sell", "XPTO3", 40, 12),
        row("2024-01-20", "dividend", "XPTO3", amount=7),
        row("2024-02-01", "rename", to_asset="NOVA3"),
        row("2024-02-05", "buy", "NOVA3", 40, 10),
    )
    assert [key[2] for key in result.holdings] == ["NOVA3"]
    holding = held(result, "NOVA3")
    assert (holding.quantity, holding.total_cost, holding.realised_gain) == (100, 1000, 80)
    assert holding.income == 7
    assert [step.formula for step in holding.steps] == ["buy", "sell", "rename", "buy"]


def test_a_rename_into_something_held_joins_both() -> None:
    result = folded(
        _bought(100, 10),
        row("2024-01-03", "sell", "XPTO3", 50, 12),
        row("2024-01-04", "buy", "NOVA3", 50, 20),
        row("2024-02-01", "rename", to_asset="NOVA3"),
    )
    assert list(result.holdings) == [("default", None, "NOVA3")]
    holding = held(result, "NOVA3")
    assert (holding.quantity, holding.total_cost, holding.realised_gain) == (100, 1500, 100)


def test_a_rename_account_by_account_ends_in_one_position() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-02-01", "rename", to_asset="NOVA3", account="A"),
        row("2024-02-01", "rename", to_asset="NOVA3", account="B"),
    )
    assert list(result.holdings) == [("default", None, "NOVA3")]
    assert held(result, "NOVA3").quantity == 200
    assert held(result, "NOVA3").total_cost == 3000
    assert codes(result) == []


def test_a_rename_of_nothing_is_reported() -> None:
    result = folded(row("2024-02-01", "rename", to_asset="NOVA3"))
    assert codes(result) == ["event_without_position"]
    assert codes(folded(_bought(), row("2024-02-01", "rename"))) == ["to_asset_missing"]


def test_subscription_takes_in_the_cost_of_the_rights() -> None:
    # 20 rights bought for 30; 10 used: 10 x 12 + 15 = 135
    result = folded(
        row("2024-01-02", "buy", "XPTO1", 20, "1.5"),
        row("2024-01-20", "subscription", "XPTO3", 10, 12, to_asset="XPTO1"),
    )
    assert held(result).total_cost == 135
    assert (held(result, "XPTO1").quantity, held(result, "XPTO1").total_cost) == (10, 15)
    assert held(result, "XPTO1").realised_gain == 0
    assert result.cash == {("main", "BRL"): D(-150)}


def test_subscription_with_too_few_rights() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO1", 4, 1),
        row("2024-01-20", "subscription", "XPTO3", 10, 12, to_asset="XPTO1", fees=1),
    )
    assert held(result).total_cost == 125  # 120 + 1 + 4
    assert held(result, "XPTO1").quantity == 0
    assert codes(result) == ["rights_short"]


def test_subscription_without_rights_is_a_purchase() -> None:
    result = folded(row("2024-01-20", "subscription", "XPTO3", 10, 12))
    assert (held(result).quantity, held(result).total_cost, codes(result)) == (10, 120, [])


def test_capital_returned_lowers_the_cost_then_becomes_gain() -> None:
    result = folded(_bought(100, 10), row("2024-02-01", "return_of_capital", amount=400))
    assert (held(result).total_cost, held(result).realised_gain) == (600, 0)
    result = folded(
        _bought(100, 10),
        row("2024-01-03", "buy", "XPTO3", 100, 1),
        row("2024-02-01", "return_of_capital", amount=1500),
    )
    # average: 1100 - 1500 -> cost 0, gain 400; FIFO: 750 each, 1000-750 and 100-750 -> gain 650
    assert (held(result).total_cost, held(result).realised_gain) == (0, 400)
    assert (held(result).fifo_cost, held(result).fifo_realised) == (250, 650)


def test_capital_returned_after_the_sale_is_gain() -> None:
    result = folded(row("2024-02-01", "return_of_capital", amount=40))
    assert held(result).realised_gain == 40
    assert codes(result) == ["event_without_position"]


def test_maturity_redeems_everything() -> None:
    # 10 x 1000 = 10000; redeemed 11500 gross, 300 tax: gain before tax 1500, cash 11200
    result = folded(
        row("2022-01-03", "buy", "CDB1", 10, 1000),
        row("2024-01-03", "maturity", "CDB1", amount=11500, tax_withheld=300, fees=None),
    )
    holding = held(result, "CDB1")
    assert (holding.quantity, holding.total_cost, holding.realised_gain) == (0, 0, 1500)
    assert result.cash == {("main", "BRL"): D(1200)}
    assert codes(result) == []


def test_maturity_of_nothing() -> None:
    result = folded(row("2024-01-03", "maturity", "CDB1", amount=11500))
    assert codes(result) == ["event_without_position"]
    assert held(result, "CDB1").realised_gain is None


def test_come_cotas_takes_units_at_average_for_the_tax() -> None:
    # 1000 units of 1.00; 15 taken at 1.10 = 16.50: cost 985 stays, gain 1.50, no cash
    result = folded(
        row("2024-01-02", "buy", "FUNDO", 1000, 1),
        row("2024-05-31", "come_cotas", "FUNDO", 15, amount="16.5"),
    )
    holding = held(result, "FUNDO")
    assert (holding.quantity, holding.total_cost) == (985, 985)
    assert holding.realised_gain == D("1.5")
    assert result.cash == {("main", "BRL"): D(-1000)}
