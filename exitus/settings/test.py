"""pytest: the embedded servers of the test session (see exitus/testing.py), tasks run inline."""

import os

from exitus import testing

testing.reserve()  # before base: it sets DATABASE_URL, REDIS_URL and EXITUS_DATA_DIR

from exitus.env import flag  # noqa: E402

from .base import *  # noqa: E402, F403
from .base import CACHES, DATABASES, LOGGING, REST_FRAMEWORK  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
EXITUS_SIGNUP_OPEN = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A copy of the migrated template takes hundredths of a second, migrating takes many seconds.
DATABASES["default"]["TEST"] = {"TEMPLATE": testing.template()}
CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
CELERY_TASK_ALWAYS_EAGER = flag("EXITUS_TEST_EAGER", True)
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_STORE_EAGER_RESULT = False
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(
    REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "100000/min"
)
LOGGING["root"]["level"] = "WARNING"
EXITUS_MARKET_SETTLE_SECONDS = 0  # tests read what they wrote
