"""What is kept of one request: enough to say where it went and why, never what it said."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Literal

import structlog

from haystacks.answer import Answer
from haystacks.errors import RolegraphError
from haystacks.usage import Usage
from roles.decision import Decision
from server.redact import redact_text
from server.usage.content import Content

Outcome = Literal["", "ok", "refused", "failed", "broken", "client_left"]

log = structlog.get_logger("rolegraph")


def new_id(kind: str) -> str:
    """Return an id that sorts by time, which keeps the indexes of a database together.

    Unique is enough: nothing is granted to who knows it.
    """
    return f"{kind}_{time.time_ns() // 1_000_000:011x}{random.getrandbits(52):013x}"


@dataclass(slots=True)
class Record:
    """One request from its first byte to its last.

    Times are seconds of a running clock, ``asked`` that of the first candidate; ``at``,
    when it began, is of Unix time.
    ``content`` is what was said, where the owner wants it kept.
    """

    surface: str
    request_id: str = field(default_factory=lambda: new_id("req"))
    at: float = field(default_factory=time.time)
    started: float = field(default_factory=time.perf_counter)
    asked: float = 0.0
    first_byte: float = 0.0
    ended: float = 0.0
    role: str = ""
    key: str = ""
    session: str = ""
    stream: bool = False
    decision: Decision | None = None
    answer: Answer | None = None
    error: RolegraphError | None = None
    usage: Usage | None = None
    cost: float = 0.0
    status: int = 0
    outcome: Outcome = ""
    content: Content | None = None

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers that explain the answer, as far as it has come."""
        pairs = [("request-id", self.request_id), ("x-request-id", self.request_id)]
        if self.role:
            pairs.append(("x-rolegraph-role", one_line(self.role)))
        if decision := self.decision:
            pairs += [
                ("x-rolegraph-phase", decision.phase),
                ("x-rolegraph-concept", one_line(decision.concept)),
                ("x-rolegraph-confidence", f"{decision.confidence:.2f}"),
                ("x-rolegraph-generation", str(decision.generation)),
                ("x-rolegraph-attempts", str(self.attempts)),
            ]
        if answer := self.answer:
            pairs += [
                ("x-rolegraph-haystack", answer.candidate.haystack.name),
                ("x-rolegraph-model", one_line(answer.candidate.model.id)),
            ]
            if answer.adapted:
                pairs.append(("x-rolegraph-adapted", ", ".join(answer.adapted)))
            pairs += answer.headers.items()
        elif self.error:
            pairs += self.error.headers.items()
        return pairs

    @property
    def attempts(self) -> int:
        """How many upstream calls were made."""
        if self.answer:
            return self.answer.attempts
        return self.error.attempts if self.error else 0

    def refused(self, error: RolegraphError) -> None:
        """Note the error that the client gets instead of an answer."""
        self.error, self.status = error, error.status
        self.outcome = "refused" if error.status < 500 else "failed"

    def end(self) -> None:
        """Stop the clock, and ask what the answer has used; what nobody ended is broken off."""
        self.ended = time.perf_counter()
        self.outcome = self.outcome or "broken"
        if self.answer is not None:
            self.usage = self.answer.usage()
            if self.content and self.answer.stream is None:
                self.content.hear(self.answer.body.decode("utf-8", "ignore"))

    def write(self) -> None:
        """Log the request in one line."""
        decision, answer = self.decision, self.answer
        fields: dict[str, object] = {
            "id": self.request_id,
            "surface": self.surface,
            "status": self.status,
            "outcome": self.outcome,
            "ms": round((self.ended - self.started) * 1000, 1),
        }
        if self.stream and self.first_byte:
            fields["first_ms"] = round((self.first_byte - self.started) * 1000, 1)
        if decision:
            fields["role"] = self.role
            fields["phase"] = decision.phase
            fields["concept"] = decision.concept
        if answer:
            fields["haystack"] = answer.candidate.haystack.name
            fields["model"] = answer.candidate.model.id
            fields["attempts"] = answer.attempts
            if self.usage:
                _tell_tokens(self.usage, fields)
            if self.cost:
                fields["usd"] = round(self.cost, 6)
            if answer.failures:
                fields["failed"] = [redact_text(str(failure)) for failure in answer.failures]
        if self.error:
            # An upstream may have quoted what it was sent.
            fields["error"] = redact_text(self.error.message)
            if self.error.tried:
                fields["failed"] = [redact_text(tried) for tried in self.error.tried]
        if self.outcome in {"failed", "broken"}:
            log.warning("request", **fields)
        else:
            log.info("request", **fields)


def _tell_tokens(usage: Usage, fields: dict[str, object]) -> None:
    """Add what an answer cost, without the counts that are mostly nothing."""
    fields["input_tokens"] = usage.input
    fields["output_tokens"] = usage.output
    if usage.cache_read:
        fields["cached_tokens"] = usage.cache_read
    if usage.cache_write:
        fields["cache_write_tokens"] = usage.cache_write
    if usage.estimated:
        fields["estimated"] = True


def one_line(text: str) -> str:
    """Return a name as a header may hold it: a line break in it would begin another header."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
