"""A plain price file, column by column, from its bytes: no string is made per row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Days, Floats
from apps.engine.io.tables import FIRST_YEAR, LAST_YEAR

_EPOCH = 719163  # ordinal of 1 January 1970
_DATE = 10
# So many digits make a whole number a float holds exactly, and so does the power of ten below
# them: their quotient is the nearest float, as reading the text would give.
_EXACT = 15
_LONGEST_NAME = 40

Bytes = NDArray[np.uint8]


class Parsed(NamedTuple):
    """Columns of a price file: ``names[which]`` is each row's asset."""

    names: list[str]
    which: NDArray[np.int64]
    when: Days
    closes: Floats


def parse(text: str) -> Parsed | None:
    """Rows of date, asset and close, the rows of an asset together; None for anything else."""
    if not text.endswith("\n"):
        text += "\n"
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    commas = np.flatnonzero(data == ord(","))
    if len(commas) != 2 * len(ends):
        return None
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1] + 1))
    first, second = commas[0::2], commas[1::2]
    if not ((first == starts + _DATE) & (second < ends)).all():
        return None
    when = _dates(data, starts)
    closes = _numbers(data, second + 1, ends - second - 1)
    if when is None or closes is None:
        return None
    heads = _runs(data, first + 1, second - first - 1)
    if heads is None:
        return None
    ids: dict[str, int] = {}
    of_run = []
    for head in heads.tolist():
        name = data[int(first[head]) + 1 : int(second[head])].tobytes().decode()
        of_run.append(ids.setdefault(name, len(ids)))
    lengths = np.diff(np.append(heads, len(ends)))
    return Parsed(list(ids), np.repeat(np.array(of_run, dtype=np.int64), lengths), when, closes)


def _dates(data: Bytes, starts: NDArray[np.intp]) -> Days | None:
    cells = [data[starts + place] for place in range(_DATE)]
    digits = [cell - np.uint8(48) for place, cell in enumerate(cells) if place not in (4, 7)]
    if any((digit > 9).any() for digit in digits):
        return None
    if (cells[4] != ord("-")).any() or (cells[7] != ord("-")).any():
        return None
    numbers = [digit.astype(np.int64) for digit in digits]
    year = numbers[0] * 1000 + numbers[1] * 100 + numbers[2] * 10 + numbers[3]
    month, day = numbers[4] * 10 + numbers[5], numbers[6] * 10 + numbers[7]
    if ((year < FIRST_YEAR) | (year > LAST_YEAR) | (month < 1) | (month > 12) | (day < 1)).any():
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    if (dates.astype("datetime64[M]") != months).any():
        return None  # a day its month does not have
    return np.asarray(dates.astype(np.int64) + _EPOCH)


def _numbers(data: Bytes, starts: NDArray[np.intp], widths: NDArray[np.intp]) -> Floats | None:
    if not len(starts) or widths.min() < 1 or widths.max() > _EXACT + 1:
        return None
    whole = np.zeros(len(starts), dtype=np.int64)
    decimals = np.zeros(len(starts), dtype=np.int64)
    dotted = np.zeros(len(starts), dtype=bool)
    end = len(data) - 1
    for place in range(int(widths.max())):
        inside = place < widths
        cell = data[np.minimum(starts + place, end)]
        dot = inside & (cell == ord("."))
        digit = cell - np.uint8(48)
        counts = inside & (digit <= 9)
        if (inside & ~dot & ~counts).any() or (dot & dotted).any():
            return None
        whole = np.where(counts, whole * 10 + digit, whole)
        decimals += counts & dotted
        dotted |= dot
    if whole.min() < 1 or (whole >= 10**_EXACT).any():
        return None
    return np.asarray(whole / 10.0**decimals)


def _runs(
    data: Bytes, starts: NDArray[np.intp], widths: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """Where the rows of another asset begin; None for files that go by date."""
    if widths.max() > _LONGEST_NAME:
        return None
    changed = widths[1:] != widths[:-1]
    end = len(data) - 1
    for place in range(int(widths.max())):
        cell = np.where(place < widths, data[np.minimum(starts + place, end)], 0)
        changed |= cell[1:] != cell[:-1]
    heads = np.concatenate(([0], np.flatnonzero(changed) + 1))
    return None if len(heads) > 100 and len(heads) > len(starts) // 8 else heads
