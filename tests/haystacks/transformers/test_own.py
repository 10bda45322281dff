"""Transformers that users write in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from haystacks.dialect import Json
from haystacks.folder import Haystacks, load
from haystacks.own_code import SETTING
from haystacks.pool import Model
from haystacks.transformer import Target
from tests.running import write

POLITE = """
def transform(request, word, times=1):
    request["word"] = word * times
    return request
"""


def home(folder: Path, text: str = POLITE, named: str = "{polite: {word: hi}}") -> Path:
    write(folder, "transformers/polite.py", text)
    write(folder, "haystacks/a.yaml", f"service: vllm\ntransformers: [{named}]\n")
    return folder


def findings(found: Haystacks) -> list[str]:
    return [str(problem) for problem in found.problems]


def sent(found: Haystacks, body: Json) -> Json:
    [step] = found.by_name["a"].transformers
    assert step.body is not None
    return step.body(body, Target("openai_chat", Model("m"), {}))


def test_a_file_is_run_only_where_code_is_allowed(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    folder = home(tmp_path, f"open({str(ran)!r}, 'w').close()\n{POLITE}")
    closed = load(folder, {})
    assert findings(closed) == [
        f"transformers/polite.py:1:1 RG320 the transformer is not loaded (set {SETTING}=1)",
        'haystacks/a.yaml:2:17 RG214 unknown transformer "polite"',
    ]
    assert not ran.exists()
    assert findings(load(folder, {}, closed, allow_code=True)) == []
    assert ran.exists()


def test_its_further_arguments_are_its_options(tmp_path: Path) -> None:
    body: Json = {"model": "m"}
    found = load(home(tmp_path, named="{polite: {word: hi, times: 2}}"), {}, allow_code=True)
    assert sent(found, body) == {"model": "m", "word": "hihi"}
    assert body == {"model": "m"}
    same = {"word": "hihi"}
    assert sent(found, same) is same


@pytest.mark.parametrize(
    ("named", "finding"),
    [
        ("polite", 'haystacks/a.yaml:2:16 RG215 missing "word"'),
        ("{polite: {word: a, time: 2}}",
         'haystacks/a.yaml:2:35 RG215 unknown key "time" (did you mean "times"?)'),
    ],
)  # fmt: skip
def test_its_options_are_checked_as_ours_are(tmp_path: Path, named: str, finding: str) -> None:
    assert findings(load(home(tmp_path, named=named), {}, allow_code=True)) == [finding]


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("a", "def transform(:", "a.py:1:15 RG321 not Python: invalid syntax"),
        ("a", "1/0", "a.py:1:1 RG321 it fails: ZeroDivisionError: division by zero"),
        ("a", "def transform(): ...",
         "a.py:1:1 RG321 it defines no transform(request) (write: def transform(request):)"),
        ("a", "raise SystemExit(3)", "a.py:1:1 RG321 it fails: SystemExit: 3"),
        ("a", "async def transform(request): ...",
         "a.py:1:1 RG321 it defines no transform(request) (write: def transform(request):)"),
        ("groq", POLITE, 'groq.py:1:1 RG321 "groq" is a transformer already (rename the file)'),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_a_problem(
    tmp_path: Path, name: str, text: str, finding: str
) -> None:
    write(tmp_path, f"transformers/{name}.py", text)
    assert findings(load(tmp_path, {}, allow_code=True)) == [f"transformers/{finding}"]


def test_a_package_of_that_name_is_not_the_users(tmp_path: Path) -> None:
    write(tmp_path, "transformers/__init__.py", "")
    write(tmp_path, "transformers/trainer.py", "1/0")
    assert findings(load(tmp_path, {}, allow_code=True)) == []


def test_a_folder_named_like_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "transformers/odd.py").mkdir(parents=True)
    [finding] = findings(load(tmp_path, {}, allow_code=True))
    assert finding.startswith("transformers/odd.py:1:1 RG321 the file can't be read")


def test_a_file_that_returns_no_body_says_so(tmp_path: Path) -> None:
    found = load(home(tmp_path, "def transform(request): pass", "polite"), {}, allow_code=True)
    with pytest.raises(TypeError, match=r"transformers/polite\.py returned no dict"):
        sent(found, {})


def test_an_edited_file_acts_at_the_next_load_and_another_is_not_run_again(tmp_path: Path) -> None:
    folder = home(tmp_path)
    write(folder, "transformers/other.py", "runs = []\ndef transform(request): return request\n")
    first = load(folder, {}, allow_code=True)
    same = load(folder, {}, first, allow_code=True)
    assert same.by_name["a"] is first.by_name["a"]
    write(folder, "transformers/polite.py", POLITE.replace("word * times", "word.upper()"))
    second = load(folder, {}, same, allow_code=True)
    assert sent(second, {}) == {"word": "HI"}
    assert second.own.kinds["other"] is first.own.kinds["other"]
