"""``python -m tests.standin --port 4010``: the stand-in as a process; prints its URL."""

from __future__ import annotations

import argparse
import asyncio

from tests.standin.answer import Answer, Slow
from tests.standin.faults import Status
from tests.standin.server import StandIn
from tests.standin.wire import Behaviour


async def _serve(behaviour: Behaviour, port: int) -> None:
    async with StandIn([behaviour], port=port) as upstream:
        print(upstream.url, flush=True)  # noqa: T201 - whoever started it reads the port here
        await asyncio.Event().wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--text", default=Answer().text)
    options.add_argument("--first-byte", type=float, default=0.0, help="seconds")
    options.add_argument("--per-event", type=float, default=0.0, help="seconds")
    options.add_argument("--status", type=int, help="fail with this HTTP status")
    chosen = options.parse_args()
    answer = Answer(text=chosen.text)
    behaviour = (
        Status(chosen.status)
        if chosen.status
        else Slow(chosen.first_byte, chosen.per_event, answer)
    )
    asyncio.run(_serve(behaviour, chosen.port))


if __name__ == "__main__":
    main()
