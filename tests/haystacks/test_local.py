"""State of one process: bounded, forgotten in time, and never in need of bytes."""

from __future__ import annotations

from haystacks.local import SWEEP_SECONDS, LocalShared
from haystacks.shared import Amount, Kind


def _refuse(_thing: object) -> bytes:
    raise AssertionError("nothing leaves this process")


def _refuse_bytes(_raw: bytes) -> str:
    raise AssertionError("nothing came from elsewhere")


THREE = Kind("three", 60.0, _refuse, _refuse_bytes, most=3)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_thing_is_forgotten_so_long_after_its_last_change_however_often_it_is_read() -> (
    None
):
    clock = Clock()
    local = LocalShared(clock)
    await local.change(THREE, "a", lambda _: "x")
    clock.now = 59.0
    assert await local.read(THREE, "a") == "x"
    clock.now = 60.0
    assert await local.read(THREE, "a") is None
    assert await local.each(THREE) == []


async def test_of_too_many_things_those_stay_that_were_used_last() -> None:
    local = LocalShared()
    for key in "abc":
        local.keep(THREE, key, key)
    await local.read(THREE, "a")
    await local.change(THREE, "d", lambda _: "d")
    assert [key for key, _ in await local.each(THREE)] == ["d", "a", "c"]


async def test_a_counter_is_forgotten_so_long_after_its_last_change_and_its_memory_freed() -> None:
    clock = Clock()
    local = LocalShared(clock)
    await local.add([Amount("a", 5, 100.0), Amount("b", 1, 1000.0)])
    clock.now = 99.0
    assert await local.add([Amount("a", 0, 100.0)]) == [5]
    clock.now = 100.0
    assert await local.add([Amount("a", 0, 100.0)]) == [0], "reading is no change"
    clock.now = 100.0 + SWEEP_SECONDS
    await local.add([])
    assert [total.key for total in local.totals()] == ["b"]
    assert set(local._totals) == {"b"}


async def test_counters_that_are_copied_from_elsewhere_are_freed_as_well() -> None:
    clock = Clock()
    local = LocalShared(clock)
    for minute in range(100):
        clock.now = 60.0 * minute
        local.set_total(f"minute {minute}", 1, 180.0)
    assert len(local._totals) < 10
