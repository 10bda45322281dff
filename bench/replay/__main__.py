"""``python -m bench.replay``: a day of agent traffic, routed, and what it cost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson
from rich.console import Console

from bench.replay.runs import all_rows
from bench.replay.table import markdown, shown

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- replay -->\n", "<!-- end of replay -->"


def main() -> int:
    """Replay the day once for each policy, side by side, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=40)
    options.add_argument("--turns", type=int, default=30, help="in each session")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--free", action="store_true", help="allow models that cost nothing")
    options.add_argument("--json", type=Path, help="write the numbers to this file too")
    options.add_argument("--readme", action="store_true", help="write the table into the README")
    chosen = options.parse_args()
    every = all_rows(chosen.sessions, chosen.turns, chosen.seed, free=chosen.free)
    told = f"{chosen.sessions} sessions of {chosen.turns} turns, seed {chosen.seed}"
    console = Console(width=150)
    console.print(told)
    console.print(shown(every))
    if chosen.json:
        numbers = {"day": told, "rows": [row.as_dict() for row in every]}
        chosen.json.write_bytes(orjson.dumps(numbers, option=orjson.OPT_INDENT_2))
    if chosen.readme:
        text = README.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        README.write_text(f"{before}{BEGIN}{markdown(every)}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
