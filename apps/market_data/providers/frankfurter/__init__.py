"""Frankfurter: the European Central Bank's daily rates, for display and pairs without BRL."""
