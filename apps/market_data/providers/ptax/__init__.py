"""Banco Central, PTAX: the rates that count for Brazilian taxes, purchase and sale."""
