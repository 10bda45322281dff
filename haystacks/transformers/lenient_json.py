"""Reads JSON as models write it, and gives up rather than guess.

Understood: a code fence around it, single quotes, names without quotes,
Python's and JavaScript's words, comments, line breaks inside texts, unknown
escapes, commas too many or too few, brackets that are missing at the end or
left over. A text that ends without its quote is not: half a command must not
run as if it were whole.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

_DEEPEST: Final = 100
_FENCE: Final = re.compile(r"\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)
_GAP: Final = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d][\w$-]*")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": ""}
_SELF: Final = "\"'\\/"
_WORDS: Final = {
    "true": True, "True": True, "false": False, "False": False,
    "null": None, "None": None, "undefined": None, "NaN": None,
}  # fmt: skip


class Unreadable(ValueError):
    """No JSON, and nothing that can only mean one."""


def read(text: str) -> Any:
    """Return the value that the text means. Raises ``Unreadable``."""
    fenced = _FENCE.match(text)
    reader = _Reader(fenced[1] if fenced else text)
    value = reader.value(0)
    reader.end()
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self, depth: int) -> Any:
        mark = self._next()
        if depth > _DEEPEST:
            raise Unreadable("nested too deeply")
        if mark == "{":
            return self._object(depth)
        if mark == "[":
            return self._array(depth)
        if mark in {'"', "'"}:
            return self._quoted()
        if number := self._take(_NUMBER):
            return orjson.loads(number)
        word = self._take(_WORD)
        if word not in _WORDS:
            raise Unreadable(f"no value at {self._at}")
        return _WORDS[word]

    def end(self) -> None:
        """Pass over closing brackets too many; refuse anything else."""
        while self._next() in {"}", "]"}:
            self._at += 1
        if self._next():
            raise Unreadable(f"something follows at {self._at}")

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        found: dict[str, Any] = {}
        while self._more("}"):
            name = self._quoted() if self._next() in {'"', "'"} else self._take(_WORD)
            if not name and self._next() != ":":
                raise Unreadable(f"no name at {self._at}")
            if self._next() != ":":
                raise Unreadable(f"no colon at {self._at}")
            self._at += 1
            found[name] = self.value(depth + 1)
        return found

    def _array(self, depth: int) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        while self._more("]"):
            found.append(self.value(depth + 1))
        return found

    def _more(self, closing: str) -> bool:
        """Tell whether another member follows; the end of everything closes too."""
        while self._next() == ",":
            self._at += 1
        mark = self._next()
        if mark == closing:
            self._at += 1
        return mark not in {closing, ""}

    def _quoted(self) -> str:
        found = _TEXT.match(self._text, self._at)
        if found is None:
            raise Unreadable(f"a text without its end at {self._at}")
        self._at = found.end()
        written = found[1] if found[1] is not None else found[2]
        text = _ESCAPE.sub(_escaped, written)
        # Escapes of two halves of one character are one; a half alone is none.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _take(self, token: re.Pattern[str]) -> str:
        found = token.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _next(self) -> str:
        """Return the next character that means something; empty at the end."""
        gap = _GAP.match(self._text, self._at)
        if gap is not None:
            self._at = gap.end()
        return self._text[self._at : self._at + 1]


def _escaped(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) == 5:
        return chr(int(code[1:], 16))
    if code in _SELF:
        return code
    return _ESCAPES.get(code, found[0])
