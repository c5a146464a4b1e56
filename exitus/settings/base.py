"""Settings that hold everywhere; the siblings add what a place needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from exitus import env as environment
from exitus.env import BASE_DIR, env, flag

from .admin import UNFOLD as UNFOLD
from .api import REST_FRAMEWORK as REST_FRAMEWORK
from .api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS

DATA_DIR = environment.data_dir()
SECRET_KEY = environment.secret_key(DATA_DIR)
DEBUG = False
ALLOWED_HOSTS: list[str] = [name for name in env("ALLOWED_HOSTS").split(",") if name]
CSRF_TRUSTED_ORIGINS: list[str] = [name for name in env("CSRF_TRUSTED_ORIGINS").split(",") if name]

# Exitus -------------------------------------------------------------------------------------------
EXITUS_DEMO = flag("EXITUS_DEMO", False)
EXITUS_SIGNUP_OPEN = flag("EXITUS_SIGNUP_OPEN", environment.on_loopback())
EXITUS_MAIL_ENABLED = bool(env("EMAIL_HOST"))
EXITUS_MFA_ENABLED = flag("EXITUS_MFA_ENABLED", False)
# Who may read /metrics: networks, separated by commas.
METRICS_ALLOWED = [
    item for item in env("METRICS_ALLOWED", "127.0.0.0/8,::1/128").split(",") if item
]
EXITUS_ENCRYPTION_KEY = env("EXITUS_ENCRYPTION_KEY")  # CPFs and vendors' keys; empty: SECRET_KEY
EXITUS_MARKET_SETTLE_SECONDS = 10  # how long a back-fill's pieces may wait to be shown
EXITUS_MAX_UPLOAD_BYTES = 20 * 1024 * 1024

# Applications -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin: it replaces its templates
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "apps.common.admin_site.AdminConfig",  # django.contrib.admin with our door
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # allauth's session and key pages load it
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "exitus.apps.ExitusConfig",
    "exitus.staticfiles.StaticFilesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_celery_beat",
    "django_celery_results",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pghistory.admin",
    "pgtrigger",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "apps.common",
    "apps.accounts",
    "apps.assets",
    "apps.brokers",
    "apps.market_data",
    "apps.corporate_events",
    "apps.ledger",
    "apps.portfolios",
    "apps.performance",
    "apps.taxes",
    "apps.imports",
    "apps.dashboard",
    "apps.api",
]

# Every line costs time on every request; a figure served from Redis must not touch the session.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.common.middleware.RequestIdMiddleware",
    "apps.api.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "exitus.middleware.CspByPathMiddleware",  # right below: sets what CSPMiddleware then reads
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.common.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "exitus.middleware.AuditMiddleware",
    "apps.common.middleware.DomainErrorMiddleware",
    "apps.accounts.middleware.SharedLoginMiddleware",
]

ROOT_URLCONF = "exitus.urls"
WSGI_APPLICATION = "exitus.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "exitus.context.site",
            ],
        },
    },
]

# Database and Redis -------------------------------------------------------------------------------
# Unset URLs point to nowhere on purpose: manage.py, bin/run and pytest set them to the embedded
# servers before Django looks.
DATABASE_URL = env("DATABASE_URL", "postgresql://exitus@/exitus?host=/nonexistent")
REDIS_URL = env("REDIS_URL", "unix:///nonexistent/redis.sock?db=0")
REDIS_CACHE_URL = env("REDIS_CACHE_URL") or environment.redis_database(
    # Not the broker's database: cache.clear() flushes the whole of its own.
    REDIS_URL,
    environment.redis_number(REDIS_URL) + 1,
)

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **environment.database_config(DATABASE_URL),
        "CONN_MAX_AGE": int(env("CONN_MAX_AGE", "60")),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "exitus.cache.KeptRedisCache",
        "LOCATION": REDIS_CACHE_URL,
        "KEY_PREFIX": "exitus",
        "TIMEOUT": 300,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Language and time --------------------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Português (Brasil)")), ("en", _("Inglês"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Sao_Paulo"
USE_I18N = True
USE_TZ = True

# Static files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT") or str(BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = env("MEDIA_ROOT") or str(DATA_DIR / "media")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# People -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional" if EXITUS_MAIL_ENABLED else "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Exitus: "
ACCOUNT_USERNAME_MIN_LENGTH = 3
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"] if EXITUS_MFA_ENABLED else []
MFA_PASSKEY_LOGIN_ENABLED = EXITUS_MFA_ENABLED
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if env("OIDC_SERVER_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env("OIDC_NAME", "OpenID Connect"),
                "client_id": env("OIDC_CLIENT_ID"),
                "secret": env("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": env("OIDC_SERVER_URL")},
            }
        ]
    }

# Mail: without a host nothing is ever sent, and the password page says so.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EXITUS_MAIL_ENABLED
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "exitus@localhost")

# Security headers ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# History ------------------------------------------------------------------------------------------
# Statement-level triggers: bulk writes of an import cost a third of what row triggers cost.
PGHISTORY_LEVEL = pgtrigger.Statement
# Not the default "events": an asset's `events` are those of the market.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history")
PGHISTORY_ADMIN_MODEL = "pghistory.MiddlewareEvents"
PGHISTORY_ADMIN_CLASS = "apps.common.admin.EventsAdmin"
PGHISTORY_ADMIN_ALL_EVENTS = False  # without a filter it would join the history of every table
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# API ----------------------------------------------------------------------------------------------
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": False,
    "CHECK_REVOKE_TOKEN": True,  # a new password ends every session held by a token
    "SIGNING_KEY": env("JWT_SIGNING_KEY") or SECRET_KEY,
}

# Celery -------------------------------------------------------------------------------------------
CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task: nothing else prevents a second delivery while one still runs.
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "global_keyprefix": "exitus:",
    # A worker of several queues empties them in the order it was given.
    "queue_order_strategy": "priority",
}
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXTENDED = True
CELERY_RESULT_EXPIRES = timedelta(days=7)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 840
CELERY_TASK_SOFT_TIME_LIMIT = 780
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
# What a person waits for stays in "default", which has its own worker: imports and rebuilds must
# not stand behind vendors that answer slowly, nor behind overviews, which are recomputed often. The
# market worker prefers quotes to histories.
CELERY_TASK_ROUTES = {
    "portfolios.refresh_metrics": {"queue": "figures"},
    "portfolios.refresh_all_metrics": {"queue": "figures"},
    "performance.*": {"queue": "figures"},
    "market_data.refresh_*": {"queue": "market"},
    "market_data.*": {"queue": "history"},
    "portfolios.fill_held_history": {"queue": "history"},
    "portfolios.extend_demo": {"queue": "history"},
    "taxes.*": {"queue": "figures"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "imports: stuck batches": {
        "task": "imports.sweep_stuck",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 55},  # a worker that was away needs one of them, not all
    },
    "performance: old timelines": {
        "task": "performance.forget_old_timelines",
        "schedule": timedelta(days=1),
        "options": {"expires": 3600},
    },
    "api: housekeeping": {
        "task": "api.housekeeping",
        "schedule": timedelta(days=1),
        "options": {"expires": 3600},
    },
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
DJANGO_CELERY_BEAT_TZ_AWARE = True

# Logging ----------------------------------------------------------------------------------------
# One line per event on stderr; ids only, never names, e-mails, CPFs or amounts.
LOG_FORMAT = env("LOG_FORMAT", "plain")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "exitus.logs.RequestIdFilter"}},
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "datefmt": "%H:%M:%S",
            "style": "{",
        },
        "json": {"()": "exitus.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "yfinance": {"level": "CRITICAL"},
        "peewee": {"level": "WARNING"},
    },
}

if env("SENTRY_DSN"):
    import sentry_sdk

    sentry_sdk.init(
        dsn=env("SENTRY_DSN"),
        environment=env("SENTRY_ENVIRONMENT", "production"),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=float(env("SENTRY_TRACES_SAMPLE_RATE", "0")),
    )
