"""Pages of returns, risk, allocation and income, and the JSON of their charts."""
