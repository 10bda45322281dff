"""LiteLLM's proxy: production mode, one worker, its log down to errors, no retries.

No database, no key, no telemetry, and its list of prices from the package. The
client speaks Messages; translated, the provider speaks chat completions.
"""

from __future__ import annotations

import json
from pathlib import Path

from bench.peers.installing import installed
from bench.peers.peer import Launch, Place, Program
from bench.peers.versions import LITELLM


def find(folder: Path | None) -> Program:
    """Return the installed program, or raise Missing."""
    return Program(installed(folder, "litellm", "bin/litellm"), LITELLM)


def launch(program: Program, place: Place) -> Launch:
    """Write a configuration with one model, called as the bench's requests call it."""
    provider = {"model": "anthropic/model-a", "api_base": place.upstream, "api_key": "bench"}
    if place.way == "translated":
        provider |= {"model": "openai/model-a", "api_base": f"{place.upstream}/v1"}
    configuration = {
        "model_list": [{"model_name": "auto", "litellm_params": provider}],
        "litellm_settings": {
            "num_retries": 0,
            "telemetry": False,
            "set_verbose": False,
            # Otherwise it speaks Responses to OpenAI's.
            "use_chat_completions_url_for_anthropic_messages": True,
        },
        "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
    }
    file = place.folder / "config.yaml"
    file.write_text(json.dumps(configuration))  # which is YAML too
    options = ("--config", str(file), "--host", "127.0.0.1", "--port", str(place.port))
    environment = {
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        # It takes the stand-in's words, all of them alike, for a model that has gone mad.
        "REPEATED_STREAMING_CHUNK_LIMIT": "1000000",
    }
    return Launch((str(program.path), *options, "--num_workers", "1"), environment)
