"""The main journeys in a real Chromium, on a real server, worker, PostgreSQL and Redis."""
