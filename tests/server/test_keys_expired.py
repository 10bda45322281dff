"""From when on a key opens nothing."""

from datetime import UTC, datetime

from server.keys import ClientKey

END = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_key_with_an_end_opens_until_then() -> None:
    key = ClientKey("mine", "0" * 64, expires=END)
    assert not key.expired(END.timestamp() - 1)
    assert key.expired(END.timestamp())


def test_a_key_without_an_end_opens_for_ever() -> None:
    assert not ClientKey("mine", "0" * 64).expired(END.timestamp() * 9)
