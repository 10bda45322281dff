"""Where state is kept: in the home, unless that is not ours to write to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

from server.home import shipped

FOLDER: Final = "state"
DATABASE: Final = "rolegraph.db"


def state_folder(home: Path, named: str) -> Path:
    """Return the folder of the state: the one that is named, below a relative path of the home.

    Else ``state`` in the home; the user's own state folder where the home is
    read only, or is what was shipped, which an update replaces. Nothing is made yet.
    """
    if named:
        return home / Path(named).expanduser()
    if home == shipped() or not os.access(home, os.W_OK):
        return Path(platformdirs.user_state_dir("rolegraph"))
    return home / FOLDER


def database_url(state: Path, named: str) -> str:
    """Return the URL of the database: the one that is named, or SQLite in the state folder."""
    return named or f"sqlite:///{state / DATABASE}"
