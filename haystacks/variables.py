"""``${NAME}`` and ``${NAME:-default}`` in the values of a haystack file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables put in.

    ``missing`` names those that are not set. ``written`` is what the file itself
    holds of the text: all that is no variable, and the defaults.
    """

    text: str = field(repr=False)
    missing: tuple[str, ...]
    written: str = field(repr=False)


def fill(text: str, environ: Mapping[str, str]) -> Filled:
    """Put the variables in; an empty one counts as not set, as in a shell."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        name, default = found.groups()
        known = environ.get(name) or default
        if known is None:
            missing.append(name)
        return known or ""

    filled = _VARIABLE.sub(value, text)
    written = _VARIABLE.sub(lambda found: found[2] or "", text)
    return Filled(filled.strip(), tuple(missing), written.strip())
