"""Settings: options before the environment, the environment before the home's ``.env``."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from server.cli.open_home import environment
from server.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ROLEGRAPH_{name.upper()}", raising=False)


def test_an_option_beats_the_environment_which_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings(tmp_path).port == 3456
    (tmp_path / ".env").write_text("ROLEGRAPH_PORT=1001\nROLEGRAPH_ROLE=cheap\nOTHER=x\n")
    assert read_settings(tmp_path).port == 1001
    monkeypatch.setenv("ROLEGRAPH_PORT", "1002")
    assert read_settings(tmp_path).port == 1002
    settings = read_settings(tmp_path, port=1003, host=None)
    assert (settings.port, settings.host, settings.role) == (1003, "127.0.0.1", "cheap")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("PORT", "x"),
        ("LOG_LEVEL", "loud"),
        ("PING_SECONDS", "0"),
        ("MAX_BODY", "-1"),
        ("REQUIRE_KEYS", "perhaps"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ROLEGRAPH_{name}", value)
    with pytest.raises(ValidationError) as caught:
        read_settings(tmp_path)
    assert str(caught.value.errors()[0]["loc"][0]).lower() == name.lower()


def test_every_setting_says_what_it_does() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_variables_of_haystacks_come_from_the_process_and_then_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_BOTH", "process")
    (tmp_path / ".env").write_bytes(
        b'\xef\xbb\xbfFROM_BOTH=file\nexport FROM_FILE="a b"\nEMPTY=\nBARE\n'
    )
    found = environment(tmp_path)
    assert (found["FROM_BOTH"], found["FROM_FILE"], found["EMPTY"]) == ("process", "a b", "")
    assert "BARE" not in found


def test_a_file_of_variables_that_is_no_text_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"KEY=\xff\n")
    with pytest.raises(OSError, match=r"\.env is not UTF-8 text"):
        environment(tmp_path)
