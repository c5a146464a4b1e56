"""Which static files are collected."""

from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Leaves out sources and the vendor parts that no page loads (they are most of the bytes)."""

    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns,
        "src",  # static/src: inputs of the asset build
        "redoc",  # drf-spectacular-sidecar: Redoc is not offered, it calls other hosts
        "swagger-ui-es-*",
        "swagger-ui.js",
        "oauth2-redirect.html",
    ]
