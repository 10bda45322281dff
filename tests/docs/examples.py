"""Runs the commands that the pages show, and compares what they answer."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from typer.testing import CliRunner

from haystacks.presets import PRESETS
from server.cli.main import app

# What is another at each run.
_VOLATILE: Final = frozenset(
    {
        *("at", "created", "decision_id", "estimated_usd", "generation", "key", "ms", "request_id"),
        *("samples", "first_token", "seconds_left", "started", "tokens_per_second", "total"),
        *("turn", "uptime_seconds", "used"),
        *("from", "requests", "to", "total_ms", "usd"),
    }
)
_MASKED: Final = re.compile(r"\breq_[0-9a-f]{24}|(?<=generation: )\d+")
_NO_KEYS: Final[Mapping[str, str | None]] = {
    preset.key_variable: None for preset in PRESETS.values() if preset.key_variable
}


def curl_parser() -> argparse.ArgumentParser:
    """Return what understands the options of curl that the pages use."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    for flag in ("-s", "-i", "-N"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-H", action="append", default=[], dest="headers")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-d", dest="body")
    parser.add_argument("url")
    return parser


async def answer_of(command: str, server: str, home: Path) -> str:
    """Run a ``curl`` against the server or a ``rolegraph`` with the home, and return its output."""
    program, *arguments = shlex.split(command.replace("\\\n", " "))
    if program == "rolegraph":
        environment = {**_NO_KEYS, "ROLEGRAPH_HOME": str(home), "COLUMNS": "150"}
        return CliRunner().invoke(app, arguments, env=environment).output
    assert program == "curl", command
    asked = curl_parser().parse_args(arguments)
    async with httpx.AsyncClient(base_url=server, timeout=20) as client:
        answer = await client.request(
            asked.method or ("POST" if asked.body else "GET"),
            re.sub(r"^http://127\.0\.0\.1:3456", "", asked.url),
            content=asked.body,
            headers=[_pair(header) for header in asked.headers],
        )
    if not asked.i:
        return answer.text
    head = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    head += [f"{name}: {value}".rstrip() for name, value in answer.headers.items()]
    return "\n".join((*head, "", answer.text))


def _pair(header: str) -> tuple[str, str]:
    name, _, value = header.partition(": ")
    return name, value


def holds(actual: Any, told: Any) -> bool:
    """Tell whether JSON holds all that was told of it; lists may hold more in between."""
    if isinstance(told, dict):
        return isinstance(actual, dict) and all(
            key in actual and (key in _VOLATILE or holds(actual[key], value))
            for key, value in told.items()
        )
    if isinstance(told, list):
        rest: Iterator[Any] = iter(actual if isinstance(actual, list) else ())
        return all(any(holds(each, item) for each in rest) for item in told)
    return bool(actual == told)


def missing_lines(actual: str, told: str) -> list[str]:
    """Return the first told line that is not in the text in that order; ``...`` stands for any."""
    rest = iter(line.strip() for line in _MASKED.sub("_", actual).splitlines())
    for line in _MASKED.sub("_", told).splitlines():
        if line.strip() not in {"...", ""} and line.strip() not in rest:
            return [line]
    return []
