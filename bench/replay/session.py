"""One agent's session: turns with their tool loops, and all that runs beside them.

Sizes and marks are those of Claude Code's own requests: a system prompt of
about 3,000 tokens, twelve tools of 30 kB, the newest block marked for the
cache. Every fourth session speaks OpenAI's chat form, and names no session.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from bench.replay.ask import Ask
from bench.replay.prompts import COMPACT, ERRAND, LOOK, MATCHED, PLAIN, SEARCH, TITLE, Prose
from bench.replay.talk import Talk, length, marked, text, tools
from haystacks.dialect import Json

# The twelve of a capture, with the characters that each takes.
_TOOLS: Final = (
    ("Agent", 5300), ("Bash", 3600), ("Edit", 900), ("ListAgents", 1900), ("Read", 1900),
    ("ReportFindings", 2400), ("ScheduleWakeup", 4900), ("Skill", 1700), ("ToolSearch", 1400),
    ("Workflow", 5700), ("TodoWrite", 900), ("Write", 600),
)  # fmt: skip
_SYSTEM: Final = 12_000
_SUBAGENT_SYSTEM: Final = 3_000
_MOST_TOKENS: Final = 32_000

# Claude Code compacts when about so many characters (120,000 tokens) have been said.
_COMPACTED_AT: Final = 480_000

_MATCHED: Final = 0.3
_LONG_PAUSE: Final = 0.25
_SUBAGENT: Final = 0.1
_AUXILIARY: Final = 0.15
_SEARCHED: Final = 0.03
_IMAGE: Final = 0.01
# As long as the tokens of a screenshot would be as text.
_PICTURE: Final = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(4500)).decode()


@dataclass(slots=True)
class Session:
    """A session under way: ``now`` is its own time, in Unix seconds."""

    number: int
    role: str
    chance: random.Random
    prose: Prose
    now: float
    chat: bool

    def asks(self, turns: int) -> Iterator[Ask]:
        """Yield everything that the session sends, in the order of time."""
        main = self._talk("main", _SYSTEM, len(_TOOLS), self._headers("main"))
        yield from self._aside(f"{TITLE} {self._prompt()}")
        for turn in range(turns):
            self.now += self._pause() if turn else 1.0
            if self.chance.random() < _AUXILIARY:
                yield from self._aside(f"{TITLE} {self._prompt()}")
            yield from self._turn(main, turn)

    def _turn(self, main: Talk, turn: int) -> Iterator[Ask]:
        prompt_id = self._id(f"{turn}")
        main.hear(self._opening(turn))
        name = str(turn)
        for left in reversed(range(self.chance.choices(range(1, 9), _LOOPS)[0])):
            if main.size > _COMPACTED_AT:
                yield self._compaction(main, name, prompt_id)
                # Where the client names no turns, nothing in a new history says that one goes on.
                name = name if self._hints else f"{name} anew"
            yield self._ask(main, name, self._answer(calls=left > 0), prompt_id)
            if not left:
                return
            if self.chance.random() < _SUBAGENT / 4 and not self.chat:
                yield from self._subagent(prompt_id)
            if self.chance.random() < _SEARCHED / 4 and not self.chat:
                yield from self._search()
            main.hear(self._results(main))

    def _compaction(self, main: Talk, turn: str, prompt_id: str) -> Ask:
        main.hear([text(COMPACT)])
        summary = self._words(6_000)
        asked = self._ask(main, turn, [text(summary)], prompt_id, "compaction")
        main.forget([text(f"This session goes on from an earlier one.\n{summary}\nGo on.")])
        return asked

    def _subagent(self, prompt_id: str) -> Iterator[Ask]:
        name = self._id(f"agent {self.now}")
        headers = self._headers("subagent") | {"x-claude-code-agent-id": name}
        talk = self._talk(f"agent {name}", _SUBAGENT_SYSTEM, 8, headers)
        talk.hear([text(ERRAND)])
        for left in reversed(range(self.chance.randint(3, 8))):
            yield self._ask(talk, "errand", self._answer(calls=left > 0), prompt_id, "subagent")
            talk.hear(self._results(talk))

    def _search(self) -> Iterator[Ask]:
        """Yield what Claude Code sends when the web is to be searched: a request of its own."""
        talk = self._talk(f"search {self.now}", 200, 0, self._headers("auxiliary"))
        talk.fixed["tools"] = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 8}]
        talk.hear([text(SEARCH)])
        yield self._ask(talk, "search", [text(self._words(1_500))], "", "auxiliary")

    def _aside(self, words: str) -> Iterator[Ask]:
        """Yield a title, a topic: short work for a small model, with no history and no tools."""
        talk = self._talk(f"aside {self.now}", 800, 0, self._headers("auxiliary"))
        talk.fixed["model"] = "gpt-5-mini" if self.chat else "claude-haiku-4-5"
        talk.hear([text(words)])
        yield self._ask(talk, "aside", [text(self._words(60))], "", "auxiliary")

    def _ask(
        self, talk: Talk, turn: str, answer: list[Json], prompt_id: str, kind: str = ""
    ) -> Ask:
        headers: dict[str, str] = {}
        if self._hints and kind:
            headers["x_claude_code_request_class"] = kind
        if self._hints and prompt_id:
            headers["x_claude_code_prompt_id"] = prompt_id
        asked = talk.ask(self.now, turn, answer, **headers)
        written = sum(length(block) for block in answer)
        self.now += 2.0 + written / 300 + self.chance.lognormvariate(0.5, 1.0)
        return asked

    def _opening(self, turn: int) -> list[Json]:
        words = self._prompt()
        if self.chance.random() < _IMAGE:
            picture = {"type": "base64", "media_type": "image/png", "data": _PICTURE}
            return [{"type": "image", "source": picture}, text(LOOK)]
        if turn or self.chat:
            return [text(words)]
        return [
            text(f"<system-reminder>{self._words(2_400)}</system-reminder>"),
            text(words),
        ]

    def _prompt(self) -> str:
        return self.chance.choice(MATCHED if self.chance.random() < _MATCHED else PLAIN)

    def _pause(self) -> float:
        """Seconds until the user speaks again; a quarter of the pauses outlast every cache."""
        if self.chance.random() < _LONG_PAUSE:
            return self.chance.uniform(301, 2_400)
        return min(self.chance.lognormvariate(4.0, 0.7), 290.0)

    def _answer(self, *, calls: bool) -> list[Json]:
        said = text(self._words(int(self.chance.lognormvariate(5.8, 0.8))))
        if not calls:
            return [said]
        return [said, *(self._call() for _ in range(self.chance.choice((1, 1, 1, 2))))]

    def _call(self) -> Json:
        # Now and then a whole file is written.
        size = int(self.chance.lognormvariate(5.2, 1.2))
        given = {"path": f"src/{self._words(12).strip()}.py", "text": self._words(size)}
        name = self.chance.choice(("Bash", "Edit", "Read", "Write"))
        return {"type": "tool_use", "id": f"toolu_{self._id('call')}", "name": name, "input": given}

    def _results(self, talk: Talk) -> list[Json]:
        return [
            {
                "type": "tool_result",
                "tool_use_id": block["id"],
                "content": self._words(int(self.chance.lognormvariate(7.4, 1.1))),
            }
            for block in talk.messages[-1]["content"]
            if block["type"] == "tool_use"
        ]

    def _talk(self, name: str, system: int, offered: int, headers: Mapping[str, str]) -> Talk:
        filler = self.prose.cut(random.Random(system), max(system, 6_000))
        mark = text if self.chat else marked
        fixed: Json = {
            "model": "auto" if self.chat else "claude-opus-5-5",
            "max_tokens": _MOST_TOKENS,
            "stream": not self.chat,
            "system": [
                # It differs from one conversation to the next, as the client's billing header does.
                text(f"x-anthropic-billing-header: {self._id(name)};"),
                mark("You are an agent that works on code."),
                mark(filler[:system]),
            ],
        }
        if offered:
            fixed["tools"] = tools(*_TOOLS[:offered], filler=filler)
        if not self.chat:
            user = {"device_id": "d" * 64, "account_uuid": "", "session_id": self._session}
            fixed["metadata"] = {"user_id": orjson.dumps(user).decode()}
        lane = f"{self.number} {name}"
        return Talk(self.role, lane, "openai_chat" if self.chat else "anthropic", fixed, headers)

    def _headers(self, kind: str) -> dict[str, str]:
        """Return the headers of a conversation; of its hints Claude Code sends none unasked."""
        headers = {"content-type": "application/json", "x-rolegraph-role": self.role}
        if self.chat:
            return headers
        headers |= {"x-claude-code-session-id": self._session, "anthropic-version": "2023-06-01"}
        return headers | {"x-claude-code-request-class": kind} if self._hints else headers

    @property
    def _session(self) -> str:
        return f"00000000-0000-4000-8000-{self.number:012}"

    @property
    def _hints(self) -> bool:
        """Whether Claude Code was started so that it names turns and kinds of requests."""
        return not self.chat and self.number % 2 == 0

    def _words(self, size: int) -> str:
        return self.prose.cut(self.chance, max(1, min(size, 60_000)))

    def _id(self, of: str) -> str:
        return f"{random.Random(f'{self.number} {of} {self.now}').getrandbits(64):016x}"


# Requests in a turn, one to eight: most are short, and some go on for long.
_LOOPS: Final = (14, 16, 18, 16, 12, 10, 8, 6)
