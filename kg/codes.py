"""Every problem code, with the severity it has and what it means.

The documentation lists this table; a test holds the two together.
RG0xx concept files · RG1xx role files · RG2xx haystack files · RG3xx the home.
"""

from __future__ import annotations

from typing import Final

from kg.problem import Problem, Severity

CODES: Final[dict[str, tuple[Severity, str]]] = {
    # -- RG0xx: concept files
    "RG001": ("error", "a concept file is not UTF-8 text"),
    # -- RG1xx: role files
    "RG100": ("error", "a role file is not valid YAML or JSON"),
    "RG101": ("error", "a role file has a wrong or missing value"),
    "RG102": ("error", "a role file has an unknown key"),
    "RG103": ("error", "two roles have the same name"),
    "RG104": ("error", "unknown haystack"),
    # -- RG2xx: haystack files
    "RG200": ("error", "a haystack file is not valid YAML"),
    "RG201": ("error", "a haystack file has a wrong or missing value"),
    "RG202": ("error", "a haystack file has an unknown key"),
    "RG203": ("error", "two haystacks have the same name"),
    # -- RG3xx: the home
    "RG301": ("error", "the home has no role"),
}


def problem(code: str, path: str, line: int, column: int, message: str, hint: str = "") -> Problem:
    """Make a problem with the severity that its code has."""
    return Problem(path, line, column, code, message, hint, CODES[code][0])
