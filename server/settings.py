"""The settings: each is an environment variable ``ROLEGRAPH_<NAME>``, also read from ``.env``."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseSettings):
    """How the server runs; the command line's options come before the environment."""

    model_config = SettingsConfigDict(env_prefix="ROLEGRAPH_", extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(3456, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    log_level: LogLevel = Field("info", description="Least level that is logged.")
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="How logs look; auto is text on a terminal and JSON elsewhere."
    )
    role: str = Field("", description="The selected role, for requests that name none.")
    require_keys: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Whether clients need a key; auto asks for one unless bound to loopback.",
    )
    max_body: int = Field(
        32 * 1024 * 1024, gt=0, description="Largest request body that is accepted, in bytes."
    )
    files_max_bytes: int = Field(
        500 * 1024 * 1024, gt=0, description="Largest file that may be uploaded, in bytes."
    )
    blobs: str = Field(
        "",
        pattern=r"^(s3://[^/\s]+(/\S*)?)?$",
        description="Where contents of files are kept: s3://bucket/prefix, with the usual AWS_ "
        "variables. Left out: a folder of the state.",
    )
    ping_seconds: float = Field(
        10.0, gt=0, description="Silence in a stream after which a ping is sent, in seconds."
    )
    drain_seconds: int = Field(
        30, ge=0, description="How long a stopping server waits for open requests, in seconds."
    )
    workers: int = Field(
        1, ge=1, le=256, description="Processes that serve; more than one need redis_url."
    )
    redis_url: str = Field(
        "",
        pattern=r"^((redis|rediss|unix)://.+)?$",
        repr=False,
        description="Redis that processes share sessions, limits and budgets in: "
        "redis://, rediss:// or unix://. Left out: each process has its own.",
    )
    state: str = Field(
        "",
        description="Folder of what must last; relative to the home. Left out: state in the home.",
    )
    database_url: str = Field(
        "",
        pattern=r"^((sqlite|postgresql|postgres)://.+)?$",
        repr=False,
        description="Database of usage, files and batches: postgresql:// or sqlite:///. "
        "Left out: SQLite in the state folder.",
    )
    usage_days: int = Field(
        90, ge=0, description="How long the record of a request is kept, in days; 0 is for ever."
    )
    usage_queue: int = Field(
        10_000, gt=0, description="Records that wait for a database that is away; more are dropped."
    )
    record_content: bool = Field(
        default=False,
        description="Keep what was asked and answered with each record, secrets redacted.",
    )
    batch_concurrency: int = Field(
        32,
        gt=0,
        description="Requests of batches that a process answers at a time; each live request "
        "takes the place of one.",
    )
    batch_hours: float = Field(
        24, gt=0, description="Hours after which what is left of a batch expires."
    )
    batch_days: float = Field(
        29, gt=0, description="How long the results of a batch are kept, in days."
    )
    batch_max_bytes: int = Field(
        256 * 1024 * 1024, gt=0, description="Largest batch that is accepted, in bytes."
    )
    batch_lease: float = Field(
        30.0,
        ge=1,
        description="Silence after which the requests that a process has begun are begun anew "
        "by another, in seconds.",
    )
    allow_code: bool = Field(
        default=False,
        description="Run the home's own Python, transformers/*.py and router.py, in this process.",
    )
    router_ms: int = Field(
        50, gt=0, description="Longest that the home's router.py may take, in milliseconds."
    )
    hedge_seconds: float = Field(
        0.0,
        ge=0,
        description="Wait for a first event after which the next candidate is asked beside, "
        "in seconds; 0 never asks.",
    )
    verbose_requests: bool = Field(
        default=False, description="Log request bodies, secrets redacted. For debugging."
    )

    @property
    def keys_required(self) -> bool:
        """Whether a client without a key is turned away."""
        if self.require_keys == "auto":
            return not is_loopback(self.host)
        return self.require_keys == "always"


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether an address or host name can only be reached from this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def read_settings(home: Path, **options: object) -> Settings:
    """Return the settings of a home; options that are ``None`` were not given."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return Settings(
        _env_file=home / ".env",  # type: ignore[call-arg]  # not in its stubs
        _env_file_encoding="utf-8-sig",
        **given,
    )


def code_allowed(environ: Mapping[str, str]) -> bool:
    """Tell whether an environment sets ``allow_code``: it is asked anew for each reload."""
    return environ.get("ROLEGRAPH_ALLOW_CODE", "").lower() in {"1", "true", "t", "yes", "y", "on"}
