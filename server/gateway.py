"""What every endpoint needs of the running server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from haystacks.health import Health
from haystacks.upstream import Send
from server.access import admit
from server.keys import ClientKey
from server.ledger import Ledger
from server.reload_state import ReloadState
from server.settings import Settings, is_loopback
from server.snapshot import Snapshot


@dataclass(slots=True)
class Gateway:
    """The running server: its settings, its way out, and the snapshot that serves now.

    A reload swaps ``snapshot`` for another; a request keeps the one it began
    with. ``last_request`` is a time of the monotonic clock.
    """

    settings: Settings
    snapshot: Snapshot
    reload: ReloadState
    send: Send
    ledger: Ledger = field(default_factory=Ledger)
    health: Health = field(default_factory=Health)
    in_flight: int = 0
    last_request: float = field(default_factory=time.monotonic)

    def admit(self, headers: Mapping[str, str]) -> ClientKey | None:
        """Return the client's key, if it has one. Raises ``Unauthorized``."""
        return admit(
            headers,
            self.snapshot.keys,
            required=self.settings.keys_required,
            loopback=is_loopback(self.settings.host),
        )
