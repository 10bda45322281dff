"""A provider on loopback that does what a test tells it to, its faults included."""

from tests.standin.answer import Answer, Held, Slow
from tests.standin.faults import (
    CloseBeforeFirstEvent,
    DieMidStream,
    ErrorFirst,
    Events,
    Html,
    Raw,
    Reset,
    Silent,
    Status,
    refused_url,
)
from tests.standin.said import ToolCall
from tests.standin.server import Script, StandIn
from tests.standin.wire import Behaviour, Seen, Wire

__all__ = [
    "Answer",
    "Behaviour",
    "CloseBeforeFirstEvent",
    "DieMidStream",
    "ErrorFirst",
    "Events",
    "Held",
    "Html",
    "Raw",
    "Reset",
    "Script",
    "Seen",
    "Silent",
    "Slow",
    "StandIn",
    "Status",
    "ToolCall",
    "Wire",
    "refused_url",
]
