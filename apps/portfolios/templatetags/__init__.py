"""Template tags of positions."""
