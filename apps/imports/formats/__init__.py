"""Reading files: ``detect`` says what a file is, ``read`` turns it into lines with verdicts.

Pure: bytes in, plain data out. A file is read whole or refused whole with one
:class:`~apps.imports.formats.errors.FormatError` that names sheet, row and column.
"""

from __future__ import annotations

from collections import Counter

from apps.imports.formats import (
    b3_movimentacao,
    b3_negociacao,
    b3_offers,
    b3_posicao,
    exitus_csv,
    exitus_zip,
    generic_csv,
)
from apps.imports.formats.detect import detect_source
from apps.imports.formats.errors import FormatError
from apps.imports.formats.jcp import Rates, default_rates
from apps.imports.formats.tables import Source
from apps.imports.formats.types import (
    Action,
    Detected,
    Format,
    Limits,
    Mapping,
    Market,
    Parsed,
    ParsedLine,
    Warn,
)

__all__ = [
    "Action",
    "Detected",
    "Format",
    "FormatError",
    "Limits",
    "Mapping",
    "Market",
    "Parsed",
    "ParsedLine",
    "Warn",
    "detect",
    "read",
]


def detect(data: bytes, filename: str = "", *, limits: Limits | None = None) -> Detected:
    """What a file is, by its content; ``filename`` is never looked at."""
    return detect_source(Source(data, limits))


def read(
    data: bytes,
    filename: str = "",
    *,
    format: str = "auto",
    mapping: Mapping | None = None,
    jcp_rates: Rates | None = None,
    limits: Limits | None = None,
) -> Parsed:
    """Every row of a file with its verdict.

    ``jcp_rates`` are (from, rate) pairs, oldest first; the shipped ones by default. ``filename``
    only supplies the day of a B3 position, which the file itself does not say.
    """
    source = Source(data, limits)
    if format == "auto":
        detected = detect_source(source)
    else:
        detected = _requested(source, format)
    rates = default_rates() if jcp_rates is None else jcp_rates
    match detected.format:
        case Format.B3_NEGOCIACAO:
            parsed = b3_negociacao.read(source, detected.sheets)
        case Format.B3_MOVIMENTACAO:
            parsed = b3_movimentacao.read(source, detected.sheets, jcp_rates=rates)
        case Format.B3_POSICAO:
            parsed = b3_posicao.read(source, detected.sheets, filename=filename)
        case Format.B3_OFFERS:
            parsed = b3_offers.read(source, detected.sheets)
        case Format.EXITUS_CSV:
            parsed = exitus_csv.read(source)
        case Format.EXITUS_ZIP:
            parsed = exitus_zip.read(source)
        case Format.GENERIC_CSV:
            parsed = generic_csv.read(source, mapping=mapping)
    if not parsed.lines and not parsed.meta.get("lacks"):
        raise FormatError("no_rows", sheet=detected.sheets[0] if detected.sheets else "")
    _count(parsed.lines)
    return parsed


def _requested(source: Source, format: str) -> Detected:
    """The format the person named; a file of another kind is refused by its reader."""
    try:
        wanted = Format(format)
    except ValueError:
        raise FormatError("unknown_format", value=format) from None
    if wanted in (Format.EXITUS_CSV, Format.GENERIC_CSV) and not source.is_csv:
        raise FormatError("wrong_type")
    if wanted in (Format.EXITUS_CSV, Format.GENERIC_CSV):
        return Detected(wanted, ("",))
    found = detect_source(source)
    if found.format is wanted:
        return found
    raise FormatError("other_format", found=found.format, wanted=wanted)


def _count(lines: list[ParsedLine]) -> None:
    """Number identical rows of one institution: two identical fills are two facts."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in lines:
        key = (line.institution_key, line.content_key)
        seen[key] += 1
        line.occurrence = seen[key]
