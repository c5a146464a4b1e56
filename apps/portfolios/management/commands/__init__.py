"""Seeds of reference data and of the demonstration."""
