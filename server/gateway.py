"""What every endpoint needs of the running server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from haystacks.health.health import Health
from haystacks.limited import LimitedHaystacks
from haystacks.limits import Limiter
from haystacks.local import LocalShared
from haystacks.shared import Shared
from haystacks.upstream import Send
from server.access import admit
from server.budgets import Budgets
from server.files.blobs import open_blobs
from server.files.files import Files
from server.keys import ClientKey
from server.ledger import Ledger
from server.reload_state import ReloadState
from server.settings import Settings, is_loopback
from server.snapshot import Snapshot
from server.storage.database import Database
from server.storage.place import database_url, state_folder
from server.usage.log import UsageLog

# What processes tell one another about: models that are ejected, keys that rest.
_HEALTH: Final = "health"

# Of a haystack's limits; the rest is always there for those who wait for an answer.
_BATCHES_SHARE: Final = 0.8


@dataclass(slots=True)
class Gateway:
    """The running server: its settings, its way out, and the snapshot that serves now.

    A reload swaps ``snapshot`` for another; a request keeps the one it began
    with. ``last_request`` is a time of the monotonic clock, ``clock`` tells Unix
    time. What outlives requests and snapshots is ``shared`` with other processes, or
    known here by names: the health of all models, the ``gate`` of their limits
    (batches go through ``batch_gate``), and in ``recent`` what this process has
    lately done. ``state`` is the folder of what must last.
    """

    settings: Settings
    snapshot: Snapshot
    reload: ReloadState
    send: Send
    shared: Shared = field(default_factory=LocalShared)
    clock: Callable[[], float] = time.time
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    recent: LocalShared = field(default_factory=LocalShared)
    in_flight: int = 0
    last_request: float = field(default_factory=time.monotonic)
    health: Health = field(init=False)
    limiter: Limiter = field(init=False)
    gate: LimitedHaystacks = field(init=False)
    batch_gate: LimitedHaystacks = field(init=False)
    budgets: Budgets = field(init=False)
    state: Path = field(init=False)
    database: Database = field(init=False)
    files: Files = field(init=False)
    usage: UsageLog = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        """Build what counts and remembers upon what is shared."""
        self.health = Health(tell=partial(self.shared.tell, _HEALTH))
        self.shared.listen(_HEALTH, self.health.heard)
        self.limiter = Limiter(self.shared, self.clock)
        self.gate = LimitedHaystacks(self.limiter, self.clock)
        self.batch_gate = LimitedHaystacks(self.limiter, self.clock, share=_BATCHES_SHARE)
        self.budgets = Budgets(self.shared)
        self.state = state_folder(self.snapshot.home, self.settings.state)
        self.database = Database(database_url(self.state, self.settings.database_url))
        kept = self.state / "files"
        blobs = open_blobs(self.settings.blobs, kept, self.environ)
        self.files = Files(self.database, blobs, kept / "incoming", self.clock)
        self.usage = UsageLog(
            self.database,
            self.clock,
            bound=self.settings.usage_queue,
            days=self.settings.usage_days,
        )
        self.ledger = Ledger(self.usage.take)

    def admit(self, headers: Mapping[str, str]) -> ClientKey | None:
        """Return the client's key, if it has one. Raises ``Unauthorized``."""
        return admit(
            headers,
            self.snapshot.keys,
            required=self.settings.keys_required,
            loopback=is_loopback(self.settings.host),
            now=self.clock(),
        )
