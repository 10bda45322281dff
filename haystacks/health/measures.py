"""How a candidate has lately answered."""

from __future__ import annotations

from kg.value import value


@value
class Measures:
    """A decayed view of real traffic: what is older counts less.

    ``samples`` is how many answers it rests on, aged like them. ``first_token``
    is in seconds, ``success`` from 0 to 1; ``in_flight`` are calls under way now.
    """

    samples: float
    first_token: float
    tokens_per_second: float
    success: float
    in_flight: int = 0
