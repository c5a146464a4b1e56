"""Template tags of the taxes."""
