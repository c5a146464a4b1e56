"""What can be owned."""
