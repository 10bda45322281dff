"""A server that speaks S3: moto's, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

BUCKET = "files"


@dataclass(frozen=True, slots=True)
class S3Server:
    """It is reached with ``environ``, and its one bucket is named ``files``."""

    url: str
    process: subprocess.Popen[str]

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
        }


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Serve an empty bucket on a free port."""
    program = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    process = subprocess.Popen(
        program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = ""
        while "Running on " not in said:
            said = process.stderr.readline()
            assert said, f"it ended with {process.wait()}"
        url = said.split("Running on ")[1].strip()
        urllib.request.urlopen(urllib.request.Request(f"{url}/{BUCKET}", method="PUT")).close()
        yield S3Server(url, process)
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()
