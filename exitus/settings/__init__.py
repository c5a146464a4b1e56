"""Settings: `embedded` (bin/run, manage.py), `production` (containers), `test` (pytest)."""
