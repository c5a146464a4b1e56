"""Institutions and accounts."""
