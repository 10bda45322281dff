"""Measures a home with 200,000 synonyms: its start, and an edit while requests go through."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench import process
from bench.corpus import markdown, prompt
from bench.cpu import usage
from bench.home import leading, make_home
from bench.process import Server
from bench.serving import EVENTS, INTERVAL, ask, message
from kg.concept import Synonym

PATTERNS: Final = 200_000
_GIVE_UP: Final = 10.0


def measure(folder: Path, *, quick: bool) -> dict[str, float]:
    """Start the server, edit one file a few times, and return the worst of each."""
    with process.upstream(EVENTS, INTERVAL) as upstream:
        make_home(folder, upstream, patterns=PATTERNS)
        with process.server(folder) as server:
            edits = [_edit(server, folder, number) for number in range(2 if quick else 5)]
            memory = usage(server.pid).rss
    return {
        "start_200k": server.start,
        "rss_200k": memory / 1e6,
        "live_200k": max(live for live, _ in edits) * 1e3,
        "held_200k": max(held for _, held in edits) * 1e3,
    }


def _edit(server: Server, home: Path, number: int) -> tuple[float, float]:
    """Return the seconds until the edit routes, and by how many the slowest request was late."""
    phrase = f"freshly painted zebra {number}"
    concept = leading("translated")
    edited = replace(concept, id="edited", synonyms=(Synonym(phrase, 5, 12),))
    body = message(prompt(phrase), stream=False)
    usual = sorted(_time(server, body)[0] for _ in range(50))[25]
    (home / "kg" / "bench" / "edited.md").write_text(markdown(edited))
    saved = time.perf_counter()
    slowest = 0.0
    while time.perf_counter() - saved < _GIVE_UP:
        took, concept_id = _time(server, body)
        slowest = max(slowest, took)
        if concept_id == "edited":
            return time.perf_counter() - saved, max(0.0, slowest - usual)
    raise RuntimeError(f"an edit was not live {_GIVE_UP:.0f} s after its save")


def _time(server: Server, body: bytes) -> tuple[float, str]:
    began = time.perf_counter()
    headers = ask(server, body)
    return time.perf_counter() - began, headers.get("x-rolegraph-concept", "")
