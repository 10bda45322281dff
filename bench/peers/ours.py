"""Rolegraph itself: the home of ``make bench``, where a concept chooses the haystack.

All that a server does is on (sessions, health, usage written down). Only the
log is down to errors, as it is with the peers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from bench.home import KEY, ROLE, make_home
from bench.peers.peer import Launch, Place, Program, Way
from bench.process import ROOT

HAYSTACKS: Final[dict[Way, str]] = {"same dialect": "native", "translated": "translated"}


def find(installed: Path | None) -> Program:
    """Return the Python that runs this."""
    del installed
    return Program(Path(sys.executable), "")


def launch(program: Program, place: Place) -> Launch:
    """Make the home, and want it to be the concept that led to the haystack."""
    home = place.folder / "home"
    make_home(home, place.upstream, patterns=350)
    options = (f"--home={home}", f"--port={place.port}", "--workers=1", "--log-level=error")
    return Launch(
        (str(program.path), "-m", "rolegraph", "serve", *options),
        {KEY: "bench", "PYTHONPATH": str(ROOT)},
        headers={"x-rolegraph-role": ROLE},
        proof={"x-rolegraph-phase": "pattern", "x-rolegraph-haystack": HAYSTACKS[place.way]},
    )
