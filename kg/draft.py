"""A concept while its file is being read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from kg.codes import problem
from kg.concept import DEFAULT_PRIORITY, Concept, Link, LinkKind, Route, Synonym, Transform
from kg.directive import KEYWORDS, Directive
from kg.document import did_you_mean
from kg.problem import Problem

_KINDS: Final = ("kg_entry", "document", "config_document")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# What these problems name is the keyword; the others name the value.
_OF_KEYWORD: Final = frozenset({"RG006", "RG007", "RG009", "RG010"})


def slug(title: str) -> str:
    """Return a heading as an id: ``# Fast & Cheap`` -> ``fast_&_cheap``."""
    return "_".join(title.lower().split())


@dataclass(slots=True)
class Draft:
    """What has been read of one concept so far, and the problems met on the way."""

    id: str
    path: str
    line: int = 1
    title: str = ""
    aliases: tuple[str, ...] = ()
    synonyms: list[Synonym] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    priority: int | None = None
    trigger: list[str] = field(default_factory=list)
    pinned: bool = False
    kind: str = _KINDS[0]
    transforms: list[Transform] = field(default_factory=list)
    action: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    summarized: bool = False
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def section(cls, title: str, line: int, whole: Draft) -> Draft:
        """Start the concept of a section; its id is the slug of the heading."""
        return cls(slug(title), whole.path, line, title)

    def name(self, title: str) -> None:
        """Take the file's first H1; its slug is another name of the concept."""
        self.title = title
        if slug(title) != self.id:
            self.aliases = (slug(title),)

    def link(self, target: str, kind: LinkKind, line: int, column: int) -> None:
        """Add an edge."""
        self.links.append(Link(target.lower(), kind, line, column))

    def prose(self, line: str) -> None:
        """Take a line of prose; the first paragraph is the summary."""
        if not line or line.startswith(("```", "~~~", "#")):
            self.end_paragraph()
        elif not self.summarized:
            self.summary.append(line)

    def end_paragraph(self) -> None:
        """Let no further line belong to the summary, if it has begun."""
        self.summarized = bool(self.summary)

    def is_bare(self) -> bool:
        """Tell whether the file says nothing that a match could use."""
        return not (self.synonyms or self.routes or self.links or self.trigger)

    def take(self, directive: Directive) -> None:
        """Take one directive; what is wrong with it becomes a problem, and it is passed over."""
        if not directive.known:
            # "title::" and "tags::" are everyday properties of Logseq: only a near miss is told.
            hint = did_you_mean(directive.keyword, KEYWORDS, cutoff=0.8)
            if hint and directive.keyword not in KEYWORDS:
                self._report("RG010", directive, f'"{directive.keyword}::" is ignored', hint)
            return
        if not directive.canonical:
            spelling = f'write "{directive.keyword}:: ..." on one line, from its start'
            self._report("RG009", directive, "unusual spelling", spelling)
        if not directive.value.strip(", "):
            hint = "write it on the same line, after the colons"
            self._report("RG006", directive, f'"{directive.keyword}::" has no value', hint)
            return
        match directive.keyword:
            case "synonyms":
                self.synonyms += [
                    Synonym(text, directive.line, column) for text, column in directive.items()
                ]
            case "related" | "broader" as kind:
                for text, column in directive.items():
                    self.link(text, kind, directive.line, column)
            case "transform":
                self.transforms += [
                    Transform(text.lower(), directive.line, column)
                    for text, column in directive.items()
                ]
            case "route" | "routing":
                self._take_route(directive)
            case "free" | "is_free":
                self._take_free(directive)
            case "pinned":
                self.pinned = self._flag(directive)
            case "priority":
                self._take_priority(directive)
            case "type":
                self._take_kind(directive)
            case "trigger":
                self.trigger.append(directive.value)
            case "action":
                self.action.append(directive.value)

    def _take_route(self, directive: Directive) -> None:
        provider, _, model = (part.strip() for part in directive.value.partition(","))
        if provider and model:
            self.routes.append(
                Route(provider.lower(), model, line=directive.line, column=directive.column)
            )
            return
        # "deepseek deepseek-chat", "openrouter/a/b": most likely only the comma is missing.
        known, *rest = re.split(r"[\s/:]+", directive.value.strip(", "), maxsplit=1)
        hint = (
            f'write "route:: {known if provider else "provider"}, {rest[0] if rest else "model"}"'
        )
        missing = "no model" if provider else "no provider"
        self._report("RG002", directive, f"the route names {missing}", hint)

    def _take_free(self, directive: Directive) -> None:
        free = self._flag(directive)
        if self.routes:
            self.routes[-1] = replace(self.routes[-1], free=free)
        else:
            hint = "write it below the route it speaks of"
            self._report("RG007", directive, f'"{directive.keyword}::" has no route above it', hint)

    def _take_priority(self, directive: Directive) -> None:
        if self.priority is not None:
            hint = f"the first one counts: {self.priority}"
            self._report("RG008", directive, "a second priority", hint)
            return
        digits = directive.value.removeprefix("-").removeprefix("+")
        whole = digits.isascii() and digits.isdigit()
        # int() refuses thousands of digits, and three are enough to judge by.
        value = int(digits[:20]) if whole and not directive.value.startswith("-") else -1
        if 0 <= value <= 100:
            self.priority = value
            return
        wrong = "out of range" if whole else "not a whole number"
        hint = "write a number from 0 to 100; the higher wins"
        self._report("RG003", directive, f'the priority "{directive.value[:40]}" is {wrong}', hint)

    def _take_kind(self, directive: Directive) -> None:
        if directive.value in _KINDS:
            self.kind = directive.value
            return
        hint = did_you_mean(directive.value, _KINDS) or f"known: {', '.join(_KINDS)}"
        self._report("RG005", directive, f'unknown type "{directive.value}"', hint)

    def _flag(self, directive: Directive) -> bool:
        flag = _FLAGS.get(directive.value.lower())
        if flag is None:
            message = f'"{directive.value}" is neither yes nor no'
            self._report("RG004", directive, message, 'write "true" or "false"')
        return bool(flag)

    def _report(self, code: str, directive: Directive, message: str, hint: str) -> None:
        column = directive.start if code in _OF_KEYWORD else directive.column
        self.problems.append(problem(code, self.path, directive.line, column, message, hint))

    def concept(self) -> Concept:
        """Return what was read."""
        return Concept(
            id=self.id,
            path=self.path,
            line=self.line,
            title=self.title,
            summary=" ".join(self.summary),
            aliases=self.aliases,
            synonyms=tuple(self.synonyms),
            routes=tuple(self.routes),
            priority=DEFAULT_PRIORITY if self.priority is None else self.priority,
            trigger=" ".join(self.trigger),
            pinned=self.pinned,
            kind=self.kind,
            transforms=tuple(self.transforms),
            action="\n".join(self.action),
            links=tuple(self.links),
        )
