"""A concept: what one markdown file says about one idea."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from kg.value import value

LinkKind = Literal["related", "broader", "wiki"]

DEFAULT_PRIORITY = 50


@value
class Synonym:
    """A phrase that means the concept, as it was written and where."""

    text: str
    line: int
    column: int


@value
class Route:
    """Where a matched concept sends the request: ``provider, model``.

    The provider is lower-cased, the model verbatim; the model ``*`` stands for
    any eligible model of that haystack.
    """

    provider: str
    model: str
    free: bool = False
    line: int = 0
    column: int = 0


@value
class Link:
    """An edge of the graph as the file spells it; the target is lower-cased."""

    target: str
    kind: LinkKind
    line: int
    column: int


@value
class Transform:
    """A transformer that requests go through where the concept decides, and where it is named."""

    name: str
    line: int
    column: int


@value
class Concept:
    """One concept, everything that its file says, in the file's order.

    ``id`` is the file's stem, lower-cased (for a section of a file with many
    concepts: the slug of its heading). ``path`` is relative to the home, with
    forward slashes (``kg/routing/think.md``). ``summary`` is the first
    paragraph of prose.
    """

    id: str
    path: str
    line: int = 1
    title: str = ""
    summary: str = ""
    aliases: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    routes: tuple[Route, ...] = ()
    priority: int = DEFAULT_PRIORITY
    trigger: str = ""
    pinned: bool = False
    kind: str = "kg_entry"
    transforms: tuple[Transform, ...] = ()
    action: str = field(default="", repr=False)
    links: tuple[Link, ...] = ()
