"""Banco Central, time series (SGS): CDI, Selic, IPCA."""
