"""Rules that can't ever decide: lint that a role's file alone is enough for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import pairwise

from kg.document import Keys
from kg.problem import Problem
from roles.complexity import WEIGHTS
from roles.role import Role
from roles.when import Hours, Range, When


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
        first = [] if empty else before(rule.when, [each.when for each in role.rules[:index]])
        if first:
            message = f"whenever rule {index + 1} holds, rule {_listed(first)} does"
            hint = "only where that one is not open is this one asked; move it up?"
            yield role.problem("RG115", keys, message, hint)


def _empty(when: When) -> Iterator[tuple[str, str]]:
    if (asked := when.complexity) and (told := _too_far(asked, when)):
        yield "complexity", f"no complexity{told}, is {asked.text}"
    if when.tokens and when.tokens.is_empty():
        yield "tokens", f"no number of tokens is {when.tokens.text}"
    if when.hours and not when.hours.each:
        yield "hour", f"no hour is in {when.hours.text}"


def _too_far(asked: Range, when: When) -> str:
    """Return the bounds that a range is outside of, as the other conditions leave them."""
    tools, (concepts, full) = WEIGHTS["tools"][0], WEIGHTS["concepts"]
    least = (tools if when.tools else 0.0) + (round(concepts / full, 2) if when.concepts else 0.0)
    most = 1.0 - tools if when.tools is False else 1.0
    if not Range(max(asked.low, (round(least, 2), False)), asked.high).is_empty(most):
        return ""
    given = [{True: "tools", False: "no tools", None: ""}[when.tools]]
    given.append("a concept" if when.concepts else "")
    told = " and ".join(filter(None, given))
    return f"{told and f' with {told}'}, {least:g} to {most:g}"


def before(when: When, earlier: Sequence[When]) -> list[int]:
    """Return the places of earlier conditions one of which holds whenever these do; empty: none.

    It may miss some that do, and never takes any that do not.
    """
    for parts in _divisions(when, earlier):
        found = [
            next((at for at, each in enumerate(earlier) if implies(part, each)), None)
            for part in parts
        ]
        places = {at for at in found if at is not None}
        if None not in found and places:
            return sorted(places)
    return []


def _divisions(when: When, earlier: Sequence[When]) -> Iterator[list[When]]:
    """Yield the conditions whole, and divided in each way in which others may share them."""
    yield [when]
    # What no other asks for divides nothing, and a check is part of every reload.
    if when.tools is None and any(each.tools is not None for each in earlier):
        yield [replace(when, tools=True), replace(when, tools=False)]
    if any(others := [each.complexity for each in earlier]):
        whole = when.complexity or Range(high=(1.0, True))
        yield [replace(when, complexity=part) for part in _parts(whole, others)]
    if any(others := [each.tokens for each in earlier]):
        yield [replace(when, tokens=part) for part in _parts(when.tokens or Range(), others)]
    if any(each.hours for each in earlier):
        hours = when.hours.each if when.hours else range(24)
        yield [replace(when, hours=Hours(frozenset({hour}), "")) for hour in hours]


def _parts(whole: Range, others: Sequence[Range | None]) -> list[Range]:
    """Return a range cut wherever one of the others begins or ends."""
    cuts = {cut for each in others if each for cut in (each.low, each.high)}
    inside = sorted(cut for cut in cuts if whole.low < cut < whole.high)
    return [Range(low, high) for low, high in pairwise([whole.low, *inside, whole.high])]


def _listed(places: Sequence[int]) -> str:
    *most, last = [str(at + 1) for at in places]
    return f"{', '.join(most)} or {last}" if most else last


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
