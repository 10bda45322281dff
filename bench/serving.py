"""Measures the server from outside: CPU for each request and event, memory, latency."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from bench import process
from bench.corpus import prompt
from bench.cpu import usage
from bench.home import PHRASES, ROLE, make_home
from bench.process import Server

EVENTS: Final = 200
# Far enough apart that each event reaches the proxy by itself.
INTERVAL: Final = 0.002
_CONCURRENCY: Final = 8
_PATHS: Final = {"native": "/v1/messages", "translated": "/v1/chat/completions"}


def measure(folder: Path, *, quick: bool) -> dict[str, float]:
    """Run the loads against a server with 350 patterns and return what each target asks for."""
    requests, streams = (1_000, 24) if quick else (10_000, 120)
    results: dict[str, float] = {}
    with process.upstream(EVENTS, INTERVAL) as upstream:
        make_home(folder, upstream, patterns=350)
        with process.server(folder) as server:
            for name in PHRASES:
                whole = _body(folder, name, stream=False)
                stream = _body(folder, name, stream=True)
                _check(server, whole, name)
                _load(server, whole, requests // 5)  # the first requests pay for imports
                _load(server, stream, _CONCURRENCY)
                cpu, report = _load(server, whole, requests)
                results[f"request_{name}"] = cpu / report["requests"] * 1e6
                if name == "native":
                    results["rate_native"] = report["requests"] / report["seconds"]
                    _, alone = _load(server, whole, requests // 5, concurrency=1)
                    results["latency_native"] = alone["p50_us"]
                    results["latency_native_p99"] = alone["p99_us"]
                cpu, report = _load(server, stream, streams)
                results[f"event_{name}"] = cpu / report["events"] * 1e6
                results[f"first_{name}"] = _added(server, upstream, name, stream, streams // 4)
            results["rss"] = usage(server.pid).rss / 1e6
            _check_kept(server)
    return results


def _added(server: Server, upstream: str, name: str, body: Path, streams: int) -> float:
    """Return the milliseconds that the server adds to the first event, at one stream at a time."""
    _, through = _load(server, body, streams, concurrency=1)
    direct = process.load(upstream + _PATHS[name], body, concurrency=1, requests=streams)
    return float(through["first_event_p50_us"] - direct["first_event_p50_us"]) / 1000


def ask(server: Server, body: bytes) -> dict[str, str]:
    """Send one request and return the headers of its answer, lower-case."""
    request = Request(f"{server.url}/v1/messages", body, _headers())
    with urlopen(request, timeout=10) as answer:
        answer.read()
        return {name.lower(): value for name, value in answer.headers.items()}


def message(text: str, *, stream: bool) -> bytes:
    """Return the body of a client's request."""
    said = [{"role": "user", "content": text}]
    body = {"model": "auto", "max_tokens": 1000, "messages": said, "stream": stream}
    return json.dumps(body, separators=(",", ":")).encode()


def _headers() -> dict[str, str]:
    return {"content-type": "application/json", "x-rolegraph-role": ROLE}


def _body(folder: Path, name: str, *, stream: bool) -> Path:
    file = folder / f"{name}-{'stream' if stream else 'whole'}.json"
    file.write_bytes(message(prompt(PHRASES[name]), stream=stream))
    return file


def _check(server: Server, body: Path, name: str) -> None:
    """Make sure that it is the concept that leads to the haystack: else all numbers lie."""
    headers = ask(server, body.read_bytes())
    went = headers["x-rolegraph-phase"], headers["x-rolegraph-haystack"]
    if went != ("pattern", name):
        raise RuntimeError(f"the prompt for {name} went by {' to '.join(went)}")


def _check_kept(server: Server) -> None:
    """Make sure that every request is on record: what is dropped would have cost time too."""
    with urlopen(f"{server.url}/health/detailed", timeout=10) as answer:
        kept = json.load(answer)["storage"]["usage"]
    if kept["dropped"]:
        raise RuntimeError(f"{kept['dropped']} requests are missing in the usage")


def _load(
    server: Server, body: Path, requests: int, *, concurrency: int = _CONCURRENCY
) -> tuple[float, dict[str, Any]]:
    """Return the CPU seconds that the server spent on the load, and the clients' report."""
    before = usage(server.pid).cpu
    url = f"{server.url}/v1/messages"
    report = process.load(url, body, concurrency=concurrency, requests=requests)
    return usage(server.pid).cpu - before, report
