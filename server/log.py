"""Structured logs, on standard error, without prompt text."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from server.log_lines import LogLines
from server.settings import Settings


def configure_log(settings: Settings) -> None:
    """Set the level and the form of all logs, ours and the libraries'."""
    level = getattr(logging, settings.log_level.upper())
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    lines = LogLines(sys.stderr.buffer)
    form: list[structlog.typing.Processor] = [_as_json]
    if text:
        stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
        form = [stamp, _console(colours=sys.stderr.isatty())]
    structlog.configure(
        processors=[structlog.processors.add_log_level, *form],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)


def _console(*, colours: bool) -> structlog.dev.ConsoleRenderer:
    # Its own tracebacks show every local variable: prompts and keys.
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)


def _as_json(logger: Any, level: str, event: structlog.typing.EventDict) -> bytes:
    """Return an event as a line: in one step, since every request pays for one."""
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, level, event)
    event["timestamp"] = datetime.now(UTC)
    return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z)
