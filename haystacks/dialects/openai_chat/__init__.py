"""OpenAI Chat Completions, to and from the canonical form."""
