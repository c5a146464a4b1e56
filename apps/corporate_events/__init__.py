"""Facts of the market about an asset."""
