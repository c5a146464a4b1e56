"""bin/run and manage.py: one machine, plain HTTP, the embedded servers unless URLs are given."""

from exitus import env as environment
from exitus.env import flag

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS

DEBUG = flag("DEBUG", False)
if not ALLOWED_HOSTS:
    # On loopback a foreign Host header is a DNS-rebinding attempt; elsewhere whoever set HOST
    # opened the port without naming the machine, so any name it is reached by must do.
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"] if environment.on_loopback() else ["*"]
