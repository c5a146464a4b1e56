"""What portfolios hears from the layers below."""
