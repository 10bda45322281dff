"""Anthropic Messages: the canonical form itself, read and checked."""
