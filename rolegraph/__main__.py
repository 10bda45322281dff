"""The program: ``rolegraph`` and ``python -m rolegraph``."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Run the command line.

    Our own root goes first in ``sys.path``, so that a ``server/`` or ``kg/``
    in the folder where the user stands can't shadow ours.
    """
    root = str(Path(__file__).resolve().parent.parent)
    sys.path[:] = [root, *(entry for entry in sys.path if entry != root)]
    from server.cli.main import app  # noqa: PLC0415 - after the path is set

    app()


if __name__ == "__main__":
    main()
