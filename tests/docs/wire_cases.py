"""The wire cases, as the tests that carry their numbers tell them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.pages import ROOT

_NAME: Final = re.compile(r"test_(w\d\d)_(.+)")


@dataclass(frozen=True, slots=True, order=True)
class WireCase:
    """One test: what a provider or a client does, and what the other side gets instead of harm."""

    number: str
    file: str
    line: int
    test: str
    happens: str
    seen: str


def wire_cases() -> list[WireCase]:
    """Return every test whose name carries a case's number, in the order of the numbers."""
    return sorted(case for file in (ROOT / "tests").rglob("test_*.py") for case in _of(file))


def _of(file: Path) -> Iterator[WireCase]:
    text = file.read_text(encoding="utf-8")
    if "def test_w" not in text:
        return
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = _NAME.fullmatch(node.name)
            if found:
                happens, _, seen = " ".join((ast.get_docstring(node) or "").split()).partition(
                    " -> "
                )
                path = file.relative_to(ROOT).as_posix()
                yield WireCase(found[1].upper(), path, node.lineno, node.name, happens, seen)
