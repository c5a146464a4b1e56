"""Pages of the taxes."""
