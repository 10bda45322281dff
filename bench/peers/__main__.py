"""``python -m bench.peers``: Rolegraph beside other proxies, under one load, on this machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Final, NoReturn

import orjson
from rich.console import Console

from bench.peers.installing import install
from bench.peers.lineup import PEERS
from bench.peers.rounds import compare
from bench.peers.table import left_out, markdown, numbers, rows, shown

# Far over what a whole run takes, so that one that hangs ends, and its servers with it.
_LIMIT_SECONDS: Final = 600


def main() -> int:
    """Install what is asked for, measure who is here, print the table and who is not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--install", type=Path, help="install the peers into this folder first")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=3.0, help="of each load of each round")
    options.add_argument("--json", type=Path, help="write the numbers to this file too")
    options.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    chosen = options.parse_args()
    if chosen.install is not None:
        install(chosen.install)
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _end)
    signal.alarm(_LIMIT_SECONDS)
    console = Console(width=150)
    before = os.getloadavg()[0]
    outcomes = compare(PEERS, chosen.install, rounds=chosen.rounds, seconds=chosen.seconds)
    told = rows(outcomes)
    if chosen.markdown:
        print(markdown(told))
    else:
        console.print(shown(told))
    console.print(
        f"{chosen.rounds} rounds on {os.cpu_count()} cores: median (lowest-highest). "
        f"The load of the machine before: {before:.2f}"
    )
    for line in left_out(outcomes):
        console.print(f"not measured: {line}")
    if chosen.json:
        chosen.json.write_bytes(orjson.dumps(numbers(outcomes), option=orjson.OPT_INDENT_2))
    return 0


def _end(number: int, _frame: object) -> NoReturn:
    """End by an exception, so that each server's context ends it."""
    raise SystemExit(f"ended by {signal.Signals(number).name}")


if __name__ == "__main__":
    sys.exit(main())
