"""Returns, risk, allocation and income of what is held: read from timelines the worker builds."""
