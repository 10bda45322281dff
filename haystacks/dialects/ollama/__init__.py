"""Ollama's own wire format, ``/api/chat``."""
