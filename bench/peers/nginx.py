"""nginx as a plain proxy: what moving the bytes costs alone.

One worker, no log of accesses, connections to the provider kept open, and no
buffering of answers, as anyone must set who relays events.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.peers.peer import Launch, Missing, Place, Program

# A connection must not be closed after so many requests: the next one would be lost.
_CONFIGURATION: Final = """\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream provider {{
    server {provider};
    keepalive 16;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


def find(installed: Path | None) -> Program:
    """Return the system's nginx, or raise Missing; none is installed for it."""
    del installed
    # Debian keeps it where only root's PATH leads.
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Missing("nginx is not on this machine")
    told = subprocess.run([path, "-v"], check=True, capture_output=True, text=True).stderr
    return Program(Path(path), told.strip().rpartition("/")[2])


def launch(program: Program, place: Place) -> Launch:
    """Pass everything to the provider as it is."""
    provider = urlsplit(place.upstream).netloc
    text = _CONFIGURATION.format(folder=place.folder, provider=provider, port=place.port)
    file = place.folder / "nginx.conf"
    file.write_text(text)
    return Launch((str(program.path), "-e", "stderr", "-p", str(place.folder), "-c", str(file)))
