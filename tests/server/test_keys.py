"""The key file: hashes only, for its owner only, written in one step."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from haystacks.pool import Limits
from roles.budget import Budget
from server.keys import create_key, find_key, read_keys, write_keys


def test_a_key_is_shown_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    key = create_key(tmp_path, "mine", "cheap")
    text = (tmp_path / "keys.yaml").read_text()
    assert key.startswith("rg-")
    assert len(key) > 40
    assert key.removeprefix("rg-") not in text
    (entry,) = yaml.safe_load(text)["keys"]
    assert (entry["name"], entry["role"], len(entry["sha256"])) == ("mine", "cheap", 64)
    keys, problems = read_keys(tmp_path)
    assert not problems
    found = find_key(key, keys)
    assert found is not None
    assert (found.name, found.role) == ("mine", "cheap")
    assert find_key(found.sha256, keys) is None, "the hash is not the key"


def test_only_the_owner_may_read_the_file_also_after_it_was_opened_up(tmp_path: Path) -> None:
    create_key(tmp_path, "one")
    (tmp_path / "keys.yaml").chmod(0o644)
    create_key(tmp_path, "two")
    assert stat.S_IMODE((tmp_path / "keys.yaml").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.yaml"]


def test_two_keys_are_never_the_same_and_a_name_is_used_once(tmp_path: Path) -> None:
    assert create_key(tmp_path, "one") != create_key(tmp_path, "two")
    with pytest.raises(ValueError, match='"one" exists already'):
        create_key(tmp_path, "one")
    assert [key.name for key in read_keys(tmp_path)[0]] == ["one", "two"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\tb", "\u202ebob"])
def test_a_name_that_nobody_could_read_is_refused_and_leaves_the_file(
    tmp_path: Path, name: str
) -> None:
    create_key(tmp_path, "one")
    with pytest.raises(ValueError, match="a key needs a name"):
        create_key(tmp_path, name)
    assert [key.name for key in read_keys(tmp_path)[0]] == ["one"]


def test_a_broken_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text("keys: [")
    with pytest.raises(ValueError, match=r"keys\.yaml:\d+:\d+ RG310"):
        create_key(tmp_path, "mine")
    assert (tmp_path / "keys.yaml").read_text() == "keys: ["


@pytest.mark.parametrize("text", ["", "keys: []\n", "keys:\n"])
def test_an_empty_file_is_told_or_holds_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.yaml").write_text(text)
    keys, problems = read_keys(tmp_path)
    assert keys == ()
    assert all(problem.path == "keys.yaml" for problem in problems)


def test_a_file_that_is_no_text_or_no_file_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_bytes(b"keys: []\xff")
    assert [problem.code for problem in read_keys(tmp_path)[1]] == ["RG310"]
    file.unlink()
    file.mkdir()
    assert [problem.code for problem in read_keys(tmp_path)[1]] == ["RG310"]


def test_what_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    for name in ("plain", "with: colon", "ünï", "- dash", "'quote'"):
        create_key(tmp_path, name)
    keys, _ = read_keys(tmp_path)
    write_keys(tmp_path, keys)
    assert read_keys(tmp_path)[0] == keys


def test_budget_and_limits_of_a_key_are_read_and_survive_a_change_of_the_file(
    tmp_path: Path,
) -> None:
    create_key(tmp_path, "mine")
    file = tmp_path / "keys.yaml"
    file.write_text(
        f"{file.read_text()}  budget: {{daily_usd: 0.5, when_spent: free}}\n"
        "  limits: {requests_per_minute: 60, tokens_per_minute: 9, concurrency: 4}\n"
    )
    create_key(tmp_path, "another")
    (mine, another), problems = read_keys(tmp_path)
    assert not problems
    assert mine.budget == Budget(daily_usd=0.5, when_spent="free")
    assert mine.limits == Limits(requests_per_minute=60, tokens_per_minute=9, concurrency=4)
    assert (another.budget, another.limits) == (None, Limits())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("limits: {concurrency: 0}", "RG311"),
        ("limits: {per_hour: 5}", "RG312"),
        ("budget: {daily_usd: -1}", "RG311"),
        ("budget: {weekly_usd: 1}", "RG312"),
    ],
)
def test_a_limit_that_makes_no_sense_is_a_problem_at_its_place(
    tmp_path: Path, wrong: str, told: str
) -> None:
    create_key(tmp_path, "mine")
    file = tmp_path / "keys.yaml"
    file.write_text(f"{file.read_text()}  {wrong}\n")
    _, (problem, *_) = read_keys(tmp_path)
    assert (problem.code, problem.line) == (told, 4)


def test_what_bounds_a_key_and_when_it_ends_survive_the_file(tmp_path: Path) -> None:
    ends = datetime(2027, 1, 31, 12, 30, tzinfo=UTC)
    limits = Limits(requests_per_minute=60, usd_per_minute=0.5, concurrency=4)
    create_key(tmp_path, "one", budget=Budget(daily_usd=2.5), limits=limits, expires=ends)
    create_key(tmp_path, "two")
    one, two = read_keys(tmp_path)[0]
    assert (one.budget, one.limits, one.expires) == (Budget(daily_usd=2.5), limits, ends)
    assert (two.budget, two.expires) == (None, None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31 12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_an_end_may_be_written_by_hand(tmp_path: Path, written: str, meant: datetime) -> None:
    entry = f"keys: [{{name: mine, sha256: {'a' * 64}, expires: '{written}'}}]"
    (tmp_path / "keys.yaml").write_text(entry)
    (key,) = read_keys(tmp_path)[0]
    assert key.expires == meant
