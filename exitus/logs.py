"""Log lines: plain for people, JSON for machines; the request id on each, no personal data."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from django.utils.module_loading import import_string


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on every record, `-` outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = import_string("apps.common.middleware.request_id_var").get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
