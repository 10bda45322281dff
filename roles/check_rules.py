"""Rules that can't ever decide: lint that a role's file alone is enough for."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from kg.document import Keys
from kg.problem import Problem
from roles.role import Role
from roles.when import Range, When


def check_rules(role: Role) -> Iterator[Problem]:
    """Yield each condition that no request meets, and each rule that another one is before."""
    if role.rules and "pattern" not in role.phases:
        message = "rules are asked in the phase pattern, which the role does not have"
        yield role.problem("RG116", ("rules",), message, 'add it to "phases"')
    for index, rule in enumerate(role.rules):
        keys: Keys = ("rules", index)
        empty = list(_empty(rule.when))
        for name, message in empty:
            yield role.problem("RG114", (*keys, "when", name), message)
        before = (each for each in range(index) if implies(rule.when, role.rules[each].when))
        if not empty and (first := next(before, None)) is not None:
            message = f"whenever rule {index + 1} holds, rule {first + 1} does"
            hint = "only where that one is not open is this one asked; move it up?"
            yield role.problem("RG115", keys, message, hint)


def _empty(when: When) -> Iterator[tuple[str, str]]:
    if when.complexity and when.complexity.is_empty(most=1.0):
        yield "complexity", f"no complexity, 0 to 1, is {when.complexity.text}"
    if when.tokens and when.tokens.is_empty():
        yield "tokens", f"no number of tokens is {when.tokens.text}"
    if when.hours and not when.hours.each:
        yield "hour", f"no hour is in {when.hours.text}"


def implies(narrow: When, wide: When) -> bool:
    """Tell whether each request that meets the first conditions meets the others too.

    It may miss one that does, and never takes one that does not.
    """
    own = dict(narrow.headers)
    return (
        (not wide.concepts or bool(narrow.concepts and {*narrow.concepts} <= {*wide.concepts}))
        and _within(narrow.complexity, wide.complexity)
        and _within(narrow.tokens, wide.tokens)
        and wide.tools in {None, narrow.tools}
        and all(name in own and _covers(glob, own[name]) for name, glob in wide.headers)
        and (not wide.hours or bool(narrow.hours and narrow.hours.each <= wide.hours.each))
        and (not wide.key or bool(narrow.key and _covers(wide.key, narrow.key)))
    )


def _within(narrow: Range | None, wide: Range | None) -> bool:
    return wide is None or (narrow is not None and narrow.within(wide))


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether a glob fits all that another one does.

    Where the wide one has no wildcard but ``*``, it does so if it fits the
    other's text: each wildcard in that lies where anything may be.
    """
    wide, narrow = wide.lower(), narrow.lower()
    if wide == narrow:
        return True
    return not {*"?["} & {*wide} and "[" not in narrow and fnmatchcase(narrow, wide)
