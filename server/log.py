"""Structured logs, on standard error, without prompt text."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

from server.log_lines import LogLines
from server.settings import Settings


def configure_log(settings: Settings) -> None:
    """Set the level and the form of all logs, ours and the libraries'."""
    level = getattr(logging, settings.log_level.upper())
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    stamp = structlog.processors.TimeStamper(fmt="iso" if not text else "%H:%M:%S", utc=not text)
    lines = LogLines(sys.stderr.buffer)
    common: list[structlog.typing.Processor] = [structlog.processors.add_log_level, stamp]
    if text:
        structlog.configure(
            processors=[*common, _console(colours=sys.stderr.isatty())],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=lambda *_: lines,
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[
                *common,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=lambda *_: lines,
            cache_logger_on_first_use=True,
        )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)


def _console(*, colours: bool) -> structlog.dev.ConsoleRenderer:
    # Its own tracebacks show every local variable: prompts and keys.
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)


def _dumps(event: Any, **_options: Any) -> bytes:
    return orjson.dumps(event, default=str)
