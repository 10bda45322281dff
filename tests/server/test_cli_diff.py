"""``diff``: which prompts two homes would route differently."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess
from time import process_time

import pytest

from server.cli.prompts import Prompt, Unreadable, read_prompts
from tests.running import make_home, write
from tests.server.program import invoke

NOWHERE = "http://127.0.0.1:9"
PROMPTS = """
    plan mode for the parser

    a quick answer, please
    {"prompt": "anything", "role": "cheap", "id": 7}
    {"prompt": "anything", "model": "second,other-model"}
"""
EDIT = ("new/kg/routing/quick_routing.md", "synonyms:: quick answer\nroute:: first, small\n")


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    for name in ("old", "new"):
        make_home(tmp_path / name, NOWHERE)
    write(tmp_path, "prompts.txt", PROMPTS)
    return tmp_path


def diff(homes: Path, *more: str, prompts: str = "prompts.txt") -> CompletedProcess[str]:
    return invoke(
        "diff", "old", "new", "--prompts", prompts, *more,
        cwd=homes, TEST_KEY="k", ROLEGRAPH_ROLE="coder", ROLEGRAPH_ALLOW_CODE="1",
    )  # fmt: skip


def test_two_equal_homes_route_alike(homes: Path) -> None:
    ended = diff(homes)
    assert (ended.returncode, ended.stdout) == (0, "0 of 4 prompts would route differently\n")


def test_each_prompt_that_goes_another_way_is_told_with_both(homes: Path) -> None:
    write(homes, *EDIT)
    (homes / "new/roles/cheap.yaml").unlink()
    ended = diff(homes)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "3: a quick answer, please",
        "  before  second,quick-model  (pattern quick_routing, role coder)",
        "  after   first,small  (pattern quick_routing, role coder)",
        "4: anything",
        "  before  second,cheap-model  (scenario, role cheap)",
        '  after   nowhere: unknown role "cheap"; the roles are: Coder',
        "2 of 4 prompts would route differently",
    ]
    told = json.loads(diff(homes, "--json").stdout)
    assert told["prompts"] == 4
    assert told["different"][0] == {
        "line": 3,
        "prompt": "a quick answer, please",
        "before": {
            "role": "coder", "phase": "pattern", "concept": "quick_routing",
            "candidate": "second,quick-model", "refused": None,
        },
        "after": {
            "role": "coder", "phase": "pattern", "concept": "quick_routing",
            "candidate": "first,small", "refused": None,
        },
    }  # fmt: skip


def test_a_role_holds_for_the_lines_that_name_none(homes: Path) -> None:
    coder = homes / "new/roles/coder.yaml"
    coder.write_text(coder.read_text().replace("plain-model", "other-model"))
    write(homes, "prompts.txt", 'one\n{"prompt": "two", "role": "coder"}\n')
    assert diff(homes).stdout.endswith("2 of 2 prompts would route differently\n")
    assert "1 of 2" in diff(homes, "--role", "cheap").stdout


def test_rules_and_the_homes_own_router_are_asked_too(homes: Path) -> None:
    coder = homes / "new/roles/coder.yaml"
    rule = "rules:\n  - {when: {complexity: '< 0.1'}, route: [second, plain-model]}\n"
    coder.write_text(coder.read_text() + rule)
    assert "2 of 4" in diff(homes).stdout
    write(homes, "new/router.py", "def route(facts, decision):\n    return 'first,mine'\n")
    ended = diff(homes)
    assert "first,mine  (router quick_routing" not in ended.stdout
    assert ended.stdout.count("first,mine  (router") == 3


def test_a_simulated_home_needs_no_keys(homes: Path) -> None:
    paths = ("diff", "old", "new", "--prompts", "prompts.txt", "--role", "coder")
    write(homes, *EDIT)
    assert invoke(*paths, cwd=homes).returncode == 0
    assert invoke(*paths, "--simulate", cwd=homes).returncode == 1


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("new/roles/coder.yaml", "name: [", "roles/coder.yaml:2:1 RG100"),
        ("prompts.txt", "ok\n{no json}\n", "prompts.txt:2: Invalid JSON"),
        ("prompts.txt", '{"role": "x"}\n', 'prompts.txt:1: "prompt": Field required'),
    ],
)
def test_what_is_broken_ends_with_2_and_says_where(
    homes: Path, path: str, text: str, told: str
) -> None:
    write(homes, path, text)
    ended = diff(homes)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_what_is_missing_ends_with_2_and_says_what(homes: Path) -> None:
    missing = diff(homes, prompts="nothing.txt")
    assert (missing.returncode, missing.stderr) == (2, "nothing.txt: No such file or directory\n")
    (homes / "old/kg").rename(homes / "gone")
    ended = diff(homes)
    assert (ended.returncode, ended.stderr) == (2, "old is no home: it holds no roles/ and kg/\n")


def test_a_line_of_json_may_hold_lines(tmp_path: Path) -> None:
    file = write(tmp_path, "prompts.txt", '{"prompt": "one\\ntwo"}\r\nthree\u2028four')
    assert read_prompts(file, "fast") == [
        Prompt(1, "one\ntwo", "fast"),
        Prompt(2, "three\u2028four", "fast"),
    ]
    file.write_bytes(b"\xff")
    with pytest.raises(Unreadable, match="is not UTF-8 text"):
        read_prompts(file, "")


def test_a_thousand_prompts_take_a_second_or_so(homes: Path) -> None:
    write(homes, "prompts.txt", "plan mode for the parser, with all of its errors\n" * 1000)
    started = process_time()
    assert "of 1000" in diff(homes).stdout
    assert process_time() - started < 2
