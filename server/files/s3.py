"""Contents of files in a bucket of S3, or of what speaks its protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from server.files.gone import gone

_PIECE: Final = 1024 * 1024

# The usual variables; others of AWS_ are for other programs.
_VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
# A client waits meanwhile: better a 503 that it can repeat.
_PATIENCE: Final = timedelta(seconds=10)


def open_s3(bucket: str, prefix: str, environ: Mapping[str, str]) -> S3:
    """Return the storage; nothing is asked of it yet. Raises ``ValueError``."""
    config: dict[str, Any] = {name: environ[name] for name in _VARIABLES if environ.get(name)}
    plain = any(config.get(name, "").startswith("http:") for name in _VARIABLES)
    try:
        store = S3Store(
            bucket,
            prefix=prefix or None,
            config=config,  # type: ignore[arg-type]  # by their names as variables, too
            client_options={"allow_http": plain},
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )
    except BaseError as error:
        raise ValueError(f"s3://{bucket} can't be used: {error}") from error
    return S3(store)


class S3:
    """Keeps each content as an object, which appears when all of it has arrived."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def keep(self, name: str, path: Path) -> None:
        """Send a file; a large one in parts, none of which is seen before all are there."""
        with gone(OSError, BaseError):
            await obstore.put_async(self._store, name, path)

    async def pieces(self, name: str) -> AsyncIterator[bytes]:
        """Yield a content."""
        with gone(OSError, BaseError):
            got = await obstore.get_async(self._store, name)
            stream = aiter(got.stream(min_chunk_size=_PIECE))
        while True:
            with gone(OSError, BaseError):
                piece = await anext(stream, None)
            if piece is None:
                return
            yield bytes(piece)

    async def remove(self, name: str) -> None:
        """Remove a content, if there is one."""
        with gone(OSError, BaseError):
            try:
                await obstore.delete_async(self._store, name)
            except FileNotFoundError:
                return  # S3 itself says nothing of it; others do
