"""A timeline as bytes, to be kept and brought back elsewhere."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from zipfile import BadZipFile

import numpy as np

from apps.engine.returns.model import Events, Line, Mark, Marked, Timeline
from apps.engine.types import Issue

#: Of the layout, not of the code: bytes of another one are refused.
FORMAT = 2


class StoreError(ValueError):
    """Bytes that are no timeline of this format."""


def to_bytes(timeline: Timeline) -> bytes:
    """The whole timeline; values are written for the days a line has any."""
    alive = timeline.values != 0.0
    has = alive.any(axis=1)
    low = np.where(has, alive.argmax(axis=1), 0)
    high = np.where(has, timeline.days - alive[:, ::-1].argmax(axis=1), 0)
    head = {
        "format": FORMAT,
        "currency": timeline.currency,
        "start": timeline.start.isoformat(),
        "days": timeline.days,
        "lines": [
            [line.holder, line.account, line.asset, line.currency, line.asset_class]
            for line in timeline.lines
        ],
        "refs": list(timeline.refs),
        "rates": list(timeline.rates),
        "marks": [[mark.line, mark.first, mark.last, int(mark.why)] for mark in timeline.marks],
        "issues": [[issue.code, issue.where, dict(issue.params)] for issue in timeline.issues],
        "extra": dict(timeline.extra),
    }
    parts = [timeline.values[line, low[line] : high[line]] for line in range(len(timeline.lines))]
    arrays: dict[str, Any] = {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        "values": np.concatenate(parts) if parts else np.empty(0),
        "low": low.astype(np.int32),
        "high": high.astype(np.int32),
        "rates": np.array(list(timeline.rates.values())).reshape(
            len(timeline.rates), timeline.days
        ),
    }
    for name, column in asdict(timeline.events).items():
        arrays[f"event_{name}"] = column
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> Timeline:
    """The timeline back, every figure as it was; ``StoreError`` for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            head = json.loads(found["head"].tobytes())
            if head["format"] != FORMAT:
                raise StoreError("another format")
            count = len(head["lines"])
            values = np.zeros((count, head["days"]))
            place = 0
            flat, low, high = found["values"], found["low"], found["high"]
            for line in range(count):
                size = int(high[line] - low[line])
                values[line, low[line] : high[line]] = flat[place : place + size]
                place += size
            events = Events(**{each.name: found[f"event_{each.name}"] for each in fields(Events)})
            rates = dict(zip(head["rates"], found["rates"], strict=True))
    except StoreError:
        raise
    except (BadZipFile, KeyError, OSError, EOFError, TypeError, ValueError) as error:
        raise StoreError(str(error)) from error
    return Timeline(
        currency=head["currency"],
        start=date.fromisoformat(head["start"]),
        lines=tuple(Line(*each) for each in head["lines"]),
        values=values,
        events=events,
        refs=tuple(head["refs"]),
        rates=rates,
        marks=tuple(
            Mark(line, first, last, Marked(why)) for line, first, last, why in head["marks"]
        ),
        issues=tuple(Issue(*each) for each in head["issues"]),
        extra=head["extra"],
    )
