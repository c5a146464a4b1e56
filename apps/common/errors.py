"""Errors a person can be told about. Pages and the API turn them into answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: its name, a stable code and what to do about it."""

    field: str
    code: str
    message: Text


class DomainError(Exception):
    """A rule of Exitus was not met. ``code`` is stable, ``message`` is for the person."""

    status = 400

    def __init__(
        self,
        code: str,
        message: Text,
        *,
        field: str | None = None,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.params = dict(params or {})
        self.errors = list(errors)
        if field is not None and not self.errors:
            self.errors = [FieldError(field, code, message)]

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """The input cannot be accepted as it stands."""


class NotFound(DomainError):
    """The thing does not exist, or is not the caller's to see."""

    status = 404


class Forbidden(DomainError):
    """The caller may see the thing but not do this to it."""

    status = 403


class Conflict(DomainError):
    """The thing is not in a state that allows this."""

    status = 409
