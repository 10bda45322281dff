"""``rolegraph diff``: which prompts two homes would route differently."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typer

from haystacks.errors import RolegraphError
from haystacks.tokens import count_request
from roles.extract import facts_of
from roles.live import Live
from roles.route import route
from server.cli.open_home import environment
from server.cli.prompts import Prompt, Unreadable, read_prompts
from server.custom_router import rerouted
from server.home import is_home
from server.role_of import role_of
from server.settings import Settings, read_settings
from server.snapshot import Snapshot, build

# Characters of a prompt that are shown.
SHOWN = 80


@dataclass(frozen=True, slots=True)
class Way:
    """Where a prompt goes: by whose decision, and to which candidate first; or why nowhere.

    Nowhere is one way, whatever the reason.
    """

    role: str = ""
    phase: str = ""
    concept: str = ""
    candidate: str = ""
    refused: str = field(default="", compare=False)

    def __str__(self) -> str:
        if self.refused:
            return f"nowhere: {self.refused}"
        concept = f" {self.concept}" if self.concept else ""
        return f"{self.candidate}  ({self.phase}{concept}, role {self.role})"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two homes."""

    snapshot: Snapshot
    settings: Settings


@dataclass(frozen=True, slots=True)
class Difference:
    """A prompt that goes two ways."""

    prompt: Prompt
    before: Way
    after: Way


def run(
    old: Path, new: Path, prompts: Path, role: str | None, *, simulate: bool, as_json: bool
) -> int:
    """Print what differs: 0 where nothing does, 1 where something; 2 if a home or file is broken.

    Of the candidates the first alone counts. Both homes are asked as of this
    moment, without a session and with nothing spent or closed.
    """
    try:
        asked = read_prompts(prompts, role or "")
        before, after = _opened(old, simulate=simulate), _opened(new, simulate=simulate)
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        return 2
    except Unreadable as error:
        typer.echo(str(error), err=True)
        return 2
    found = asyncio.run(differences(asked, before, after, Live(now=time.time())))
    if as_json:
        told = {"prompts": len(asked), "different": [_as_dict(each) for each in found]}
        typer.echo(json.dumps(told, indent=2))
        return 1 if found else 0
    for each in found:
        text = " ".join(each.prompt.text.split())
        typer.echo(f"{each.prompt.line}: {text if len(text) <= SHOWN else text[:SHOWN] + '…'}")
        typer.echo(f"  before  {each.before}\n  after   {each.after}")
    typer.echo(f"{len(found)} of {len(asked)} prompts would route differently")
    return 1 if found else 0


def _opened(home: Path, *, simulate: bool) -> Side:
    if not is_home(home):
        raise Unreadable(f"{home} is no home: it holds no roles/ and kg/")
    home = home.resolve()
    snapshot, problems = build(home, environment(home), simulate=simulate)
    if snapshot is None:
        errors = (str(each) for each in problems if each.severity == "error")
        raise Unreadable("\n".join((f"{home} can't serve:", *errors)))
    return Side(snapshot, read_settings(home))


async def differences(
    prompts: list[Prompt], before: Side, after: Side, live: Live
) -> list[Difference]:
    """Return the prompts that go two ways, in their order."""
    return [
        Difference(prompt, one, other)
        for prompt in prompts
        for one, other in [(await way(prompt, before, live), await way(prompt, after, live))]
        if one != other
    ]


async def way(prompt: Prompt, side: Side, live: Live) -> Way:
    """Return where a home sends a prompt."""
    snapshot, settings = side.snapshot, side.settings
    body = {"model": prompt.model, "messages": [{"role": "user", "content": prompt.text}]}
    headers = {"x-rolegraph-role": prompt.role} if prompt.role else {}
    facts = facts_of(
        body, headers, body_bytes=len(prompt.text.encode()), count=lambda: count_request(body)
    )
    try:
        view = role_of(snapshot, settings, facts, headers=headers)
        decision = route(facts, view, live)
    except RolegraphError as error:
        return Way(refused=error.message)
    if snapshot.router:
        seconds = settings.router_ms / 1000
        decision = await rerouted(snapshot.router, facts, decision, view, live, limit=seconds)
    first = str(decision.candidates[0])
    return Way(decision.role, decision.phase, decision.concept, first)


def _as_dict(difference: Difference) -> dict[str, object]:
    prompt = difference.prompt
    return {
        "line": prompt.line,
        "prompt": prompt.text,
        "before": {name: value or None for name, value in asdict(difference.before).items()},
        "after": {name: value or None for name, value in asdict(difference.after).items()},
    }
