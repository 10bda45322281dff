"""A home made for the bench: two haystacks that are the stand-in, one role, many concepts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench import corpus
from kg.concept import Concept, Route, Synonym

KEY: Final = "BENCH_KEY"
ROLE: Final = "bench"
WEIGHING: Final = "weighing"
# Synonyms that no other concept of the corpus has, and the haystack that each leads to.
PHRASES: Final = {"native": "quarterly zebra forecast", "translated": "midnight zebra parade"}
PATTERNS_EACH: Final = 20

_HAYSTACK: Final = """\
service: {service}
location: {location}
api_key: ${{{key}}}
models:
  - {{id: model-a, context_window: 200000, max_output: 64000, price: {{input: 1, output: 2}}}}
  - {{id: model-b, context_window: 200000, max_output: 64000, price: {{input: 2, output: 8}}}}
"""
_ROLE: Final = """\
name: bench
kg: [bench]
haystacks: [native, translated]
scenarios:
  default: [native, model-a]
"""
# Asks every phase, and has four candidates to weigh.
_WEIGHING: Final = """\
name: weighing
kg: [bench]
haystacks: [native, translated]
strategy: balanced
phases: [explicit, pattern, session, cost, performance, scenario]
scenarios:
  default: [[native, model-a], [native, model-b], [translated, model-a], [translated, model-b]]
"""


def make_home(folder: Path, upstream: str, *, patterns: int) -> None:
    """Write a home with about so many patterns; ``upstream`` is the stand-in's URL."""
    haystacks = {
        "native": _HAYSTACK.format(service="anthropic-compatible", location=upstream, key=KEY),
        "translated": _HAYSTACK.format(
            service="openai-compatible", location=f"{upstream}/v1", key=KEY
        ),
    }
    for name in ("haystacks", "roles", "kg"):
        (folder / name).mkdir(parents=True)
    for name, text in haystacks.items():
        (folder / "haystacks" / f"{name}.yaml").write_text(text)
    (folder / "roles" / f"{ROLE}.yaml").write_text(_ROLE)
    (folder / "roles" / f"{WEIGHING}.yaml").write_text(_WEIGHING)
    count = max(patterns // PATTERNS_EACH - len(PHRASES), 1)
    corpus.write([*map(leading, PHRASES), *corpus.concepts(count, PATTERNS_EACH)], folder)


def leading(name: str) -> Concept:
    """Return the concept whose phrase leads to the haystack of that name, before all others."""
    return Concept(
        id=f"to-{name}",
        path=f"kg/bench/to-{name}.md",
        synonyms=(Synonym(PHRASES[name], 5, 12),),
        routes=(Route(name, "model-a"),),
        priority=90,
    )
