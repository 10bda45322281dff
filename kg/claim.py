"""Who gets a synonym that two concepts claim."""

from __future__ import annotations

from collections.abc import Iterator

from kg.concept import Concept, Synonym


def claim_order(concept: Concept) -> tuple[int, str, int]:
    """Return the sort key of claimants: higher priority first, then the first path, then the line.

    The first in this order gets the synonym, whatever order the files were read in.
    """
    return (-concept.priority, concept.path, concept.line)


def claims(concept: Concept) -> Iterator[Synonym]:
    """Yield every phrase that means the concept: its synonyms, then its name in plain words."""
    yield from concept.synonyms
    name = " ".join(concept.id.replace("-", " ").replace("_", " ").split())
    if name:
        yield Synonym(name, concept.line, 1)


def same_text(text: str) -> str:
    """Return what two spellings of a phrase have in common: case and spacing do not count."""
    return " ".join(text.casefold().split())
