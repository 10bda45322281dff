"""The home's own router: what it may say, and that nothing of it stands in a request's way."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from roles.decision import Decision
from roles.facts import Facts
from roles.live import Live
from roles.route import route
from roles.view import View
from server.custom_router import Router, load, rerouted
from server.snapshot import build
from tests.roles.world import asked, names, role, view
from tests.running import make_home, running, write

SCENARIOS = "scenarios: {default: [[openrouter, sonnet], [deepseek, chat]]}"
OURS = ["openrouter,sonnet", "deepseek,chat"]
REPLACE = "from dataclasses import replace\n"


def made(home: Path, body: str) -> Router:
    """Return a router whose function has this body."""
    text = "".join(f"    {line}\n" for line in body.splitlines())
    write(home, "router.py", f"def route(facts, decision):\n{text}")
    router, problems = load(home, None, allowed=True)
    assert router, problems
    return router


async def said(
    router: Router, facts: Facts | None = None, live: Live | None = None, limit: float = 5.0
) -> Decision:
    facts, live, own = facts or asked("hello"), live or Live(), world()
    return await rerouted(router, facts, route(facts, own, live), own, live, limit=limit)


def world() -> View:
    return view(role(SCENARIOS))


# -- What it may say


@pytest.mark.parametrize(
    ("body", "chain"),
    [
        (f"{REPLACE}return replace(decision, candidates=decision.candidates[::-1])", OURS[::-1]),
        (f"{REPLACE}return replace(decision, candidates=decision.candidates[1:])", OURS[1:]),
        ("return 'deepseek,reasoner'", ["deepseek,reasoner"]),
        ("return ['deepseek, reasoner', 'openrouter,sonnet']",
         ["deepseek,reasoner", "openrouter,sonnet"]),
        ("return [decision.candidates[1], 'ollama,qwen:latest']",
         ["deepseek,chat", "local,qwen:latest"]),
        ("return 'deepseek,new-model' if 'hello' in facts.text else decision",
         ["deepseek,new-model"]),
    ],
)  # fmt: skip
async def test_it_may_reorder_leave_out_and_name(
    tmp_path: Path, body: str, chain: list[str]
) -> None:
    decision = await said(made(tmp_path, body))
    assert (decision.phase, names(decision.candidates)) == ("router", chain)
    step = decision.trace[-1]
    assert (step.phase, step.answered) == ("router", True)
    assert step.reason == f"router.py says {' > '.join(chain)}"


@pytest.mark.parametrize("body", ["return decision", f"return {OURS}"])
async def test_a_decision_that_it_leaves_stays_the_phases_own(tmp_path: Path, body: str) -> None:
    decision = await said(made(tmp_path, body))
    assert (decision.phase, names(decision.candidates)) == ("scenario", OURS)
    assert (decision.trace[-1].answered, decision.trace[-1].reason) == (
        False,
        "router.py leaves it so",
    )


async def test_what_it_names_is_filtered_as_everything_is(tmp_path: Path) -> None:
    router = made(tmp_path, "return ['deepseek,chat', 'asleep,chat', 'openrouter,sonnet']")
    live = Live(closed=lambda each: "cooling down" if each.model.id == "chat" else "")
    decision = await said(router, asked(images=True), live)
    assert names(decision.candidates) == ["openrouter,sonnet"]
    assert [each.reason for each in decision.trace[-1].skipped] == [
        "no images",
        "inactive: no key: set ASLEEP_API_KEY",
    ]


# -- What goes wrong with it


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return None", "returned NoneType: no decision, and no haystack,model"),
        ("return 7", "returned int: no decision, and no haystack,model"),
        ("return 'deepseek'", "returned str: no decision, and no haystack,model"),
        ("return ['deepseek,chat', 'deepsek,chat']", 'names an unknown haystack: "deepsek,chat"'),
        ("return []", "names none"),
        ("return 'asleep,chat'",
         "names nothing that is open: asleep,chat: inactive: no key: set ASLEEP_API_KEY"),
        ("decision.role\nreturn facts.nothing", "raised AttributeError in line 3"),
        ("raise ValueError(facts.text)", "raised ValueError in line 2"),
        ("next(iter([]))", "raised StopIteration in line 2"),
        ("raise SystemExit(1)", "raised SystemExit in line 2"),
        ("return route(facts, decision)", "raised RecursionError in line 2"),
        ("return 'deepseek,' + chr(0xdc80)", "returned str: no decision, and no haystack,model"),
        ("return 'deepseek,' + 'x' * 300", "returned str: no decision, and no haystack,model"),
        ("class Odd(tuple):\n    def __iter__(self): 1 / 0\nreturn Odd()",
         "raised ZeroDivisionError in line 3"),
    ],
)  # fmt: skip
async def test_whatever_goes_wrong_the_decision_stands_and_the_trace_says_why(
    tmp_path: Path, body: str, reason: str
) -> None:
    router = made(tmp_path, body)
    with capture_logs() as logged:
        decision = await said(router)
        again = await said(router)
    assert (decision.phase, names(decision.candidates)) == ("scenario", OURS)
    assert decision.trace[-1].reason == f"router.py {reason}; the decision stands"
    assert again == decision
    assert [(each["log_level"], each["reason"]) for each in logged] == [
        ("warning", f"router.py {reason}")
    ]


WAITS = """
import builtins
builtins.gate.wait()
return 'deepseek,reasoner'
"""


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what a router of these tests waits for."""
    opened = threading.Event()
    monkeypatch.setattr("builtins.gate", opened, raising=False)
    return opened


async def test_what_it_changes_in_its_hands_changes_nothing_in_ours(tmp_path: Path) -> None:
    body = (
        "decision.candidates = decision.candidates[1:]\n"
        "facts.text = ''\nfacts.headers.clear()\nreturn None"
    )
    facts = asked("hello", headers={"x-rolegraph-pin": "none"})
    decision = await said(made(tmp_path, body), facts)
    assert (names(decision.candidates), facts.text) == (OURS, "hello")
    assert facts.headers


async def test_one_that_takes_too_long_is_left_behind_and_no_second_call_waits_for_it(
    tmp_path: Path, gate: threading.Event
) -> None:
    router = made(tmp_path, WAITS.strip())
    decision = await said(router, limit=0.05)
    assert names(decision.candidates) == OURS
    assert decision.trace[-1].reason == "router.py took over 50 ms; the decision stands"
    threads = {*threading.enumerate()}
    for _ in range(20):
        later = await said(router)
        assert "is still busy with an earlier request" in later.trace[-1].reason
    assert {*threading.enumerate()} <= threads
    gate.set()
    while not (settled := await said(router)).trace[-1].answered:
        assert "still busy" in settled.trace[-1].reason
    assert names(settled.candidates) == ["deepseek,reasoner"]


async def test_requests_of_one_moment_wait_for_one_another(tmp_path: Path) -> None:
    router = made(tmp_path, "return 'deepseek,reasoner'")
    decisions = await asyncio.gather(*(said(router) for _ in range(50)))
    assert all(each.phase == "router" for each in decisions)


async def test_a_client_that_leaves_leaves_no_call_behind_that_blocks_the_next(
    tmp_path: Path, gate: threading.Event
) -> None:
    router = made(tmp_path, WAITS.strip())
    leaving = asyncio.create_task(said(router))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.set()
    while not (await said(router)).trace[-1].answered:
        pass


async def test_its_thread_ends_with_it(tmp_path: Path) -> None:
    router = made(tmp_path, "return decision")
    await said(router)
    thread = router.thread._thread
    assert thread is not None
    del router
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


# -- Its file


def test_it_is_run_only_where_code_is_allowed(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "http://127.0.0.1:9")
    ran = tmp_path / "ran"
    write(home, "router.py", f"open({str(ran)!r}, 'w').close()\ndef route(facts, decision): ...\n")
    snapshot, problems = build(home, {"TEST_KEY": "k"})
    assert snapshot is not None
    assert snapshot.router is None
    assert [str(each) for each in problems] == [
        "router.py:1:1 RG320 the router is not loaded (set ROLEGRAPH_ALLOW_CODE=1)"
    ]
    assert not ran.exists()
    allowed = {"TEST_KEY": "k", "ROLEGRAPH_ALLOW_CODE": "1"}
    snapshot, problems = build(home, allowed, previous=snapshot)
    assert snapshot is not None
    assert (snapshot.router is not None, problems) == (True, ())
    ran.unlink()
    again, _ = build(home, allowed, previous=snapshot)
    assert again is not None
    assert again.router is snapshot.router
    assert not ran.exists()


def test_a_home_without_one_has_none(tmp_path: Path) -> None:
    assert load(tmp_path, None, allowed=True) == (None, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def route(facts):\n    return facts\n", "1:1 RG321 it defines no route(facts, decision)"),
        (
            "async def route(facts, decision): ...\n",
            "1:1 RG321 it defines no route(facts, decision)",
        ),
        ("x = 1\n", "1:1 RG321 it defines no route(facts, decision)"),
        ("x = 1\ndef route(:\n", "2:11 RG321 not Python: invalid syntax"),
        ("import nothing_there\n", "1:1 RG321 it fails: ModuleNotFoundError"),
    ],
)
def test_a_file_that_is_no_router_is_an_error_of_the_home(
    tmp_path: Path, text: str, told: str
) -> None:
    write(tmp_path, "router.py", text)
    router, (problem,) = load(tmp_path, None, allowed=True)
    assert router is None
    assert str(problem).startswith(f"router.py:{told}")
    assert problem.severity == "error"


async def test_a_running_server_reads_it_as_it_is_saved(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    allowed = {"TEST_KEY": "k", "ROLEGRAPH_ALLOW_CODE": "1"}
    async with running(home, environ=allowed) as proxy, proxy.client() as client:

        async def until(seen: Callable[[list[str]], bool]) -> None:
            async with asyncio.timeout(5):
                while True:
                    state = (await client.get("/api/reload")).json()
                    if seen([each["code"] for each in state["problems"]]):
                        return

        write(home, "router.py", "def route(:\n")
        await until(lambda codes: codes == ["RG321"])
        write(home, "router.py", "def route(facts, decision):\n    return decision\n")
        await until(lambda codes: codes == [])
