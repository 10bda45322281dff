"""The commands and their options. Each imports its own module when it runs: help is instant."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

app = typer.Typer(
    name="rolegraph",
    help="A proxy for language models that routes each request by markdown you can read.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes longer to import than the help should take to appear
    pretty_exceptions_enable=False,
    add_completion=False,
)
keys = typer.Typer(no_args_is_help=True, help="The keys that clients show.")
app.add_typer(keys, name="keys")

# typer reads these at run time, where Python 3.11 and typer want Optional spelled out.
Home = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--home", help="The home: the folder that holds roles/, haystacks/ and kg/."),
]
Host = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--host", help="Address to listen on [default: 127.0.0.1]."),
]
Port = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--port", help="Port to listen on, 0 picks one [default: 3456]."),
]
LogLevel = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--log-level", help="debug, info, warning or error [default: info]."),
]
Workers = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--workers", help="Processes that serve; more than one share a Redis."),
]
DatabaseUrl = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--database-url", help="PostgreSQL, if not SQLite in the state folder."),
]
Verbose = Annotated[
    bool, typer.Option("--verbose-requests", help="Log request bodies, secrets redacted.")
]
Role = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--role", help="The role to ask, or auto."),
]
Simulate = Annotated[
    bool, typer.Option("--simulate", help="Decide as the demo would: every haystack is active.")
]
Bound = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(help="US dollars, at most."),
]
Count = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(help="At most so many."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _run(module: str, *arguments: Any, **options: Any) -> None:
    try:
        code = importlib.import_module(f"server.cli.{module}").run(*arguments, **options)
    except BrokenPipeError:
        raise  # click ends quietly
    except OSError as error:
        typer.echo(f"rolegraph: {error}", err=True)
        code = 1
    raise typer.Exit(code)


@app.command()
def serve(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    log_level: LogLevel = None,
    workers: Workers = None,
    database_url: DatabaseUrl = None,
    verbose_requests: Verbose = False,  # noqa: FBT002 - a command line switch
) -> None:
    """Serve with the home's haystacks and your keys."""
    _run(
        "serve",
        home,
        host,
        port,
        log_level,
        verbose_requests,
        workers,
        database_url,
        simulate=False,
    )


@app.command()
def demo(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    log_level: LogLevel = None,
    verbose_requests: Verbose = False,  # noqa: FBT002 - a command line switch
) -> None:
    """Serve with every provider simulated in this process: no key, no cost."""
    _run("serve", home, host, port, log_level, verbose_requests, 1, simulate=True)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The folder to make a home of.")]) -> None:
    """Copy the shipped roles, haystacks and concepts into a new home."""
    _run("init", folder)


@app.command()
def check(home: Home = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a switch
    """Show every problem of a home. Exit code 0: none, 1: some, 2: no home."""
    _run("check", home, as_json)


@app.command()
def explain(
    prompt: Annotated[str, typer.Argument(help="What a user would write.")],
    home: Home = None,
    role: Role = None,
    model: Annotated[str, typer.Option("--model", help="The model that the client names.")] = "",
    simulate: Simulate = False,  # noqa: FBT002 - a switch
    as_json: AsJson = False,  # noqa: FBT002 - a switch
) -> None:
    """Show where a prompt would go, and why."""
    _run("explain", prompt, home, role, model, simulate, as_json)


@app.command()
def diff(
    old_home: Annotated[Path, typer.Argument(help="The home as it was.")],
    new_home: Annotated[Path, typer.Argument(help="The home as it would be.")],
    prompts: Annotated[Path, typer.Option("--prompts", help="One prompt a line, as text or JSON.")],
    role: Role = None,
    simulate: Simulate = False,  # noqa: FBT002 - a switch
    as_json: AsJson = False,  # noqa: FBT002 - a switch
) -> None:
    """Show which prompts two homes route differently. Exit code 0: none, 1: some, 2: an error."""
    _run("diff", old_home, new_home, prompts, role, simulate=simulate, as_json=as_json)


@app.command()
def usage(
    home: Home = None,
    by: Annotated[
        str, typer.Option("--by", help="role, model, haystack, concept, key, day, or several.")
    ] = "role",
    since: Annotated[str, typer.Option("--since", help="A date, or a span like 7d.")] = "30d",
    until: Annotated[str, typer.Option("--until", help="A date, or a span like 1d.")] = "",
    simulate: Annotated[bool, typer.Option("--simulate", help="What the demo wrote down.")] = False,  # noqa: FBT002 - a switch
    as_json: AsJson = False,  # noqa: FBT002 - a switch
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Sum up requests, tokens and money, from what the server has written down."""
    _run("usage", home, by, since, until, simulate=simulate, as_json=as_json, as_csv=as_csv)


@app.command()
def roles(home: Home = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a switch
    """List the roles of a home."""
    _run("roles", home, as_json)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="role or haystack.")],
) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    _run("schema", kind)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def code(
    arguments: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="What Claude Code gets, after --."),
    ] = None,
    role: Role = None,
    url: Annotated[
        str, typer.Option("--url", help="Where Rolegraph serves.")
    ] = "http://127.0.0.1:3456",
) -> None:
    """Run Claude Code through Rolegraph."""
    _run("code", arguments or [], role, url)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is called in the list.")],
    home: Home = None,
    role: Annotated[str, typer.Option("--role", help="The role its requests get.")] = "",
    daily_usd: Bound = None,
    monthly_usd: Bound = None,
    requests_per_minute: Count = None,
    tokens_per_minute: Count = None,
    usd_per_minute: Bound = None,
    concurrency: Count = None,
    expires: Annotated[str, typer.Option("--expires", help="A date, or a span like 30d.")] = "",
) -> None:
    """Make a key and print it: this once, only its hash is kept."""
    _run(
        "keys",
        "create",
        home,
        name,
        role=role,
        budget={"daily_usd": daily_usd, "monthly_usd": monthly_usd},
        limits={
            "requests_per_minute": requests_per_minute,
            "tokens_per_minute": tokens_per_minute,
            "usd_per_minute": usd_per_minute,
            "concurrency": concurrency,
        },
        expires=expires,
    )


@keys.command("list")
def list_keys(home: Home = None) -> None:
    """List the keys with their roles, budgets, limits and ends."""
    _run("keys", "list", home)


@keys.command("revoke")
def revoke_key(
    name: Annotated[str, typer.Argument(help="The key's name.")], home: Home = None
) -> None:
    """Forget a key; a running server notices."""
    _run("keys", "revoke", home, name)
