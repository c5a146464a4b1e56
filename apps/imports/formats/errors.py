"""The one error a file that cannot be read gives: what, where, and what to do."""

from __future__ import annotations

from apps.imports.formats import messages


class FormatError(Exception):
    """A file is refused as a whole. ``row`` and ``column`` are as a person counts them."""

    def __init__(
        self,
        code: str,
        *,
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
        **params: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.sheet = sheet
        self.row = row
        self.column = column
        self.value = value[:80]
        self.params = {key: str(given) for key, given in params.items()}

    @property
    def message(self) -> str:
        """One sentence with the place and what to do, in the language of the moment."""
        return messages.error(
            self.code,
            sheet=self.sheet,
            row=self.row,
            column=self.column,
            params={**self.params, "value": self.value},
        )

    def __str__(self) -> str:
        place = " ".join(str(part) for part in (self.sheet, self.row, self.column) if part)
        return f"{self.code} {place} {self.value}".strip()

    def to_dict(self) -> dict[str, object]:
        """For the batch: everything but the sentence, which depends on the reader's language."""
        return {
            "code": self.code,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "params": self.params,
        }
