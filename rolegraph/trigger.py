"""Triggers: the concept whose ``trigger::`` text is most like a prompt."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from kg.claim import claim_order
from kg.concept import Concept
from rolegraph.fold import fold

_WORD: Final = re.compile(r"\w+")


class TriggerIndex:
    """Finds the nearest trigger by TF-IDF cosine, smoothed: idf = ln((1 + n) / (1 + df)) + 1.

    Words that stand in no trigger count for nothing, so a prompt's length alone
    makes it no less alike.
    """

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._concepts = sorted((c for c in concepts if c.trigger), key=claim_order)
        counts = [_words(concept.trigger) for concept in self._concepts]
        frequency = Counter(word for count in counts for word in count)
        self._idf = {
            word: math.log((1 + len(counts)) / (1 + found)) + 1 for word, found in frequency.items()
        }
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, count in enumerate(counts):
            for word, weight in self._vector(count).items():
                self._postings[word].append((index, weight))

    def best(self, text: str, threshold: float) -> tuple[Concept, float] | None:
        """Return the nearest concept and its cosine (0 to 1), if that reaches the threshold.

        Among equally near ones it is the one that would get a contested synonym.
        """
        scores: dict[int, float] = defaultdict(float)
        for word, weight in self._vector(_words(text)).items():
            for index, other in self._postings[word]:
                scores[index] += weight * other
        if not scores:
            return None
        best = min(scores, key=lambda index: (-scores[index], index))
        cosine = min(1.0, scores[best])
        return (self._concepts[best], cosine) if cosine >= threshold else None

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        weights = {word: n * self._idf[word] for word, n in count.items() if word in self._idf}
        length = math.hypot(*weights.values())
        return {word: weight / length for word, weight in weights.items()}


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(fold(text)))
