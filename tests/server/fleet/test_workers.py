"""Several processes on one socket and one Redis: one dies, the others go on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.redis_server import RedisServer, needs_redis, redis_server
from tests.running import make_home, user, write
from tests.server.program import Started, invoke, started

PATIENCE = 20.0


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_home(tmp_path / "home", "http://127.0.0.1:9")
    for name in ("first", "second"):
        write(home, f"haystacks/{name}.yaml", f"name: {name}\nservice: simulated\n")
    return home


def workers_of(server: Started) -> set[int]:
    """Return the processes of the workers."""
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {int(pid) for pid in told.stdout.split()}


def workers_when(server: Started, count: int) -> set[int]:
    end = time.monotonic() + PATIENCE
    while len(found := workers_of(server)) != count:
        assert time.monotonic() < end, f"{len(found)} workers instead of {count}"
        time.sleep(0.01)
    return found


def ask(url: str) -> int:
    """Return the status of a request on a connection of its own: any worker may take it."""
    return httpx.post(f"{url}/v1/messages", json=user("hello"), timeout=PATIENCE).status_code


@needs_redis
def test_one_that_is_killed_is_replaced_and_requests_go_on(home: Path, redis: RedisServer) -> None:
    variables = {"ROLEGRAPH_REDIS_URL": redis.url, "ROLEGRAPH_ROLE": "coder"}
    with started("serve", "--workers", "2", cwd=home, **variables) as server:
        before = workers_when(server, 2)
        assert ask(server.url) == 200
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        assert [ask(server.url) for _ in range(10)] == [200] * 10
        end = time.monotonic() + PATIENCE
        while killed in (now := workers_when(server, 2)):
            assert time.monotonic() < end
        assert len(now & before) == 1
        assert [ask(server.url) for _ in range(10)] == [200] * 10
        assert server.stop(signal.SIGINT) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == "", "the welcome is said once"


@needs_redis
def test_told_to_stop_all_let_their_streams_end_whole(home: Path, redis: RedisServer) -> None:
    slow = "service: simulated\nsimulation: {per_event: 0.05}\n"
    write(home, "haystacks/first.yaml", slow)
    variables = {"ROLEGRAPH_REDIS_URL": redis.url, "ROLEGRAPH_ROLE": "coder"}
    body = user("plan mode: " + "tell me more " * 20, stream=True)
    with started("serve", "--workers", "2", cwd=home, **variables) as server:
        workers = workers_when(server, 2)
        with httpx.stream("POST", f"{server.url}/v1/messages", json=body, timeout=20) as answer:
            pieces = answer.iter_text()
            text = next(pieces)
            server.process.send_signal(signal.SIGTERM)
            text += "".join(pieces)
        assert server.process.wait(timeout=PATIENCE) == 0
        assert not any(is_alive(pid) for pid in workers)
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert events[-1]["type"] == "message_stop"


@needs_redis
def test_workers_end_with_the_one_that_watches_over_them(home: Path, redis: RedisServer) -> None:
    variables = {"ROLEGRAPH_REDIS_URL": redis.url}
    with started("serve", "--workers", "2", cwd=home, **variables) as server:
        workers = workers_when(server, 2)
        ask(server.url)
        server.process.kill()
        server.process.wait()
        end = time.monotonic() + PATIENCE
        while any(is_alive(pid) for pid in workers):
            assert time.monotonic() < end, "they are orphans, and hold the port"
            time.sleep(0.01)
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", httpx.URL(server.url).port or 0))


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("arguments", "variables"), [(("--workers", "2"), {}), ((), {"ROLEGRAPH_WORKERS": "2"})]
)
def test_several_workers_without_a_redis_are_told_which_setting_is_missing(
    home: Path, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    ended = invoke("serve", "--port", "0", *arguments, cwd=home, **variables)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "2 workers share their state in Redis: set ROLEGRAPH_REDIS_URL\n"


def test_what_is_no_redis_url_is_refused_by_the_name_of_the_setting_and_not_shown(
    home: Path,
) -> None:
    ended = invoke("serve", cwd=home, ROLEGRAPH_REDIS_URL="http://:s3cret@localhost")
    assert ended.returncode == 1
    assert ended.stderr.startswith("ROLEGRAPH_REDIS_URL: it must be as described: ")
    assert "redis://, rediss:// or unix://" in ended.stderr
    assert "s3cret" not in ended.stderr
