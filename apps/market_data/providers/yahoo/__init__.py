"""Yahoo Finance through the ``yfinance`` package. Optional, for personal use, never alone."""
