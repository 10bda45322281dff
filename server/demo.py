"""What a demo keeps is its own: real traffic must neither meet it nor count it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from server.settings import Settings
from server.storage.place import state_folder

FOLDER: Final = "demo"


def demo_settings(home: Path, settings: Settings) -> Settings:
    """Return the settings with a state folder of the demo's own, and nothing that others share.

    Otherwise a batch that a demo left would go on at real providers, and a demo
    would answer what a fleet's database holds.
    """
    state = state_folder(home, settings.state) / FOLDER
    apart = {"state": str(state), "database_url": "", "redis_url": "", "blobs": "", "workers": 1}
    return settings.model_copy(update=apart)
