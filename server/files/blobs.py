"""Where the contents of files are kept: one small interface, whoever keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from server.files.folder import Folder


class Blobs(Protocol):
    """Contents by name. All raise ``StorageGone`` where they can't be reached."""

    async def keep(self, name: str, path: Path) -> None:
        """Keep a finished local file under a name, all of it or nothing; it may be moved away."""
        ...

    def pieces(self, name: str) -> AsyncIterator[bytes]:
        """Yield a content, a mebibyte or so at a time."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a content, if there is one."""
        ...


def open_blobs(url: str, folder: Path, environ: Mapping[str, str]) -> Blobs:
    """Return the storage that the setting ``blobs`` names: ``s3://bucket/prefix``, or the folder.

    Raises ``ValueError`` where it can't be had.
    """
    if not url:
        return Folder(folder)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise ValueError(f"{url} is no storage of files: leave it out, or write s3://bucket/prefix")
    if wanting := not_installed(url):
        raise ValueError(wanting)
    from server.files.s3 import open_s3  # noqa: PLC0415 - an extra, and slow to import

    return open_s3(parts.netloc, parts.path.strip("/"), environ)


def not_installed(url: str) -> str:
    """Return what the setting ``blobs`` needs and is not installed; empty where nothing is."""
    if url and find_spec("obstore") is None:
        return "s3:// needs an extra: pip install 'rolegraph[s3]'"
    return ""
