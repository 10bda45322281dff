"""How much a request asks for: an estimate from what can be counted, its parts shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from roles.facts import Facts

# What each part adds to the score at most, and the count from which on it adds all of that.
WEIGHTS: Final[dict[str, tuple[float, int]]] = {
    "length": (0.30, 4000),
    "code": (0.20, 40),
    "steps": (0.25, 5),
    "tools": (0.10, 1),
    "concepts": (0.15, 3),
}

# Characters that code and steps are counted in, half of them from either end of the text.
READ: Final = 10_000

_FENCES = ("```", "~~~")
_CODE_ENDS = ("{", "}", ";")
_BULLETS = ("- ", "* ", "• ")
_ORDER = frozenset({"then", "next", "afterwards", "finally", "lastly"})
_PUNCTUATION = str.maketrans(",;:.!?()", "        ")


@dataclass(frozen=True, slots=True)
class Complexity:
    """A score from 0 to 1, the sum of its parts, each rounded to the hundredth."""

    score: float
    parts: tuple[tuple[str, float], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form that ``/api/route`` and ``explain --json`` show."""
        return {"score": self.score, "parts": dict(self.parts)}


def complexity(facts: Facts, concepts: int) -> Complexity:
    """Return the estimate for a request in whose text so many distinct concepts were found.

    ``score = sum(weight * min(1, count / full))`` over:

    ========  ======  =====  ==============================================================
    part      weight  full   what is counted
    ========  ======  =====  ==============================================================
    length      0.30  4,000  characters of the text
    code        0.20     40  lines of code: fenced, indented by four, or ending in ``{ } ;``
    steps       0.25      5  items of lists, and "then", "next", "finally" and the like;
                             "first" where one of them follows
    tools       0.10      1  whether the client brings tools
    concepts    0.15      3  distinct concepts
    ========  ======  =====  ==============================================================

    Code and steps are counted in the first and the last 5,000 characters. The
    weights are judged, not measured: they are meant to be read, and to stay.
    """
    code, steps = _code_and_steps(facts.text)
    counts = {
        "length": len(facts.text),
        "code": code,
        "steps": steps,
        "tools": int(facts.tools),
        "concepts": concepts,
    }
    parts = tuple(
        (name, round(weight * min(1.0, counts[name] / full), 2))
        for name, (weight, full) in WEIGHTS.items()
    )
    return Complexity(round(sum(value for _, value in parts), 2), parts)


def _code_and_steps(text: str) -> tuple[int, int]:
    code = items = 0
    fenced = False
    prose: list[str] = []
    for line in _lines(text):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(_FENCES):
            fenced = not fenced
        elif fenced:
            code += 1
        elif _is_item(stripped):
            items += 1
        elif line.startswith(("    ", "\t")) or stripped.endswith(_CODE_ENDS):
            code += 1
        else:
            prose.append(stripped)
    return code, items + _words_of_order(" ".join(prose))


def _lines(text: str) -> list[str]:
    """Return the lines of a text, of an overlong one those of its ends."""
    if len(text) <= READ:
        return text.split("\n")
    return [*text[: READ // 2].split("\n"), *text[-READ // 2 :].split("\n")]


def _is_item(line: str) -> bool:
    """Tell whether a line begins as ``1.``, ``2)``, ``-``, ``*`` or a bullet does."""
    after = line.lstrip("0123456789")
    numbered = 1 <= len(line) - len(after) <= 2 and after.startswith((". ", ") "))
    return numbered or line.startswith(_BULLETS)


def _words_of_order(prose: str) -> int:
    words = prose.lower().translate(_PUNCTUATION).split()
    found = sum(map(_ORDER.__contains__, words))
    return found + ("first" in words) if found else 0
