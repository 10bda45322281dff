"""Anthropic's own batch API, as a script of the stand-in: it ends when the test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.standin import Answer, Behaviour, Seen, Status
from tests.standin.anthropic import whole

PATH = "/v1/messages/batches"
NONE = {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}


@dataclass(slots=True)
class Anthropic:
    """Plays it. ``batches`` are the requests of each; ``refuse`` is what new ones get instead."""

    status: str = "in_progress"
    refuse: Status | None = None
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    asked: list[Seen] = field(default_factory=list)
    polls: int = 0

    def __call__(self, seen: Seen) -> Behaviour:
        if not seen.path.startswith(PATH):
            return Answer()
        self.asked.append(seen)
        name, _, action = seen.path.removeprefix(PATH).removeprefix("/").partition("/")
        if not name:
            if self.refuse:
                return self.refuse
            self.batches.append(seen.body["requests"])
            return Status(200, self.batch(len(self.batches) - 1))
        number = int(name.removeprefix("native_"))
        if action == "results":
            lines = [orjson.dumps(each) for each in map(self.result, self.batches[number])]
            return Status(200, b"\n".join(reversed(lines)))
        if action == "cancel":
            self.status = "canceling"
        else:
            self.polls += 1
        return Status(200, self.batch(number))

    def batch(self, number: int) -> dict[str, Any]:
        total = len(self.batches[number])
        counts = {**NONE, "processing": total - 1, "succeeded": 1} if total > 1 else NONE
        return {
            "id": f"native_{number}",
            "processing_status": self.status,
            "request_counts": counts,
        }

    def result(self, request: dict[str, Any]) -> dict[str, Any]:
        text = request["params"]["messages"][0]["content"]
        result: dict[str, Any] = {"type": "succeeded"}
        if text == "refuse":
            error = {"type": "invalid_request_error", "message": "refused"}
            result = {"type": "errored", "error": {"type": "error", "error": error}}
        elif text in {"canceled", "expired"}:
            result = {"type": text}
        else:
            result["message"] = whole(Answer(), request["params"])
        return {"custom_id": request["custom_id"], "result": result}
