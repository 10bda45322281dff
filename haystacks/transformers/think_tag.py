"""Thoughts that a model writes into its text, between tags, become thinking blocks."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from haystacks.dialect import Json
from haystacks.transformer import Filter

_THOUGHTS: Final = {"type": "thinking", "thinking": "", "signature": ""}


def tag_reader(tag: str) -> tuple[Callable[[Json], Json], Callable[[], Filter]]:
    """Return the hooks for whole answers and for streams.

    The tag counts where a text begins with it, white space aside; elsewhere the
    model is talking of tags. Thoughts without an end go on to the text's end.
    """
    opening, closing = f"<{tag}>", f"</{tag}>"

    def message(answer: Json) -> Json:
        content: list[Json] = []
        for block in answer["content"]:
            text = block["text"].lstrip() if block.get("type") == "text" else ""
            if not text.startswith(opening):
                content.append(block)
                continue
            thoughts, _, said = text.removeprefix(opening).partition(closing)
            if thoughts := thoughts.lstrip():
                content.append({**_THOUGHTS, "thinking": thoughts})
            if said := said.lstrip():
                content.append({**block, "text": said})
        if len(content) == len(answer["content"]) and all(
            after is before for after, before in zip(content, answer["content"], strict=True)
        ):
            return answer
        return {**answer, "content": content}

    return message, lambda: _TagFilter(opening, closing).feed


class _Place(Enum):
    """How far the text that is open now has come."""

    OTHER = auto()  # no text, or one without thoughts at its beginning
    START = auto()
    TAGGED = auto()  # nothing but white space since the opening tag
    THOUGHTS = auto()
    BEHIND = auto()  # nothing but white space since the closing tag


class _TagFilter:
    """The events of one stream; blocks are numbered anew, since one may become two."""

    def __init__(self, opening: str, closing: str) -> None:
        self._opening = opening
        self._closing = closing
        self._place = _Place.OTHER
        self._index = -1
        self._held = ""  # of the text, what may still turn out to be a tag
        self._start: Json = {}

    def feed(self, event: Json) -> list[Json]:
        match event["type"]:
            case "content_block_start":
                if event["content_block"].get("type") != "text":
                    self._place = _Place.OTHER
                    return [self._open(event["content_block"])]
                self._place, self._start = _Place.START, event["content_block"]
                self._held = ""
                return self._read(str(self._start.get("text", "")))
            case "content_block_delta" if self._place is not _Place.OTHER:
                text = event["delta"].get("text")
                return self._read(text) if isinstance(text, str) else []
            case "content_block_delta":
                return [{**event, "index": self._index}]
            case "content_block_stop":
                return self._stop()
        return [event]

    def _read(self, piece: str) -> list[Json]:
        """Read on; each place passes on to the next what is left of the text."""
        text, self._held = self._held + piece, ""
        events: list[Json] = []
        if self._place is _Place.START:
            begun = text.lstrip()
            if not begun.startswith(self._opening):
                return self._hold(text) if self._opening.startswith(begun) else self._say(text)
            self._place, text = _Place.TAGGED, begun.removeprefix(self._opening)
        if self._place is _Place.TAGGED:
            text = text.lstrip()
            if self._closing.startswith(text) and text != self._closing:
                return self._hold(text)
            if text.startswith(self._closing):
                self._place, text = _Place.BEHIND, text.removeprefix(self._closing)
            else:
                self._place = _Place.THOUGHTS
                events.append(self._open(dict(_THOUGHTS)))
        if self._place is _Place.THOUGHTS:
            thoughts, closed, text = text.partition(self._closing)
            if not closed:
                kept = len(thoughts) - _overlap(thoughts, self._closing)
                self._held = thoughts[kept:]
                return [*events, *self._delta("thinking", thoughts[:kept])]
            events += self._delta("thinking", thoughts)
            events.append({"type": "content_block_stop", "index": self._index})
            self._place = _Place.BEHIND
        if text := text.lstrip():
            events += self._say(text)
        return events

    def _hold(self, text: str) -> list[Json]:
        self._held = text
        return []

    def _say(self, text: str) -> list[Json]:
        self._place = _Place.OTHER
        return [self._open({**self._start, "text": ""}), *self._delta("text", text)]

    def _stop(self) -> list[Json]:
        place, held = self._place, self._held
        self._place, self._held = _Place.OTHER, ""
        events: list[Json] = []
        if place is _Place.BEHIND or (place is _Place.TAGGED and not held):
            return []
        if place is _Place.START:
            events = self._say(held)
        elif place is _Place.TAGGED:
            events = [self._open(dict(_THOUGHTS)), *self._delta("thinking", held)]
        elif place is _Place.THOUGHTS:
            events = self._delta("thinking", held)
        return [*events, {"type": "content_block_stop", "index": self._index}]

    def _open(self, block: Json) -> Json:
        self._index += 1
        return {"type": "content_block_start", "index": self._index, "content_block": block}

    def _delta(self, kind: str, text: str) -> list[Json]:
        if not text:
            return []
        delta = {"type": f"{kind}_delta", kind: text}
        return [{"type": "content_block_delta", "index": self._index, "delta": delta}]


def _overlap(text: str, tag: str) -> int:
    """Return how many characters at the end of the text may begin the tag."""
    longest = min(len(text), len(tag) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(tag[:size])), 0)
