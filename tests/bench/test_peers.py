"""The comparison says what it did: who is measured, who is not, and how they compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.peers import nginx
from bench.peers.answer import streamed, whole
from bench.peers.lineup import OURS, PEERS, ROUTER
from bench.peers.peer import Launch, Missing, Peer, Place, Program
from bench.peers.rounds import Outcome, compare
from bench.peers.sample import Sample
from bench.peers.table import left_out, markdown, ratio, rows
from bench.upstream import (
    WORDS,
    anthropic_events,
    anthropic_message,
    openai_events,
    openai_message,
)


def _peer(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)


@pytest.mark.parametrize("name", [ROUTER, "Portkey", "LiteLLM"])
def test_a_peer_that_is_not_installed_is_left_out_with_its_reason(
    name: str, tmp_path: Path
) -> None:
    for folder in (None, tmp_path):
        (outcome,) = compare([_peer(name)], folder, rounds=1, seconds=0.1)
        assert outcome.samples == []
        (line,) = left_out([outcome])
        assert line.startswith(f"{name}, same dialect: ")
        assert "not " in outcome.left_out  # installed, or on this machine
        assert rows([outcome]) == []


def test_the_table_tells_each_peer_beside_ours_of_the_same_way() -> None:
    ours = Outcome(_peer(OURS), samples=[Sample(100, 50, 10), Sample(200, 25, 20)])
    theirs = Outcome(_peer(ROUTER), "2.0.0", samples=[Sample(400, 10, 30), Sample(1200, 5, 60)])
    alone = Outcome(PEERS[-1], "1", samples=[Sample(1, 1, 1)])
    assert rows([ours, theirs, alone]) == [
        (OURS, "same dialect", "150 (100-200)", "1", "37.5 (25-50)", "15 (10-20)", "1"),
        (
            f"{ROUTER} 2.0.0",
            "same dialect",
            "800 (400-1,200)",
            "5",
            "7.5 (5-10)",
            "45 (30-60)",
            "3",
        ),
        ("LiteLLM 1", "translated", "1 (1-1)", "-", "1 (1-1)", "1 (1-1)", "-"),
    ]


def test_a_ratio_does_not_see_a_machine_that_slows_down_between_rounds() -> None:
    paces = (1, 2, 7)
    ours = [Sample(100 * pace, 1, 1) for pace in paces]
    theirs = [Sample(300 * pace, 1, 1) for pace in reversed(paces)]
    assert ratio(list(reversed(theirs)), ours, lambda sample: sample.request_us) == "3"


def test_the_markdown_has_a_column_for_each_heading() -> None:
    outcome = Outcome(_peer(OURS), samples=[Sample(1, 2, 3)])
    widths = {line.count("|") for line in markdown(rows([outcome])).splitlines()}
    assert widths == {8}


def test_what_a_reader_must_know_stands_behind_the_version() -> None:
    outcomes = [Outcome(peer, "1.2", samples=[Sample(1, 2, 3)]) for peer in PEERS if peer.note]
    assert [row[0] for row in rows(outcomes)] == [
        "nginx 1.2, a plain proxy",
        "Portkey 1.2, from chat completions",
    ]


@pytest.mark.parametrize("message", [anthropic_message(), openai_message()])
def test_the_text_of_a_whole_answer_is_read_in_either_form(message: Any) -> None:
    assert "".join(whole(message)) == WORDS * 8


@pytest.mark.parametrize("events", [anthropic_events, openai_events])
def test_the_text_of_a_stream_is_read_in_either_form(events: Any) -> None:
    lines = b"".join(events(7)).splitlines(keepends=True)
    assert "".join(streamed(iter(lines))) == "word " * 7


def _nginx() -> Program:
    try:
        return nginx.find(None)
    except Missing as reason:
        pytest.skip(str(reason))


def test_nginx_is_measured_with_both_loads() -> None:
    program = _nginx()
    (outcome,) = compare([_peer("nginx")], None, rounds=1, seconds=0.5)
    (sample,) = outcome.samples
    assert outcome.version == program.version
    assert sample.request_us > 0
    assert sample.event_us > 0
    assert sample.rate > 100


def test_a_peer_whose_answers_lack_their_proof_is_not_measured() -> None:
    program = _nginx()

    def launch(found: Program, place: Place) -> Launch:
        plain = nginx.launch(found, place)
        return Launch(plain.command, proof={"x-rolegraph-phase": "pattern"})

    routed = Peer("nginx", "same dialect", lambda _: program, launch)
    with pytest.raises(RuntimeError, match="x-rolegraph-phase: None and not pattern"):
        compare([routed], None, rounds=1, seconds=0.1)


def test_a_peer_that_answers_something_else_is_not_measured() -> None:
    program = _nginx()

    def launch(found: Program, place: Place) -> Launch:
        plain = nginx.launch(found, place)
        file = place.folder / "nginx.conf"
        other = "default_type application/json; return 200 '{}';"
        file.write_text(file.read_text().replace("proxy_pass http://provider;", other))
        return plain

    wrong = Peer("nginx", "same dialect", lambda _: program, launch)
    with pytest.raises(RuntimeError, match="answered ''"):
        compare([wrong], None, rounds=1, seconds=0.1)
