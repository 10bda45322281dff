"""Concepts and prompts in any number, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kg.concept import Concept, Route, Synonym

# Ordinary words: they decide how often a prompt nearly matches.
WORDS: Final = tuple(
    """
    able about account action address after again agent almost also always amount animal answer
    apply area argument array around asset async author bank base batch because before begin
    behind better between binary block board body border branch bridge bright bring broken buffer
    build button cache call camera cancel carbon card carry cause center chain change chart check
    choice city class clean clear client close cloud code color column come command common compile
    connect contain copy corner count course cover create cursor custom cycle daily data date deal
    decide deep default define delete depend design detail device digit direct docker door double
    draft draw dream drive early edge edit effect empty engine enter equal error event every exact
    example expect explain export extra factor fail fast feature field figure file filter final
    find first flow folder follow force form forward frame free fresh friend function future garden
    general give glass global good graph green group grow guide half handle hard head heavy help
    hidden high history hold home house human idea image import improve include index inner input
    inside install item join keep kernel key kind label language large last later layer lead learn
    leave letter level library light limit line link list little load local lock logic long loop
    lower machine main make manual many map margin mark market match maybe meaning measure memory
    """.split()  # noqa: SIM905 - a list of 260 quoted words is no better to read
)
# What stands between them: about half of the words of ordinary English.
SMALL_WORDS: Final = (
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "for", "from", "have", "if",
    "in", "is", "it", "its", "not", "of", "on", "or", "so", "that", "the", "this", "to", "was",
    "we", "what", "when", "which", "will", "with", "you",
)  # fmt: skip


def concepts(count: int, patterns: int, *, seed: int = 1) -> list[Concept]:
    """Return ``count`` concepts with so many patterns each, all of them different.

    Each has its id for a pattern, and synonyms of three words.
    """
    chosen = random.Random(seed).sample(range(len(WORDS) ** 3), count * (patterns - 1))
    phrases = iter(map(_phrase, chosen))
    return [_concept(f"topic-{number:05}", phrases, patterns - 1) for number in range(count)]


def markdown(concept: Concept) -> str:
    """Write a concept as the file that it would come from."""
    lines = [f"# {concept.id}", "", "Made for the bench.", ""]
    lines += (f"synonyms:: {synonym.text}" for synonym in concept.synonyms)
    lines += (f"route:: {route.provider}, {route.model}" for route in concept.routes)
    return "\n".join([*lines, f"priority:: {concept.priority}", ""])


def write(every: list[Concept], home: Path) -> None:
    """Write each concept to its path below the home."""
    for concept in every:
        file = home / concept.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(markdown(concept), encoding="utf-8")


def prompt(phrase: str, *, size: int = 2000, seed: int = 1) -> str:
    """Return ``size`` characters that read like a request, with the phrase in their midst."""
    chance = random.Random(seed)
    text = ""
    while len(text) < size:
        kinds = chance.choices((WORDS, SMALL_WORDS), k=chance.randint(6, 14))
        words = " ".join(map(chance.choice, kinds))
        text += f"{words.capitalize()}. "
    middle = text.index(" ", size // 2)
    return f"{text[:middle]} {phrase}{text[middle:]}"[:size]


def _phrase(number: int) -> str:
    rest, third = divmod(number, len(WORDS))
    first, second = divmod(rest, len(WORDS))
    return f"{WORDS[first]} {WORDS[second]} {WORDS[third]}"


def _concept(name: str, phrases: Iterator[str], count: int) -> Concept:
    synonyms = tuple(Synonym(next(phrases), line, 12) for line in range(5, 5 + count))
    return Concept(
        id=name,
        path=f"kg/bench/{name}.md",
        synonyms=synonyms,
        routes=(Route("native", "model-a"),),
        priority=30,
    )
