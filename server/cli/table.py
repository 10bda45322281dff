"""Tables that cut nothing off."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table

# Characters in a line; nothing that is printed comes near.
_BOUNDLESS: Final = 10_000


def print_table(table: Table) -> None:
    """Print a table as wide as it needs: a name or a sum of money is never broken or shortened."""
    Console(width=Console(width=_BOUNDLESS).measure(table).maximum).print(table)
