"""Who gets a synonym that two concepts claim."""

from __future__ import annotations

from kg.concept import Concept


def claim_order(concept: Concept) -> tuple[int, str, int]:
    """Return the sort key of claimants: higher priority first, then the first path, then the line.

    The first in this order gets the synonym, whatever order the files were read in.
    """
    return (-concept.priority, concept.path, concept.line)
