"""Loads the Celery application with Django, so that every process can queue work."""

from importlib import import_module

from django.apps import AppConfig


class ExitusConfig(AppConfig):
    """The delivery package as an app; it has no models."""

    name = "exitus"
    label = "exitus"

    def ready(self) -> None:
        """Makes the Celery application the current one: web and commands queue tasks too."""
        import_module("exitus.celery")
