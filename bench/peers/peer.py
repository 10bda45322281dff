"""A peer: a proxy that does the work that Rolegraph does, in one way, on one port."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

# Whether the provider speaks the client's dialect.
Way = Literal["same dialect", "translated"]


class Missing(Exception):
    """A program is not here; the text says which, and how to come by it."""


@dataclass(frozen=True, slots=True)
class Program:
    """What was found on this machine; ``version`` is empty where it is our own."""

    path: Path
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """What a peer is given: its own folder, a free port, the stand-in provider's URL, its way."""

    folder: Path
    port: int
    upstream: str
    way: Way


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a peer and how to ask it, its configuration being in its folder by now.

    ``headers`` go with each request; ``proof`` are those that its answers must
    carry, lower-case.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/v1/messages"
    headers: Mapping[str, str] = field(default_factory=dict)
    proof: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """``find`` looks for the program, in the folder of installed ones too, or raises Missing.

    ``note`` is what a reader must know to compare it.
    """

    name: str
    way: Way
    find: Callable[[Path | None], Program]
    launch: Callable[[Program, Place], Launch]
    note: str = ""
