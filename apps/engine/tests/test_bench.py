"""The generated ledgers are the same every time, and clean."""

from pathlib import Path

from apps.engine import bench
from apps.engine.holdings import fold
from apps.engine.io import read_accounts, read_assets, read_fx, read_ledger, read_prices


def test_a_generated_ledger_is_reproducible_and_folds_without_issues(tmp_path: Path) -> None:
    first = bench.generate(tmp_path / "one", "A")
    second = bench.generate(tmp_path / "two", "A")
    for name, path in first.paths.items():
        assert Path(path).read_bytes() == Path(second.paths[name]).read_bytes(), name
    assets, _ = read_assets(first.paths["assets"])
    accounts, _ = read_accounts(first.paths["accounts"])
    ledger = read_ledger(first.paths["ledger"], assets, accounts)
    assert (len(ledger.rows), len(assets), ledger.issues) == (500, 10, [])
    fx, _ = read_fx(first.paths["fx"])
    prices, issues = read_prices(first.paths["prices"])
    assert (issues, prices.assets()) == ([], sorted(assets))
    result = fold(ledger.rows, assets, accounts, currency="BRL", fx=fx)
    assert result.issues == []
    assert len(result.holdings) == 10
    assert all(holding.realised_gain is not None for holding in result.holdings.values())


def test_the_measurements_run(tmp_path: Path) -> None:
    files = bench.generate(tmp_path, "A")
    assert bench.warm_holdings(files, repeat=1) > 0
    assert bench.warm_taxes(files, repeat=1) > 0
    measures = {measure.name: measure for measure in bench.measure(("A",), cold=False)}
    for name in ("holdings 500/10/5y", "returns 500/10/5y", "taxes 500/10/5y"):
        assert (measures[name].rows, measures[name].cold) == (500, None)
