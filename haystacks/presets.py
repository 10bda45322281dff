"""The providers that a haystack file can name, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from haystacks.pool import DialectName


@dataclass(frozen=True, slots=True)
class Preset:
    """What a service is taken to be unless its file says otherwise.

    ``location`` is empty where only the user knows it, ``key_variable`` where
    no key is needed. ``prices`` is the provider's name in genai-prices. ``free``
    marks what runs on the user's own machines, and so has no price per token.
    """

    dialect: DialectName
    location: str = ""
    key_variable: str = ""
    prices: str = ""
    free: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


# OpenRouter's rankings name the program that called by this.
_OPENROUTER_HEADERS: Final = {"x-title": "Rolegraph"}

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "openrouter": Preset(
            "openai_chat",
            "https://openrouter.ai/api/v1",
            "OPENROUTER_API_KEY",
            "openrouter",
            headers=_OPENROUTER_HEADERS,
        ),
        "anthropic": Preset(
            "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "anthropic"
        ),
        "openai": Preset("openai_chat", "https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
        "deepseek": Preset(
            "openai_chat", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "deepseek"
        ),
        "gemini": Preset(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta",
            "GEMINI_API_KEY",
            "google",
        ),
        "groq": Preset("openai_chat", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq"),
        "cerebras": Preset(
            "openai_chat", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", "cerebras"
        ),
        "mistral": Preset("openai_chat", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral"),
        "together": Preset(
            "openai_chat", "https://api.together.ai/v1", "TOGETHER_API_KEY", "together"
        ),
        "fireworks": Preset(
            "openai_chat",
            "https://api.fireworks.ai/inference/v1",
            "FIREWORKS_API_KEY",
            "fireworks",
        ),
        "xai": Preset("openai_chat", "https://api.x.ai/v1", "XAI_API_KEY", "x-ai"),
        "ollama": Preset("ollama", "http://127.0.0.1:11434", free=True),
        "vllm": Preset("openai_chat", "http://127.0.0.1:8000/v1", free=True),
        "lmstudio": Preset("openai_chat", "http://127.0.0.1:1234/v1", free=True),
        "openai-compatible": Preset("openai_chat"),
        "anthropic-compatible": Preset("anthropic"),
        "simulated": Preset("openai_chat", free=True),
    }
)

# Terraphim's services that search documents. They are kept, and never asked for an answer.
SEARCH_SERVICES: Final = frozenset(
    {
        "aiassistant",
        "atomic",
        "clickup",
        "grepapp",
        "jmap",
        "mcp",
        "perplexity",
        "queryrs",
        "quickwit",
        "ripgrep",
    }
)
