"""Runs all peers beside one another, and loads one after the other, round after round.

So the drift of the machine's pace hits all of them alike.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import prompt
from bench.home import PHRASES
from bench.peers.group import free_port, running
from bench.peers.ours import HAYSTACKS
from bench.peers.peer import Missing, Peer, Place, Program
from bench.peers.sample import Running, Sample
from bench.process import ROOT
from bench.serving import EVENTS, INTERVAL, message


@dataclass(frozen=True, slots=True)
class Outcome:
    """A peer's samples, one for each round; or none, and the reason why."""

    peer: Peer
    version: str = ""
    left_out: str = ""
    samples: list[Sample] = field(default_factory=list)


def compare(
    peers: Sequence[Peer], installed: Path | None, *, rounds: int, seconds: float
) -> list[Outcome]:
    """Measure the peers that are here; raises RuntimeError where one does not work."""
    outcomes: list[Outcome] = []
    runs: list[tuple[Outcome, Running]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rolegraph-peers-")))
        upstream = stack.enter_context(provider(folder))
        for number, peer in enumerate(peers):
            try:
                program = peer.find(installed)
            except Missing as reason:
                outcomes.append(Outcome(peer, left_out=str(reason)))
                continue
            outcomes.append(Outcome(peer, program.version))
            own = folder / str(number)
            runs.append((outcomes[-1], stack.enter_context(start(peer, program, own, upstream))))
        for _, run in runs:
            run.check()
            run.warm(seconds)
        for _ in range(rounds):
            for outcome, run in runs:
                outcome.samples.append(run.sample(seconds))
    return outcomes


@contextmanager
def provider(folder: Path) -> Iterator[str]:
    """Run the stand-in provider, and yield its URL."""
    port = free_port()
    command = (sys.executable, "-m", "bench.upstream", f"--port={port}")
    options = (f"--events={EVENTS}", f"--interval={INTERVAL}")
    own = folder / "provider"
    own.mkdir()
    with running((*command, *options), port, own, {"PYTHONPATH": str(ROOT)}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def start(peer: Peer, program: Program, folder: Path, upstream: str) -> Iterator[Running]:
    """Run a peer in a new folder, with the bodies that all peers get for its way."""
    folder.mkdir()
    port = free_port()
    launch = peer.launch(program, Place(folder, port, upstream, peer.way))
    text = prompt(PHRASES[HAYSTACKS[peer.way]])
    with running(launch.command, port, folder, launch.environment) as session:
        yield Running(
            session,
            f"http://127.0.0.1:{port}",
            launch,
            whole=message(text, stream=False),
            stream=message(text, stream=True),
        )
