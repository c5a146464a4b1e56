"""What every app shares: errors, columns, history, words."""
