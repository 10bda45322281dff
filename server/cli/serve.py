"""``rolegraph serve`` and ``rolegraph demo``."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import typer
import uvicorn
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kg.problem import Problem
from roles.resolve import AUTO
from server.app import create_app
from server.cli.open_home import environment, open_home
from server.demo import demo_settings
from server.files.blobs import not_installed
from server.fleet.workers import Worker, fork_workers
from server.home import Home
from server.log import configure_log
from server.protocol import Protocol
from server.role_of import default_role, selected_role
from server.settings import Settings, read_settings
from server.snapshot import Snapshot, build
from server.storage.database import Database

KEEP_ALIVE_SECONDS = 75

# So long a thread that computes, as a reload does, keeps the loop waiting each time that a
# request has something to do. Python's own 5 ms are too long for what happens a few times in each.
SWITCH_SECONDS = 0.001


def run(
    option: Path | None,
    host: str | None,
    port: int | None,
    log_level: str | None,
    verbose_requests: bool,  # noqa: FBT001 - as the command line has it
    workers: int | None = None,
    database_url: str | None = None,
    *,
    simulate: bool,
) -> int:
    """Serve until told to stop; 1 where the home or the settings don't allow it."""
    home = open_home(option)
    environ = environment(home.path)
    options = {
        "host": host,
        "port": port,
        "log_level": log_level,
        "workers": workers,
        "database_url": database_url,
    }
    try:
        settings = read_settings(home.path, **options, verbose_requests=verbose_requests or None)
    except ValidationError as error:
        for item in error.errors():
            name = str(item["loc"][0])
            given = options.get(name) is not None
            source = f"--{name.replace('_', '-')}" if given else f"ROLEGRAPH_{name.upper()}"
            typer.echo(f"{source}: {_wanted(name, item)}", err=True)
        return 1
    if simulate:
        settings = demo_settings(home.path, settings)
    if settings.database_url:
        try:
            Database(settings.database_url)
        except ValueError as error:
            typer.echo(f"--database-url: {error}", err=True)
            return 1
    if wanting := not_installed(settings.blobs):
        typer.echo(f"ROLEGRAPH_BLOBS: {wanting}", err=True)
        return 1
    if settings.workers > 1 and not settings.redis_url:
        typer.echo(
            f"{settings.workers} workers share their state in Redis: set ROLEGRAPH_REDIS_URL",
            err=True,
        )
        return 1
    configure_log(settings)
    snapshot, problems = _built(home.path, environ, simulate=simulate)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if snapshot is None:
        typer.echo("the home has errors: nothing to serve", err=True)
        return 1
    if settings.keys_required and not snapshot.keys:
        typer.echo(
            f"{settings.host} can be reached from elsewhere, so clients need a key; "
            f"make one with: rolegraph keys create NAME --home {home.path}",
            err=True,
        )
        return 1
    if settings.role.lower() not in {"", AUTO, *snapshot.roles}:
        roles = ", ".join(view.role.handle for view in snapshot.views.values())
        typer.echo(f'unknown role "{settings.role}"; the roles are: {roles}', err=True)
        return 1
    try:
        listener = _listen(settings)
    except OSError as error:
        typer.echo(f"can't listen on {settings.host}:{settings.port}: {error.strerror}", err=True)
        return 1
    bound = listener.getsockname()[1]
    typer.echo(_welcome(home, settings, bound, snapshot))
    worker = None
    if settings.workers > 1:
        worker = fork_workers(settings.workers, listener)
        if worker is None:
            return 0
        if worker.anew:
            fresh, _ = build(home.path, environment(home.path), previous=snapshot)
            snapshot = fresh or snapshot
    config = uvicorn.Config(
        create_app(settings, snapshot, lambda: environment(home.path)),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
        http=Protocol,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    # When all is drained uvicorn raises the signal again, for these.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    _Server(config, worker).run(sockets=[listener])
    return 0


def _built(
    home: Path, environ: Mapping[str, str], *, simulate: bool
) -> tuple[Snapshot | None, tuple[Problem, ...]]:
    """Build the first snapshot, out of the garbage collector's sight.

    What is compiled stays: the collector need not walk it again and again, neither
    while it grows, which takes a third of the time, nor later; workers have it in common.
    """
    gc.disable()
    try:
        return build(home, environ, simulate=simulate)
    finally:
        gc.freeze()
        gc.enable()


def _wanted(name: str, item: ErrorDetails) -> str:
    """Return what is wrong with a setting, in words that are not a pattern's."""
    if item["type"] != "string_pattern_mismatch":
        return item["msg"]
    return f"it must be as described: {Settings.model_fields[name].description}"


class _Server(uvicorn.Server):
    """Stops also when nobody is left who would tell this worker to."""

    def __init__(self, config: uvicorn.Config, worker: Worker | None) -> None:
        super().__init__(config)
        self._worker = worker

    async def on_tick(self, counter: int) -> bool:
        """Tell, ten times a second, whether to stop."""
        abandoned = self._worker is not None and self._worker.abandoned
        return await super().on_tick(counter) or abandoned


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End the process as one that did what it was told."""
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    """Listen before anything is printed, so that what is printed is true."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def _how_to_edit(home: Home) -> str:
    if home.origin == "shipped":
        return "what is shipped; for one of your own: rolegraph init FOLDER"
    return "edit kg/, roles/, haystacks/ there: it reloads as you save"


def _welcome(home: Home, settings: Settings, port: int, snapshot: Snapshot) -> str:
    """Return what a newcomer needs: the address, the home, the roles, one line to copy."""
    host = settings.host.strip("[]")
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown
    url = f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"
    key = " -H 'x-api-key: YOUR-KEY'" if settings.keys_required else ""
    simulated = " (all providers simulated)" if snapshot.simulate else ""
    roles = [view.role.handle for view in snapshot.views.values()]
    chosen = selected_role(snapshot, settings) or default_role(snapshot)
    active = [name for name, pool in snapshot.haystacks.items() if not pool.inactive]
    idle = f"none is active: put their keys into {home.path / '.env'}, or try: rolegraph demo"
    message = '{"role":"user","content":"plan mode: say hi"}'
    body = f'{{"model":"auto","max_tokens":200,"messages":[{message}]}}'
    lines = [
        f"Rolegraph serves on {url}{simulated}",
        f"  home       {home.path} ({_how_to_edit(home)})",
        f"  roles      {', '.join(roles)} (default: {chosen})",
        f"  haystacks  {', '.join(active) or idle}",
        *(
            f"  inactive   {name}: {pool.inactive}"
            for name, pool in snapshot.haystacks.items()
            if pool.inactive
        ),
        "Try it:",
        f"  curl -i {url}/v1/messages -H 'content-type: application/json'{key} -d '{body}'",
        f"  ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY={'YOUR-KEY' if key else 'any'} claude",
    ]
    return "\n".join(lines)
