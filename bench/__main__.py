"""``python -m bench``: measures all that has a target, prints the table, fails on a miss."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from bench import deciding, editing, serving
from bench.targets import TARGETS

PARTS = {"serving": serving.measure, "deciding": deciding.measure, "editing": editing.measure}


def main() -> int:
    """Run the parts that were asked for; 1 where a target was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, help="write the numbers to this file too")
    options.add_argument("--quick", action="store_true", help="fewer requests, rougher numbers")
    options.add_argument("--only", choices=PARTS, action="append", help="leave out the others")
    chosen = options.parse_args()
    results: dict[str, float] = {}
    paces = [pace()]
    for name in chosen.only or PARTS:
        with tempfile.TemporaryDirectory(prefix="rolegraph-bench-") as folder:
            results |= PARTS[name](Path(folder) / "home", quick=chosen.quick)
        paces.append(pace())
    results["pace"] = sorted(paces)[len(paces) // 2]
    Console().print(table(results))
    if chosen.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        chosen.json.write_bytes(
            orjson.dumps({"machine": machine, "results": results}, option=orjson.OPT_INDENT_2)
        )
    return int(any(missed(name, value) for name, value in results.items()))


def pace() -> float:
    """Return the milliseconds of a fixed piece of work: how fast the machine is just now."""
    began = time.perf_counter()
    total = 0
    for number in range(1_000_000):
        total += number
    return (time.perf_counter() - began) * 1e3


def missed(name: str, value: float) -> bool:
    """Tell whether a number is over its limit."""
    limit = TARGETS[name].limit
    return limit is not None and value > limit


def table(results: Mapping[str, float]) -> Table:
    """Return the numbers beside their targets, in the targets' order."""
    shown = Table("what", "measured", "target", "unit")
    for name, target in TARGETS.items():
        if name in results:
            colour = "red" if missed(name, results[name]) else "green" if target.limit else ""
            limit = "" if target.limit is None else f"<= {target.limit:g}"
            shown.add_row(target.name, f"{results[name]:,.1f}", limit, target.unit, style=colour)
    return shown


if __name__ == "__main__":
    sys.exit(main())
