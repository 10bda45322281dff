"""Requests that OpenAI's dialects can express whole, drawn in one normal form.

Roles alternate, a single text is a string, results stand in front of other content.
"""

from __future__ import annotations

from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.pool import Model

MODEL = Model("llama-3.3-70b")

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
inputs = st.dictionaries(texts, json_values, max_size=3)
text_blocks = st.builds(lambda text: {"type": "text", "text": text}, texts)
images = st.builds(
    lambda source: {"type": "image", "source": source},
    st.just({"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="})
    | st.just({"type": "url", "url": "https://example.org/a.png"}),
)
tools = st.builds(
    lambda name, description, properties: {
        "name": name,
        "description": description,
        "input_schema": {"type": "object", "properties": properties},
    },
    ids,
    texts,
    st.dictionaries(texts, st.just({"type": "string"}), max_size=2),
)


def content(blocks: list[Json]) -> list[Json] | str:
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        return str(blocks[0]["text"])
    return blocks


@st.composite
def conversations(
    draw: st.DrawFn, *, signature: str = "", media_in_results: bool = False
) -> list[Json]:
    """Draw whole turns; with a ``signature`` some answers begin with a thought of that one."""
    outputs = texts | st.lists(images, min_size=1, max_size=2) if media_in_results else texts
    messages: list[Json] = []
    results: list[Json] = []
    for _ in range(draw(st.integers(1, 4))):
        said = draw(st.lists(text_blocks | images, min_size=0 if results else 1, max_size=3))
        messages.append({"role": "user", "content": content(results + said)})
        words: list[Json] = draw(st.lists(text_blocks, max_size=1))
        called = draw(st.lists(ids, min_size=0 if words else 1, max_size=3, unique=True))
        calls = [
            {"type": "tool_use", "id": call, "name": draw(ids), "input": draw(inputs)}
            for call in called
        ]
        thoughts: list[Json] = []
        if signature and draw(st.booleans()):
            thoughts = [{"type": "thinking", "thinking": draw(texts), "signature": signature}]
        messages.append({"role": "assistant", "content": content(thoughts + words + calls)})
        results = [
            {"type": "tool_result", "tool_use_id": call, "content": draw(outputs)}
            for call in called
        ]
    if results:
        messages.append({"role": "user", "content": results})
    return messages


@st.composite
def requests(
    draw: st.DrawFn,
    messages: st.SearchStrategy[list[Json]] | None = None,
    *,
    stop_sequences: bool = False,
) -> Json:
    """Draw a request; its ``messages`` are plain conversations if not given."""
    optional: Json = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "system": texts,
                "max_tokens": st.integers(16, 10**6),
                "temperature": st.floats(0, 1),
                "top_p": st.floats(0, 1),
                "stream": st.just(value=True),
                "metadata": st.builds(lambda user: {"user_id": user}, texts),
                "output_config": st.just(
                    {"format": {"type": "json_schema", "schema": {"type": "object"}}}
                ),
            },
        )
    )
    offered = draw(st.lists(tools, max_size=2, unique_by=lambda tool: str(tool["name"])))
    if offered:
        optional["tools"] = offered
        optional["tool_choice"] = draw(
            st.sampled_from(
                [
                    {"type": "auto"},
                    {"type": "auto", "disable_parallel_tool_use": True},
                    {"type": "any", "disable_parallel_tool_use": True},
                    {"type": "tool", "name": "Bash"},
                    {"type": "none"},
                ]
            )
        )
    if stop_sequences and draw(st.booleans()):
        optional["stop_sequences"] = draw(st.lists(texts, min_size=1, max_size=4))
    said = draw(conversations() if messages is None else messages)
    return {"model": MODEL.id, "messages": said, **optional}
