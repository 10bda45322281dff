"""``rolegraph explain``: where a prompt would go, told so that a person can follow."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from haystacks.errors import RolegraphError
from haystacks.tokens import count_request
from roles.complexity import Complexity, complexity
from roles.decision import Decision, Matched
from roles.estimate import estimates
from roles.extract import facts_of
from roles.live import Live
from roles.route import route
from roles.view import View
from server.cli.open_home import environment, open_home
from server.custom_router import rerouted
from server.role_of import role_of
from server.settings import read_settings
from server.snapshot import build


def run(
    prompt: str,
    option: Path | None,
    role: str | None,
    model: str,
    simulate: bool,  # noqa: FBT001 - as the command line has it
    as_json: bool,  # noqa: FBT001
) -> int:
    """Decide as ``serve`` would, or as ``demo`` with ``simulate``, and print the trace.

    Which haystacks have a key on this machine is part of the answer; what a
    server has learned and spent is not: ``POST /api/route`` asks that.
    """
    home = open_home(option).path
    snapshot, problems = build(home, environment(home), simulate=simulate)
    if snapshot is None:
        for problem in problems:
            typer.echo(str(problem), err=True)
        return 1
    body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    headers = {"x-rolegraph-role": role} if role else {}
    facts = facts_of(
        body, headers, body_bytes=len(prompt.encode()), count=lambda: count_request(body)
    )
    try:
        settings = read_settings(home)
        view = role_of(snapshot, settings, facts, headers=headers)
        live = Live(now=time.time())
        decision = route(facts, view, live)
        if snapshot.router:
            seconds = settings.router_ms / 1000
            asked = rerouted(snapshot.router, facts, decision, view, live, limit=seconds)
            decision = asyncio.run(asked)
    except RolegraphError as error:
        typer.echo(error.message, err=True)
        return 1
    asks = complexity(facts, len(view.rolegraph.hits(facts.text)))
    if as_json:
        typer.echo(json.dumps({**decision.as_dict(), "complexity": asks.as_dict()}, indent=2))
        return 0
    # A model's name may hold ":free:", which rich would take for an emoji.
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    costs = estimates(decision.candidates, facts, live)
    for line in told(prompt, decision, view, asks, costs):
        console.print(line)
    return 0


def told(
    prompt: str,
    decision: Decision,
    view: View,
    asks: Complexity,
    costs: Sequence[float | None],
) -> Iterator[str]:
    """Yield the lines of an explanation, in rich's markup.

    ``costs`` are what the prompt would cost at each candidate, in US dollars.
    """
    yield f"[bold]{escape(_marked(prompt, decision.matched))}[/bold]"
    yield ""
    yield f"role      {decision.role}"
    yield "matched" + ("" if decision.matched else "   nothing")
    for match in decision.matched:
        yield from _match_lines(match)
    concepts = [match.concept for match in decision.matched]
    if len(concepts) > 1:
        network = view.rolegraph.graph.network
        together = "are connected" if network.connected(concepts) else "are not all connected"
        yield f"          these concepts {together}"
        way = network.path(concepts[0], concepts[1])
        if way:
            yield f"          {' - '.join(way)}"
    yield "phases"
    for step in decision.trace:
        mark = "[green]answers[/green]" if step.answered else "passes "
        yield f"  {step.phase:<11} {mark}  {escape(step.reason)}"
        for skipped in step.skipped:
            left_out = f"skipped  {skipped.candidate}: {skipped.reason}"
            yield f"  {'':<11} [dim]{escape(left_out)}[/dim]"
    yield "order"
    for number, (candidate, usd) in enumerate(zip(decision.candidates, costs, strict=True), 1):
        about = "" if usd is None else f"  [dim]{f'about ${usd:.6f}' if usd else 'free'}[/dim]"
        yield f"  {number}. {escape(str(candidate))}{about}"
    if decision.transforms:
        yield f"transform {', '.join(decision.transforms)}"
    yield f"confidence {decision.confidence:.2f}"
    parts = ", ".join(f"{name} {value:.2f}" for name, value in asks.parts if value)
    yield f"complexity {asks.score:.2f}" + (f" ({parts})" if parts else "")


def _match_lines(match: Matched) -> Iterator[str]:
    where = f"{match.start}-{match.end}"
    yield (
        f'  {where:<9} "{escape(match.synonym)}" is [cyan]{escape(match.concept)}[/cyan], '
        f"priority {match.priority:.1f}  [dim]{escape(match.path)}[/dim]"
    )
    if match.inherited:
        yield f"            inherits by {' > '.join(match.inherited)}"
    routes = ", then ".join(match.routes) or "no route"
    yield f"            leads to {escape(routes)}"


def _marked(prompt: str, matched: tuple[Matched, ...]) -> str:
    """Return the prompt with what matched between guillemets."""
    out, last = "", 0
    for match in sorted(matched, key=lambda each: each.start):
        if match.start >= last:
            out += f"{prompt[last : match.start]}«{prompt[match.start : match.end]}»"
            last = match.end
    return out + prompt[last:]
