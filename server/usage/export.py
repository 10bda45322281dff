"""Rows as files that other programs read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson

Format = Literal["json", "csv", "jsonl"]


def to_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return a table with a heading, as RFC 4180 has it; the heading stands there without rows too.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_plain(row[name]) for name in columns] for row in rows)
    return file.getvalue()


def to_jsonl(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return an object a line."""
    return "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)


def _plain(value: Any) -> Any:
    return (
        f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
    )
