"""Requests that are right in every place, one for each client's dialect."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

PIXEL: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCHEMA: Final = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}

ANTHROPIC: Final[Json] = {
    "model": "auto",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "plan mode"},
        {"role": "system", "content": "Now."},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "ok"},
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "is_error": False,
                    "content": [
                        {"type": "text", "text": "found"},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
                        },
                    ],
                },
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {
                    "type": "document",
                    "title": "notes",
                    "source": {"type": "text", "media_type": "text/plain", "data": "words"},
                },
                {"type": "text", "text": "go on"},
            ],
        },
    ],
    "tools": [
        {"name": "read", "description": "Reads.", "input_schema": SCHEMA},
    ],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "metadata": {"user_id": '{"session_id":"s"}'},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": SCHEMA}},
    "stop_sequences": ["END"],
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 5,
    "stream": False,
}
OPENAI: Final[Json] = {
    "model": "auto",
    "max_completion_tokens": 100,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "plan mode"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "hm",
            "tool_calls": [
                {
                    "id": "t1",
                    "type": "function",
                    "function": {"name": "read", "arguments": '{"path":"a"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": [{"type": "text", "text": "found"}]},
        {"role": "user", "content": "go on"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "read",
                "description": "Reads.",
                "parameters": SCHEMA,
                "strict": True,
            },
        }
    ],
    "tool_choice": {"type": "function", "function": {"name": "read"}},
    "parallel_tool_calls": False,
    "reasoning_effort": "high",
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
    "stop": ["END"],
    "temperature": 0.5,
    "top_p": 0.9,
    "n": 1,
    "user": "me",
    "stream": False,
    "stream_options": {"include_usage": True},
}
RESPONSES: Final[Json] = {
    "model": "auto",
    "max_output_tokens": 100,
    "instructions": "Be brief.",
    "input": [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "plan mode"},
                {
                    "type": "input_image",
                    "detail": "auto",
                    "image_url": f"data:image/png;base64,{PIXEL}",
                },
                {
                    "type": "input_file",
                    "filename": "a.pdf",
                    "file_data": "data:application/pdf;base64,JVBERi0x",
                },
            ],
        },
        {"role": "developer", "content": "Now."},
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "c2ln",
        },
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "ok", "annotations": []}],
        },
        {
            "type": "function_call",
            "call_id": "t1",
            "name": "read",
            "namespace": "files",
            "arguments": '{"path":"a"}',
        },
        {"type": "custom_tool_call", "call_id": "t2", "name": "patch", "input": "+ a"},
        {
            "type": "function_call_output",
            "call_id": "t1",
            "output": [{"type": "input_text", "text": "found"}],
        },
        {"type": "custom_tool_call_output", "call_id": "t2", "output": "done"},
        {
            "type": "tool_search_call",
            "call_id": "t3",
            "execution": "client",
            "arguments": {"query": "w"},
        },
        {
            "type": "tool_search_output",
            "call_id": "t3",
            "execution": "client",
            "tools": [{"type": "function", "name": "write", "parameters": SCHEMA}],
        },
        {"role": "user", "content": "go on"},
    ],
    "tools": [
        {
            "type": "namespace",
            "name": "files",
            "description": "Files.",
            "tools": [
                {
                    "type": "function",
                    "name": "read",
                    "description": "Reads.",
                    "parameters": SCHEMA,
                    "strict": True,
                }
            ],
        },
        {
            "type": "custom",
            "name": "patch",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
        },
        {"type": "tool_search", "execution": "client"},
    ],
    "tool_choice": {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "custom", "name": "patch"}],
    },
    "parallel_tool_calls": False,
    "reasoning": {"effort": "high", "summary": "auto"},
    "text": {
        "verbosity": "low",
        "format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True},
    },
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "s",
    "temperature": 0.5,
    "top_p": 0.9,
    "store": False,
    "truncation": "disabled",
    "metadata": {"a": "b"},
    "stream": False,
    "stream_options": {"include_obfuscation": False},
}
BODIES: Final = {
    "/v1/messages": ANTHROPIC,
    "/v1/chat/completions": OPENAI,
    "/v1/responses": RESPONSES,
}
COUNTED: Final = {
    "/v1/messages/count_tokens": ANTHROPIC,
    "/v1/responses/input_tokens": RESPONSES,
}
