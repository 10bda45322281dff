"""Gemini's whole answer -> the canonical message."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson

from haystacks.classify import from_event
from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.event_content import content_of
from haystacks.dialects.gemini.answer import Answer
from haystacks.errors import BadAnswer


def decode_response(body: Any, estimate: TokenEstimate) -> Json:
    """Return the canonical message.

    Raises ``BadAnswer`` for what is no answer, and ``UpstreamStatus`` for an
    error that came with a good status.
    """
    if not isinstance(body, dict):
        raise BadAnswer("the upstream answered with something that is no answer")
    failure = from_event(body)
    if failure is not None:
        raise failure
    answer = Answer(sha256(orjson.dumps(body)).hexdigest()[:24], estimate)
    content = content_of(answer.read(body) + answer.blocks.close())
    message = answer.message(answer.usage(), stop=answer.stop_reason())
    return {**message, "content": content}
