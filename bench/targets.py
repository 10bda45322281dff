"""What Rolegraph must reach, and in which unit: one row for each thing that is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """``limit`` is the most that is allowed; ``None`` where the number only informs."""

    name: str
    unit: str
    limit: float | None = None


TARGETS: Final[dict[str, Target]] = {
    "request_native": Target("one request, same dialect: CPU", "us", 250),
    "request_translated": Target("one request, translated: CPU", "us", 250),
    "event_native": Target("one streamed event, same dialect: CPU", "us", 30),
    "event_translated": Target("one streamed event, translated: CPU", "us", 45),
    "first_native": Target("time added to the first event, same dialect: p50", "ms", 5),
    "first_translated": Target("time added to the first event, translated: p50", "ms", 5),
    "latency_native": Target("one request, same dialect: p50 at concurrency 1", "us"),
    "latency_native_p99": Target("one request, same dialect: p99 at concurrency 1", "us"),
    "rate_native": Target("requests in a second, same dialect, one worker", "/s"),
    "rss": Target("memory after the loads", "MB"),
    "decision_350": Target("decision, 350 patterns: p50", "us", 60),
    "decision_350_p99": Target("decision, 350 patterns: p99", "us"),
    "decision_weighed": Target("decision, 350 patterns, by the fifth of six phases: p50", "us", 60),
    "decision_200k": Target("decision, 200,000 patterns: p50", "us", 100),
    "decision_200k_p99": Target("decision, 200,000 patterns: p99", "us"),
    "compile_200k": Target("building a snapshot of 200,000 patterns", "s"),
    "edit_200k": Target("one file edited among them: the rolegraph alone", "ms"),
    "start_200k": Target("start of the server with 200,000 patterns", "s", 4),
    "rss_200k": Target("memory with 200,000 patterns", "MB"),
    "live_200k": Target("one file edited among them: live after the save", "ms", 250),
    "held_200k": Target("the longest that a request was held up by it", "ms", 20),
    "letters_10m": Target("10 MB of one letter, counted and routed", "ms", 100),
    "pace": Target("the machine's pace: a loop of a million additions", "ms"),
    "count_60k": Target("counting 60,000 tokens of conversation, one new block", "ms", 1),
}
