"""What is wrong in a file, as a value: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding in one file. Lines and columns count from 1.

    An ``error`` keeps the last good configuration serving; a ``warning`` is
    only shown. The codes are listed in ``kg/codes.py``.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column} {self.code} {self.message}{hint}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the JSON form that ``check --json`` and ``/api/reload`` show."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether any problem forbids to serve what was read."""
    return any(problem.severity == "error" for problem in problems)
