"""Pages of what is held: positions, assets, and portfolios chosen among them."""
