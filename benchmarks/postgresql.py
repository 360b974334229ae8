"""A PostgreSQL server and a folder of a benchmark's own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_server(name: str) -> Iterator[Path]:
    """A folder for the node of a benchmark, whose database `DATABASE_URL` names; both go afterwards.

    Without PostgreSQL on the machine the benchmark says so and ends.
    """
    from tests.postgres import NoPostgreSQL, Server

    try:
        server = Server()
    except NoPostgreSQL as reason:
        print(f"{name}: {reason}")
        sys.exit(0)
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    os.environ["DATABASE_URL"] = server.create("bench")
    try:
        yield folder
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
