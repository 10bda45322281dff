"""Measures inside one process what costs no network: the decision, compiling, counting."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from bench.corpus import prompt
from bench.editing import PATTERNS
from bench.home import KEY, PHRASES, ROLE, WEIGHING, leading, make_home
from bench.weighing import weighed
from haystacks.errors import NoCandidate
from haystacks.tokens import count_request
from kg.concept import Synonym
from roles.extract import facts_of
from roles.route import route
from roles.view import View
from server.snapshot import build

_NOWHERE: Final = "http://127.0.0.1:9"
_PROMPTS: Final = 50


def measure(folder: Path, *, quick: bool) -> dict[str, float]:
    """Return the quantiles of the decision at both sizes, and what compiling and counting cost."""
    rounds = 10 if quick else 100
    results: dict[str, float] = {}
    for name, patterns in (("350", 350), ("200k", PATTERNS)):
        home = folder / name
        make_home(home, _NOWHERE, patterns=patterns)
        seconds, views = _built(home)
        view = views[ROLE]
        times = _decisions(view, rounds)
        results[f"decision_{name}"] = times[len(times) // 2] * 1e6
        results[f"decision_{name}_p99"] = times[len(times) * 99 // 100] * 1e6
        if name == "350":
            results["decision_weighed"] = weighed(views[WEIGHING], rounds) * 1e6
        if name == "200k":
            results["compile_200k"] = seconds
            results["edit_200k"] = _edit(view) * 1e3
            results["letters_10m"] = _letters(view) * 1e3
    results["count_60k"] = _count() * 1e3
    return results


def _built(home: Path) -> tuple[float, Mapping[str, View]]:
    began = time.perf_counter()
    snapshot, problems = build(home, {KEY: "bench"})
    seconds = time.perf_counter() - began
    if snapshot is None:
        raise RuntimeError("\n".join(map(str, problems)))
    gc.collect()
    gc.freeze()  # as the server does
    return seconds, snapshot.views


def _decisions(view: View, rounds: int) -> list[float]:
    """Return the sorted seconds of facts, match and phases, for prompts of 2 kB."""
    phrase = PHRASES["native"]
    asked = [_request(prompt(phrase, seed=seed)) for seed in range(_PROMPTS)]
    times: list[float] = []
    for round_ in range(rounds + 1):
        for canonical, size in asked:
            began = time.perf_counter()
            facts = facts_of(canonical, {}, body_bytes=size, count=_never)
            decision = route(facts, view)
            if round_:  # the first round fills the caches that live as long as a snapshot
                times.append(time.perf_counter() - began)
            if decision.phase != "pattern":
                raise RuntimeError(f"a prompt went by {decision.phase}")
    return sorted(times)


def _never() -> int:
    raise RuntimeError("a prompt of 2 kB must be routed without counting its tokens")


def _request(text: str) -> tuple[dict[str, Any], int]:
    canonical = {"model": "auto", "messages": [{"role": "user", "content": text}]}
    return canonical, len(orjson.dumps(canonical))


def _edit(view: View) -> float:
    graph = view.rolegraph
    old = next(concept for concept in graph.graph.concepts if concept.id == "to-native")
    new = replace(leading("native"), synonyms=(Synonym("freshly painted zebra", 5, 12),))
    return _seconds(lambda: graph.replaced([old], [new]))


def _letters(view: View) -> float:
    """Time a text that is long and odd, as a count and a route see it for the first time."""

    def decide(letter: str) -> None:
        canonical, size = _request(letter * 10_000_000)
        facts = facts_of(canonical, {}, body_bytes=size, count=lambda: count_request(canonical))
        with suppress(NoCandidate):  # there is no model for so much; to find out is the work
            route(facts, view)

    return min(_seconds(partial(decide, letter)) for letter in "abc")


def _count() -> float:
    """Time the count of a long conversation whose other blocks were counted before."""
    blocks = [prompt("", seed=seed) for seed in range(160)]  # about 375 tokens each
    messages = [
        {"role": ("user", "assistant")[at % 2], "content": [{"type": "text", "text": block}]}
        for at, block in enumerate(blocks)
    ]
    count_request({"model": "claude-sonnet-4-5", "messages": messages[:-1]})
    return _seconds(lambda: count_request({"model": "claude-sonnet-4-5", "messages": messages}))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
