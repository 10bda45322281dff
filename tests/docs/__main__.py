"""``python -m tests.docs`` writes the tables that the code knows into the pages."""

from __future__ import annotations

from tests.docs.pages import PAGES, ROOT
from tests.docs.tables import with_tables

for page in PAGES:
    (ROOT / page.name).write_text(with_tables(page.text), encoding="utf-8")
