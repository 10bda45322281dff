"""OpenAI Responses, to and from the canonical form."""
