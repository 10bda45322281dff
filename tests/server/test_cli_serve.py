"""``serve`` and ``demo``: what they print is true, and they end as they should."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from server.home import make_home as make_shipped_home
from tests.running import make_home, user, write
from tests.server.program import environment, invoke, run, started

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", NOWHERE)


@pytest.fixture
def shipped_home(tmp_path: Path) -> Path:
    make_shipped_home(tmp_path / "mine")
    return tmp_path / "mine"


def test_the_demo_needs_no_key_and_the_line_it_prints_works_as_it_is(shipped_home: Path) -> None:
    with started("demo", cwd=shipped_home) as server:
        assert "all providers simulated" in server.said
        assert str(shipped_home) in server.said
        assert "roles      balanced, cheap, fast, intelligent, quality" in server.said
        (line,) = [line for line in server.said.splitlines() if line.startswith("  curl ")]
        answered = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, check=True, timeout=20
        )
    assert answered.stdout.startswith("HTTP/1.1 200")
    assert "x-rolegraph-concept: plan_mode" in answered.stdout
    assert "x-rolegraph-model: deepseek-reasoner" in answered.stdout


def test_a_server_that_others_can_reach_wants_keys_first(home: Path) -> None:
    refused = run("serve", "--host", "0.0.0.0", "--port", "0", cwd=home, TEST_KEY="k")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("0.0.0.0 can be reached from elsewhere")
    _, _, told = refused.stderr.strip().partition("make one with: ")
    command = [*shlex.split(told)[1:]]
    key = invoke(*[part.replace("NAME", "me") for part in command], cwd=home).stdout.strip()

    with started("serve", "--host", "0.0.0.0", cwd=home, TEST_KEY="k") as server:
        assert "x-api-key: YOUR-KEY" in server.said
        url = f"{server.url}/v1/models"
        assert httpx.get(url).status_code == 401
        assert httpx.get(url, headers={"x-api-key": key}).status_code == 200


def test_a_port_in_use_is_told_plainly(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("serve", "--port", port, cwd=home)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"can't listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        ((), {"ROLEGRAPH_ROLE": "nobody"}, 'unknown role "nobody"; the roles are: cheap, coder'),
        (("--host", "192.0.2.1"), {"ROLEGRAPH_REQUIRE_KEYS": "never"}, "can't listen on 192.0.2.1"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    home: Path, arguments: tuple[str, ...], variables: dict[str, str], told: str
) -> None:
    ended = run("serve", *arguments, cwd=home, **variables)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(told)
    assert len(ended.stderr.splitlines()) == 1


def test_a_setting_that_makes_no_sense_is_named_as_it_was_given(home: Path) -> None:
    option = invoke("serve", "--port", "99999", cwd=home)
    variable = invoke("serve", cwd=home, ROLEGRAPH_PORT="x")
    assert (option.returncode, variable.returncode) == (1, 1)
    assert option.stderr == "--port: Input should be less than or equal to 65535\n"
    assert variable.stderr.startswith("ROLEGRAPH_PORT: Input should be a valid integer")


def test_a_broken_home_is_not_served(home: Path) -> None:
    write(home, "roles/coder.yaml", "name: Coder\nhaystacks: [fist]\n")
    ended = run("serve", "--port", "0", cwd=home)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "roles/coder.yaml:2:13 RG104" in ended.stderr
    assert ended.stderr.splitlines()[-1] == "the home has errors: nothing to serve"


def test_without_a_single_key_it_serves_and_says_what_is_missing(home: Path) -> None:
    with started("serve", cwd=home) as server:
        assert "none is active: put their keys into" in server.said
        assert "inactive   first: TEST_KEY is not set" in server.said
        assert httpx.get(f"{server.url}/ready").status_code == 503


def test_told_to_stop_it_lets_a_stream_end_whole(shipped_home: Path) -> None:
    body = user("plan mode: " + "tell me more " * 20, stream=True)
    with started("demo", cwd=shipped_home) as server:
        with httpx.stream("POST", f"{server.url}/v1/messages", json=body, timeout=20) as answer:
            pieces = answer.iter_text()
            text = next(pieces)
            server.process.send_signal(signal.SIGTERM)
            stopped = time.monotonic()
            text += "".join(pieces)
        assert server.process.wait(timeout=20) == 0
        assert time.monotonic() - stopped < 10
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert (events[0]["type"], events[-1]["type"]) == ("message_start", "message_stop")
    assert len(events) > 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_an_idle_server_is_quick_and_no_failure(
    home: Path, number: signal.Signals
) -> None:
    with started("demo", cwd=home) as server, httpx.Client() as client:
        client.get(f"{server.url}/health")
        began = time.monotonic()
        assert server.stop(number) == 0
        assert time.monotonic() - began < 3


def test_a_stream_that_outlasts_the_drain_time_does_not_keep_the_server(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        make_home(home, f"http://127.0.0.1:{silent.getsockname()[1]}")
        variables = {"TEST_KEY": "k", "ROLEGRAPH_DRAIN_SECONDS": "1", "ROLEGRAPH_ROLE": "coder"}
        with started("serve", cwd=home, **variables) as server:
            asking = socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0))
            body = json.dumps(user("hello", stream=True))
            head = f"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}"
            asking.sendall(f"{head}\r\n\r\n{body}".encode())
            upstream, _ = silent.accept()
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 5
            asking.close()
            upstream.close()


def test_no_prompt_and_no_key_is_printed_by_the_real_server(home: Path) -> None:
    log = home.parent / "log"
    with log.open("w") as stderr:
        with subprocess.Popen(
            ["sh", "-c", "exec rolegraph demo --port 0"],
            cwd=home,
            env=environment(PATH=f"{Path(run.__globals__['PROGRAM']).parent}:/usr/bin:/bin"),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[3]
            headers = {"x-api-key": "sk-ant-s3cret-s3cret-s3cret"}
            answer = httpx.post(f"{url}/v1/messages", json=user("a fox"), headers=headers)
            process.terminate()
    assert answer.status_code == 200
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["request"]
    assert "fox" not in log.read_text()
    assert "s3cret" not in log.read_text()
