"""Pieces of the pages of analyses."""
