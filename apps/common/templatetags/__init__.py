"""Template tags: figures and pieces of the interface."""
