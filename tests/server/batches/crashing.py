"""A batch over servers that are killed on the way; ``python -m tests.server.batches.crashing``.

The provider's journal tells what was asked how often, the results what came of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.postgres_server import postgres_server
from tests.running import make_home
from tests.server.program import PROGRAM, environment
from tests.standin import Answer, Behaviour, Seen, Slow, StandIn, Status

CONCURRENCY = 8
FAILS_EACH = 33  # every so many-th request: 3 of 100

_NUMBER = re.compile(rb"number (\d+)")


@dataclass(slots=True)
class Replica:
    """One server process of a home, and how to have it again after it was killed."""

    home: Path
    variables: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    url: str = ""

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *("serve", "--home", str(self.home), "--port", "0"),
            env=environment(TEST_KEY="upstream-key", **self.variables),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        said = ""
        while (found := re.search(r"serves on (http://\S+)", said)) is None:
            line = await self.process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line.decode()
        self.url = found[1]
        async with httpx.AsyncClient(base_url=self.url) as client:
            while True:
                try:
                    if (await client.get("/ready")).status_code == 200:
                        return
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.wait()

    def resident(self) -> int:
        """Return the bytes of memory that the process holds."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()


@dataclass(slots=True)
class Report:
    """What became of a batch; ``asked`` counts the calls for each request."""

    counts: dict[str, int]
    results: dict[str, str]
    asked: Counter[int]
    seconds: float
    resident: list[int] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def repeated(self) -> int:
        return sum(self.asked.values()) - len(self.asked)


async def crash(
    folder: Path, requests: int, kills: int, replicas: int = 1, database: str = "", delay: float = 0
) -> Report:
    """Send a batch, kill a server so many times while it is worked on, and collect what came."""
    asked: Counter[int] = Counter()

    def script(seen: Seen) -> Behaviour:
        found = _NUMBER.search(seen.raw)
        assert found is not None
        asked[int(found[1])] += 1
        upstream.requests.clear()  # the journal above is all that is needed
        wrong = int(found[1]) % FAILS_EACH == 0
        return Status(400, "scripted refusal") if wrong else Slow(delay, answer=Answer())

    async with StandIn(script) as upstream:
        home = make_home(folder / "home", upstream.url)
        variables = {
            "ROLEGRAPH_ROLE": "coder",
            "ROLEGRAPH_BATCH_LEASE": "1",
            "ROLEGRAPH_BATCH_CONCURRENCY": str(CONCURRENCY),
            "ROLEGRAPH_DATABASE_URL": database,
        }
        servers = [Replica(home, variables) for _ in range(replicas)]
        try:
            for server in servers:
                await server.start()
            return await _watch(servers, requests, kills, asked)
        finally:
            for server in servers:
                await server.end()


async def _watch(
    servers: Sequence[Replica], requests: int, kills: int, asked: Counter[int]
) -> Report:
    resident = [servers[0].resident()]
    began, cpu = time.perf_counter(), _cpu(servers[0])
    entries = [
        {"custom_id": f"id-{number}", "params": _params(number)} for number in range(requests)
    ]
    async with httpx.AsyncClient(timeout=120) as client:
        sent = await client.post(
            f"{servers[0].url}/v1/messages/batches", json={"requests": entries}
        )
        assert sent.status_code == 200, sent.text
        path = f"/v1/messages/batches/{sent.json()['id']}"
        marks = [requests * (kill + 1) // (kills + 1) for kill in range(kills)]
        while True:
            # Any of them may be asked; the last one is never killed where there are several.
            batch = (await client.get(f"{servers[-1].url}{path}")).json()
            counts = batch["request_counts"]
            assert sum(counts.values()) == requests
            resident.append(servers[0].resident())
            if batch["processing_status"] == "ended":
                break
            if marks and requests - counts["processing"] >= marks[0]:
                marks.pop(0)
                await servers[0].end()
                await servers[0].start()
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - began
        cpu = _cpu(servers[0]) - cpu
        results = {}
        async with client.stream("GET", f"{servers[0].url}{path}/results") as stream:
            async for line in stream.aiter_lines():
                result = json.loads(line)
                results[result["custom_id"]] = result["result"]["type"]
        resident.append(servers[0].resident())
    return Report(counts, results, asked, seconds, resident, cpu)


def _params(number: int) -> dict[str, object]:
    text = f"number {number}: " + "some words to say " * 20
    return {"model": "auto", "max_tokens": 64, "messages": [{"role": "user", "content": text}]}


def _cpu(server: Replica) -> float:
    """Return the seconds of CPU that the process has used."""
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def databases(name: str) -> Iterator[str]:
    """Give the URL of an empty database of that kind; of SQLite, the one in the home."""
    with ExitStack() as stack:
        yield stack.enter_context(postgres_server()).url if name == "postgresql" else ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=10_000)
    options.add_argument("--kills", type=int, default=5)
    options.add_argument("--replicas", type=int, default=1)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    chosen = options.parse_args()
    with databases(chosen.database) as url, tempfile.TemporaryDirectory() as folder:
        run = crash(Path(folder), chosen.requests, chosen.kills, chosen.replicas, url)
        report = asyncio.run(run)
    print(report.counts, f"{len(report.results)} results, {report.repeated} repeated")  # noqa: T201
    print(  # noqa: T201 - a report to read
        f"{chosen.requests / report.seconds:.0f} requests/s, "
        f"{report.cpu / chosen.requests * 1e6:.0f} us of CPU each (where nothing is killed), "
        f"resident {report.resident[0] >> 20} MB, at most {max(report.resident) >> 20} MB"
    )


if __name__ == "__main__":
    main()
