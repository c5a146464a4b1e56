"""Delivery: settings, URLs, Celery, WSGI and the embedded servers. Nobody in apps/ imports it."""
