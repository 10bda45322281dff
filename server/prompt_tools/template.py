"""Puts names in the place of values, and leaves every other character alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_PLACEHOLDER = r"\{\{[^{}]*\}\}"
# A text is searched for all of them; who reads a prompt doesn't want more.
_MOST = 100


def named(pairs: Iterable[tuple[str, str]], texts: Sequence[str]) -> dict[str, str]:
    """Return the values that stand in the texts by their names, each value once, up to a hundred.

    Names come out in capitals with underscores. One that stands in the texts already, or is
    taken by another value, gets a number.
    """
    taken = {each for text in texts for each in re.findall(_PLACEHOLDER, text)}
    values: dict[str, str] = {}
    for told, value in pairs:
        if len(values) == _MOST:
            break
        if not value or value in values.values() or not _stands(value, texts):
            continue
        plain = re.sub(r"\W+", "_", told).strip("_").upper() or "VALUE"
        name, number = plain, 2
        while f"{{{{{name}}}}}" in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(f"{{{{{name}}}}}")
        values[name] = value
    return values


def templatized(text: str, values: Mapping[str, str]) -> str:
    """Return the text with ``{{NAME}}`` for each value; of two at one place, the longer."""
    names = {value: name for name, value in values.items()}
    longest = sorted(names, key=len, reverse=True)
    # What begins with a letter is only looked for where a word begins.
    words = [_whole(value) for value in longest if re.match(r"\w", value)]
    others = [_whole(value) for value in longest if not re.match(r"\w", value)]
    pattern = "|".join((_PLACEHOLDER, rf"(?<!\w)(?:{'|'.join(words) or '(?!)'})", *others))
    return re.sub(
        pattern, lambda found: f"{{{{{names[found[0]]}}}}}" if found[0] in names else found[0], text
    )


def _stands(value: str, texts: Iterable[str]) -> bool:
    before = r"(?<!\w)" if re.match(r"\w", value) else ""
    pattern = re.compile(f"{_PLACEHOLDER}|({before}{_whole(value)})")
    holding = (text for text in texts if value in text)
    return any(found[1] for text in holding for found in pattern.finditer(text))


def _whole(value: str) -> str:
    """Return a pattern of the value that does not end inside of a word."""
    return re.escape(value) + (r"(?!\w)" if re.search(r"\w\Z", value) else "")
