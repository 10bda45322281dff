"""An agent's whole session: whatever happens between its requests, a turn has one model."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.usage import Usage
from roles.decision import Decision
from roles.extract import facts_of
from roles.facts import Facts
from roles.lane import Ending
from tests.roles.conversation import Conversation, chosen
from tests.roles.test_session_phase import CONCEPTS, HOMES
from tests.roles.world import role, view

Json = dict[str, Any]
PROMPTS = ("look into this rust code", "go on", "a poem about it", "go on")
DEFAULTS = ("gpt", "free", "claude", "small")


@dataclass
class Agent:
    """One conversation as its client keeps it: all of it is sent each time."""

    name: str
    hints: bool
    messages: list[Json] = field(default_factory=list)
    prompt: int = 0

    def types(self, text: str) -> Facts:
        self.prompt += 1
        self.messages.append({"role": "user", "content": text})
        return self.sends()

    def runs_a_tool(self) -> Facts:
        call = {"type": "tool_use", "id": "t", "name": "run", "input": {}}
        result = {"type": "tool_result", "tool_use_id": "t", "content": "done"}
        self.messages.append({"role": "assistant", "content": [call]})
        self.messages.append({"role": "user", "content": [result]})
        return self.sends()

    def compacts(self) -> Facts:
        """Put a summary in the place of all that came before the tool that runs."""
        self.messages = [{"role": "user", "content": "<system-reminder>So far.</system-reminder>"}]
        return self.runs_a_tool()

    def ends_the_turn(self) -> None:
        self.messages.append({"role": "assistant", "content": "done"})

    def sends(self) -> Facts:
        headers = {"x-claude-code-session-id": "s"}
        if self.hints:
            headers["x-claude-code-prompt-id"] = f"prompt {self.prompt}"
        if self.name != "main":
            headers["x-claude-code-agent-id"] = self.name
        body = {"system": f"You are {self.name}.", "messages": self.messages}
        return facts_of(body, headers, body_bytes=100, count=lambda: 100)


def home(default: str) -> Any:
    return view(
        role(f"scenarios: {{default: [[cloud, {default}], [cloud, gpt]]}}"), CONCEPTS, HOMES
    )


@pytest.mark.parametrize("hints", [True, False])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_turn_changes_its_model(*, hints: bool, data: st.DataObject) -> None:
    """Subagents interleave, clients ask again, files are edited, people and answers judge."""
    session = Conversation(home("gpt"))
    agents = [Agent(name, hints) for name in ("main", "explorer", "tester")]
    of_turn: dict[str, str] = {}
    for _ in range(data.draw(st.integers(5, 30))):
        agent = data.draw(st.sampled_from(agents))
        event = data.draw(st.sampled_from(("types", "tool", "tool", "again", "reload", "wait")))
        session.usage = data.draw(st.sampled_from((None, Usage(500, 90, 40_000))))
        session.now += 5
        if event == "reload":
            session.view = home(data.draw(st.sampled_from(DEFAULTS)))
        elif event == "wait":
            session.now += 400
        elif event == "types" or not agent.messages:
            agent.ends_the_turn()
            of_turn[agent.name] = ask(session, agent.types(data.draw(st.sampled_from(PROMPTS))))
        elif event == "tool":
            assert ask(session, agent.runs_a_tool()) == of_turn[agent.name]
        else:
            facts = agent.sends()
            session.begins(facts)  # nobody hears its answer
            # Words that were answered and come again are a turn of their own, unless it is named.
            if hints or facts.continues_turn:
                assert ask(session, facts) == of_turn[agent.name]
            else:
                of_turn[agent.name] = ask(session, facts)


def ask(session: Conversation, facts: Facts) -> str:
    return chosen(session.asks(facts, Ending("ok", "tool_use")))


def test_a_compaction_in_the_midst_of_a_turn_keeps_its_model() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=False)
    first = ask(session, agent.types("rust"))
    session.view = home("free")
    assert ask(session, agent.compacts()) == first == "cloud,claude"
    assert ask(session, agent.runs_a_tool()) == first


def test_a_client_that_asks_again_before_an_answer_gets_the_same_model() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=False)
    first = chosen(session.begins(agent.types("go on")))
    session.view = home("free")
    assert ask(session, agent.sends()) == first == "cloud,gpt"


def test_a_tool_loop_that_fails_goes_on_where_it_was() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=False)
    first = ask(session, agent.types("go on"))
    assert chosen(session.asks(agent.runs_a_tool(), Ending("failed"))) == first
    session.view = home("free")
    assert ask(session, agent.sends()) == first


def test_a_prompt_that_brought_nothing_routes_by_what_was_edited() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=True)
    assert chosen(session.asks(agent.types("hello"), Ending("failed"))) == "cloud,gpt"
    session.view = home("free")
    assert ask(session, agent.sends()) == "cloud,free"


def test_a_prompt_that_was_answered_and_comes_again_routes_by_what_was_edited() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=False)
    assert ask(session, agent.types("hello")) == "cloud,gpt"
    session.view = home("free")
    assert ask(session, agent.sends()) == "cloud,free"


def test_two_processes_that_begin_a_turn_at_once_agree() -> None:
    session, agent = Conversation(home("gpt")), Agent("main", hints=True)
    facts = agent.types("hello")
    session.begins(facts)
    session.view = home("free")
    other = session.begins(facts)
    assert isinstance(other, Decision)
    assert chosen(other) == "cloud,gpt"
    assert session.known.turns == 1
