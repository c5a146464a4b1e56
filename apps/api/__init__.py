"""The HTTP API as a whole: addresses, documentation, health."""
