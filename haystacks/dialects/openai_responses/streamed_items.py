"""The output items of a streamed response, told as content blocks.

OpenAI opens each item, tells it in deltas, and tells it once more as a whole.
Others leave out any of the three. So it is remembered how much of each text
was told, and what comes later as a whole adds only the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.dialects.block_stream import Block, BlockStream
from haystacks.dialects.citations import decode_annotations
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_responses.declared_tools import INPUT, flat_name
from haystacks.dialects.openai_responses.reasoning import sign
from haystacks.errors import BadAnswer

# What is said: event -> (name of the part, what numbers it, where its text stands).
_SAID: Final = {
    "response.output_text.delta": ("content", "content_index", "delta"),
    "response.output_text.done": ("content", "content_index", "text"),
    "response.refusal.delta": ("content", "content_index", "delta"),
    "response.refusal.done": ("content", "content_index", "refusal"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index", "delta"),
    "response.reasoning_summary_text.done": ("summary", "summary_index", "text"),
    "response.reasoning_text.delta": ("reasoning", "content_index", "delta"),
    "response.reasoning_text.done": ("reasoning", "content_index", "text"),
}
# What a call is given: event -> where the text stands.
_GIVEN: Final = {
    "response.function_call_arguments.delta": "delta",
    "response.function_call_arguments.done": "arguments",
    "response.custom_tool_call_input.delta": "delta",
    "response.custom_tool_call_input.done": "input",
}
_CALLS: Final = ("function_call", "custom_tool_call")
_INPUT_OPENS: Final = f'{{"{INPUT}":"'
_INPUT_ENDS: Final = '"}'

_Part = tuple[str, int]


@dataclass(slots=True)
class _Item:
    """One item: its call if it is one, and how many characters of each part were told."""

    call: Block | None = None
    told: dict[_Part, int] = field(default_factory=dict)
    ended: bool = False

    @property
    def said(self) -> bool:
        """Whether any text of it was told."""
        return any(self.told.values())

    def rest(self, part: _Part, text: Any, *, whole: bool) -> str:
        """Return what of a text is news; ``whole``: it is the part from its beginning."""
        if not isinstance(text, str):
            raise BadAnswer("the upstream sent something else where text belongs")
        told = self.told.get(part, 0)
        news = text[told:] if whole else text
        self.told[part] = told + len(news)
        return news


class StreamedItems:
    """The items of one response. ``refused``: one of them holds a refusal."""

    __slots__ = ("_blocks", "_items", "refused")

    def __init__(self, blocks: BlockStream) -> None:
        self._blocks = blocks
        self._items: dict[object, _Item] = {}
        self.refused = False

    def add(self, kind: str, event: Json) -> list[Json]:
        """Return what one event of the stream brings; nothing for kinds that tell of no item.

        Raises ``BadAnswer`` for what is no such event.
        """
        if kind in _SAID:
            name, counter, place = _SAID[kind]
            self.refused |= kind.startswith("response.refusal")
            number = event.get(counter)
            part = (name, number if isinstance(number, int) else 0)
            return self._say(self._item(event), part, event.get(place), whole=place != "delta")
        if kind in _GIVEN:
            place = _GIVEN[kind]
            give = self._input if "custom" in kind else self._arguments
            return give(self._item(event), event.get(place), whole=place != "delta")
        if kind == "response.output_text.annotation.added":
            self._blocks.cite(decode_annotations([event.get("annotation")]))
        if kind == "response.output_item.added":
            return self._open(self._item(event), _told(event))
        if kind == "response.output_item.done":
            return self._complete(self._item(event), _told(event))
        return []

    def add_all(self, output: Any) -> list[Json]:
        """Return what a whole output brings, where no event told of an item before."""
        if self._items or not isinstance(output, list):
            return []
        events: list[Json] = []
        for index, item in enumerate(output):
            events += self.add("response.output_item.done", {"output_index": index, "item": item})
        return events

    def _item(self, event: Json) -> _Item:
        place = event.get("output_index")
        if not isinstance(place, int):  # left out: then the ids must do
            item = event.get("item")
            place = str(event.get("item_id") or (item.get("id") if isinstance(item, dict) else ""))
        return self._items.setdefault(place, _Item())

    def _open(self, item: _Item, told: Json) -> list[Json]:
        if told.get("type") not in _CALLS:
            return []
        return self._blocks.extend(self._call(item, told), "")

    def _complete(self, item: _Item, told: Json) -> list[Json]:
        """Tell the rest of an item of which everything is known.

        What the provider did by itself (a search) has no block: its text tells of it.
        """
        match told.get("type"):
            case "message":
                return self._parts(item, "content", told.get("content"))
            case "reasoning":
                events = self._parts(item, "summary", told.get("summary"))
                events += self._parts(item, "reasoning", told.get("content"))
                return events + self._sign(item, told)
            case "function_call":
                self._call(item, told)
                return self._arguments(item, told.get("arguments") or "", whole=True)
            case "custom_tool_call":
                self._call(item, told)
                return self._input(item, told.get("input") or "", whole=True)
        return []

    def _parts(self, item: _Item, name: str, parts: Any) -> list[Json]:
        events: list[Json] = []
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if not isinstance(part, dict):
                raise BadAnswer("the upstream sent an item whose parts are none")
            refusal = part.get("refusal")
            self.refused |= bool(refusal)
            events += self._say(item, (name, number), part.get("text") or refusal or "", whole=True)
            self._blocks.cite(decode_annotations(part.get("annotations")))
        return events

    def _say(self, item: _Item, part: _Part, text: Any, *, whole: bool) -> list[Json]:
        first, news = not item.said, item.rest(part, text, whole=whole)
        if not news:
            return []
        name, number = part
        if name == "summary" and number and item.told[part] == len(news):
            news = "\n\n" + news  # summaries are paragraphs
        return self._blocks.say("text" if name == "content" else "thinking", news, fresh=first)

    def _sign(self, item: _Item, told: Json) -> list[Json]:
        secret = told.get("encrypted_content")
        if item.ended or not isinstance(secret, str) or not secret:
            return []
        item.ended = True
        events = [] if item.said else self._blocks.say("thinking", "", fresh=True)
        return events + self._blocks.sign(sign(str(told.get("id") or ""), secret))

    def _call(self, item: _Item, told: Json) -> Block:
        """Return the item's call, named as far as that is known."""
        name, call_id = told.get("name") or "", told.get("call_id") or told.get("id") or ""
        if not (isinstance(name, str) and isinstance(call_id, str)):
            raise BadAnswer("the upstream sent a call whose name is none")
        if item.call is None:
            item.call = self._blocks.call("", "")
        if name and not item.call.content["name"]:
            item.call.content["name"] = flat_name(name, told.get("namespace"))
            item.call.content["id"] = tool_id(call_id or f"{name}:{len(self._items)}")
        return item.call

    def _arguments(self, item: _Item, text: Any, *, whole: bool) -> list[Json]:
        """Give a function its JSON; without arguments, the empty object."""
        news = item.rest(("arguments", 0), text or "{}" if whole else text, whole=whole)
        return self._blocks.extend(self._call(item, {}), news)

    def _input(self, item: _Item, text: Any, *, whole: bool) -> list[Json]:
        """Give a custom tool its free text, as the JSON of a function's one argument."""
        if item.ended:
            return []
        opens = "" if item.told else _INPUT_OPENS
        news = orjson.dumps(item.rest(("input", 0), text, whole=whole)).decode()[1:-1]
        item.ended = whole
        return self._blocks.extend(
            self._call(item, {}), opens + news + (_INPUT_ENDS if whole else "")
        )


def _told(event: Json) -> Json:
    item = event.get("item")
    if not isinstance(item, dict):
        raise BadAnswer("the upstream sent an item that is none")
    return item
