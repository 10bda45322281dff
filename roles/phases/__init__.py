"""The phases of routing, one file each: a question to the request, answered or passed on.

A phase is a function ``(facts, view, live) -> Answer | Pass``. A new one is a new
file here and a line in the table of ``roles/route.py``.
"""
