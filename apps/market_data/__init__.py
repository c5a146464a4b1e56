"""Quotes, daily prices, exchange rates and indexes, and where they come from."""
