"""Every dialect by its name: those that clients and upstreams speak, and the upstreams'."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from haystacks.dialect import Dialect, UpstreamDialect
from haystacks.dialects.anthropic import dialect as anthropic
from haystacks.dialects.gemini import dialect as gemini
from haystacks.dialects.ollama import dialect as ollama
from haystacks.dialects.openai_chat import dialect as openai_chat
from haystacks.dialects.openai_responses import dialect as openai_responses
from haystacks.pool import DialectName

DIALECTS: Final[Mapping[DialectName, Dialect]] = MappingProxyType(
    {
        "anthropic": anthropic,
        "openai_chat": openai_chat,
        "openai_responses": openai_responses,
    }
)

UPSTREAMS: Final[Mapping[DialectName, UpstreamDialect]] = MappingProxyType(
    {**DIALECTS, "gemini": gemini, "ollama": ollama}
)
