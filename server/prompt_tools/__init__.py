"""Prompts that write prompts: what is asked of a model, and how its answer is read."""
