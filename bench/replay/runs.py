"""The day under each policy, side by side, each in a process of its own."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import structlog

from bench.replay.day import day
from bench.replay.home import snapshot
from bench.replay.policies import POLICIES
from bench.replay.run import replay
from bench.replay.table import Row, rows


def all_rows(sessions: int, turns: int, seed: int, *, free: bool) -> list[Row]:
    """Return a row for each role and policy; those of a role follow one another."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(_rows, name, sessions, turns, seed, free=free) for name in POLICIES]
        return [row for role in zip(*(run.result() for run in runs), strict=True) for row in role]


def _rows(policy: str, sessions: int, turns: int, seed: int, *, free: bool) -> list[Row]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asks = day(sessions, turns, seed)
    return rows(policy, asyncio.run(replay(asks, POLICIES[policy], snapshot(free=free))))
