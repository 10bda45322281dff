"""The commands that look at a home: what they print, and how they end."""

from __future__ import annotations

import json
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from server.home import shipped
from tests.running import CONCEPTS, make_home, write
from tests.server.program import invoke, run

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", NOWHERE)


def test_the_help_appears_at_once(tmp_path: Path) -> None:
    def cpu() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert "explain" in run("--help", cwd=tmp_path).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu() for _ in range(3)) < 0.3


def test_the_shipped_home_has_no_problem(tmp_path: Path) -> None:
    ended = run("check", cwd=tmp_path, XDG_CONFIG_HOME=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (0, "No problems.\n")


def test_a_broken_home_is_told_in_lines_that_an_editor_can_follow(home: Path) -> None:
    write(home, "roles/coder.yaml", "name: Coder\nhaystacks: [fist]\n")
    write(home, "kg/routing/quick_routing.md", "priority:: high\n")
    ended = invoke("check", "--home", str(home), cwd=home)
    assert ended.returncode == 1
    *lines, summary = ended.stdout.splitlines()
    assert all(re.match(r"\S+:\d+:\d+ RG\d{3} \S", line) for line in lines)
    assert 'roles/coder.yaml:2:13 RG104 unknown haystack "fist" (did you mean "first"?)' in lines
    assert re.fullmatch(r"2 errors, (1 warning|(0|[2-9]|\d\d+) warnings)", summary)

    as_json = invoke("check", "--json", "--home", str(home), cwd=home)
    assert as_json.returncode == 1
    told = json.loads(as_json.stdout)
    assert {"path", "line", "column", "code", "severity", "message", "hint"} == set(told[0])
    assert len(told) == len(lines)


def test_where_there_is_no_home_the_way_to_one_is_told(tmp_path: Path) -> None:
    for arguments in (("check",), ("explain", "x"), ("roles",), ("serve",), ("keys", "list")):
        ended = invoke(*arguments, "--home", "nothing", cwd=tmp_path)
        assert ended.returncode == 2, arguments
        assert "rolegraph init nothing" in ended.stderr
        assert ended.stdout == ""


def test_plan_mode_is_explained_with_its_path_and_what_is_passed_over(tmp_path: Path) -> None:
    variables = {"DEEPSEEK_API_KEY": "x", "XDG_CONFIG_HOME": str(tmp_path)}
    ended = run("explain", "plan mode for the parser", cwd=tmp_path, **variables)
    assert ended.returncode == 0
    assert "«plan mode» for the parser" in ended.stdout
    assert "kg/routing/plan_mode.md" in ended.stdout
    assert re.search(r"1\. deepseek,deepseek-reasoner", ended.stdout)
    assert re.search(r"skipped +openrouter,\S+: inactive: OPENROUTER_API_KEY", ended.stdout)
    assert "confidence" in ended.stdout
    assert "complexity 0.05 (concepts 0.05)" in ended.stdout

    told = json.loads(invoke("explain", "plan mode", "--json", cwd=tmp_path, **variables).stdout)
    assert told["candidates"][0] == {"haystack": "deepseek", "model": "deepseek-reasoner"}
    assert told["matched"][0]["concept"] == "plan_mode"
    assert told["complexity"]["score"] == 0.05


def test_a_question_that_has_no_answer_ends_with_the_reason(home: Path) -> None:
    unknown = invoke("explain", "x", "--role", "nobody", "--home", str(home), cwd=home)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert 'unknown role "nobody"; the roles are: ' in unknown.stderr
    idle = invoke("explain", "x", "--role", "coder", "--home", str(home), cwd=home)
    assert (idle.returncode, idle.stdout) == (1, "")
    assert "TEST_KEY is not set" in idle.stderr
    awake = invoke("explain", "x", "--role", "coder", "--home", str(home), cwd=home, TEST_KEY="k")
    assert awake.returncode == 0


def test_the_roles_are_listed_for_people_and_for_programs(home: Path) -> None:
    table = invoke("roles", "--home", str(home), cwd=home, COLUMNS="20").stdout
    assert re.search(r"Cheap \(default\) +balanced +second,cheap-model", table)
    told = json.loads(invoke("roles", "--json", "--home", str(home), cwd=home).stdout)
    assert [role["name"] for role in told] == ["Cheap", "Coder"]


@pytest.mark.parametrize("kind", ["role", "haystack"])
def test_a_schema_describes_every_key_and_knows_all_that_are_shipped(
    tmp_path: Path, kind: str
) -> None:
    text = invoke("schema", kind, cwd=tmp_path).stdout
    schema = json.loads(text)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert all(each.get("description") for each in schema["properties"].values())
    for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', text):
        assert name in schema["$defs"]
    for file in (shipped() / f"{kind}s").glob("*.yaml"):
        assert yaml.safe_load(file.read_text()).keys() <= schema["properties"].keys(), file
    wrong = invoke("schema", "concept", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        'no schema "concept"; there are: haystack, role\n',
    )


def test_init_makes_a_home_and_a_second_one_keeps_the_edits(tmp_path: Path) -> None:
    first = invoke("init", "mine", cwd=tmp_path)
    assert first.returncode == 0
    assert "rolegraph demo --home mine" in first.stdout
    assert invoke("check", "--home", "mine", cwd=tmp_path).returncode == 0
    edited = write(tmp_path, "mine/kg/routing/think_routing.md", CONCEPTS["think_routing"])
    second = invoke("init", "mine", cwd=tmp_path)
    assert (second.returncode, second.stdout) == (
        0,
        "mine is a home already; nothing was changed\n",
    )
    assert "first, deep-model" in edited.read_text()


def test_a_folder_that_cannot_be_made_is_told_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = invoke("init", "file", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("rolegraph: ")
    assert "Traceback" not in ended.stderr


def test_keys_are_made_listed_and_revoked(home: Path) -> None:
    made = invoke("keys", "create", "mine", "--role", "cheap", "--home", str(home), cwd=home)
    assert re.fullmatch(r"rg-\S{40,}\n", made.stdout)
    assert stat.S_IMODE((home / "keys.yaml").stat().st_mode) == 0o600
    listed = invoke("keys", "list", cwd=home).stdout
    assert listed.startswith("mine\tcheap\t")
    assert made.stdout.strip() not in listed
    twice = invoke("keys", "create", "mine", cwd=home)
    assert (twice.returncode, twice.stderr) == (1, 'a key named "mine" exists already\n')
    assert invoke("keys", "revoke", "mine", cwd=home).returncode == 0
    gone = invoke("keys", "revoke", "mine", cwd=home)
    assert (gone.returncode, gone.stderr) == (1, 'no key named "mine"\n')
    assert invoke("keys", "list", cwd=home).stdout == ""


def test_no_key_is_made_for_a_role_that_there_is_not(home: Path) -> None:
    ended = invoke("keys", "create", "mine", "--role", "chaep", cwd=home)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("--role: ")
    assert "chaep" in ended.stderr
    assert not (home / "keys.yaml").exists()


def test_no_key_is_written_into_the_shipped_data(tmp_path: Path) -> None:
    ended = invoke("keys", "create", "mine", cwd=tmp_path, XDG_CONFIG_HOME=str(tmp_path))
    assert ended.returncode == 1
    assert "rolegraph init" in ended.stderr
    assert not (shipped() / "keys.yaml").exists()


def test_a_file_of_variables_that_is_no_text_is_told_without_a_trace(home: Path) -> None:
    (home / ".env").write_bytes(b"A=\xff")
    for arguments in (("check",), ("serve", "--port", "0")):
        ended = invoke(*arguments, cwd=home)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == f"rolegraph: {home / '.env'} is not UTF-8 text\n"


def test_folders_where_the_user_stands_do_not_shadow_our_packages(home: Path) -> None:
    for name in ("server", "kg", "roles", "haystacks"):
        write(home, f"{name}/__init__.py", "raise SystemExit('the wrong one')\n")
    assert run("keys", "list", cwd=home, PYTHONPATH=str(home)).returncode == 0
    module = subprocess.run(
        [sys.executable, "-m", "rolegraph", "keys", "list"], cwd=home, check=False
    )
    assert module.returncode == 0


def test_a_key_is_listed_with_what_bounds_it(home: Path) -> None:
    bounds = ("--daily-usd", "2.5", "--requests-per-minute", "60", "--concurrency", "4")
    assert (
        invoke("keys", "create", "a", *bounds, "--expires", "2100-01-31", cwd=home).returncode == 0
    )
    (line,) = invoke("keys", "list", cwd=home).stdout.splitlines()
    assert line.split("\t")[3:] == [
        "daily $2.5",
        "requests/min 60, at once 4",
        "2100-01-31T00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--expires", "2020-01-01"), "--expires: 2020-01-01 is over already\n"),
        (("--expires", "soon"), '"soon" is no date like 2027-01-31, and no span like 30d\n'),
        (("--daily-usd", "nan"), "--daily-usd: Input should be a finite number\n"),
        (("--concurrency", "0"), "--concurrency: Input should be greater than 0\n"),
    ],
)
def test_a_key_with_bounds_that_mean_nothing_is_not_made(
    home: Path, options: tuple[str, ...], says: str
) -> None:
    ended = invoke("keys", "create", "a", *options, cwd=home)
    assert (ended.returncode, ended.stderr) == (1, says)
    assert not (home / "keys.yaml").exists()
