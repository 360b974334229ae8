"""Loaded before Django's settings (`-p tests.node`): every run has a node of its own in a temporary folder.

`COMMONWEAL_TEST_ENGINE=postgresql` runs the same tests on a PostgreSQL server of their own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from commonweal.config import node as nodes

folder = Path(tempfile.mkdtemp(prefix="commonweal-test-"))
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["COMMONWEAL_HOME"] = str(folder)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in the test's own thread
os.environ.pop("DATABASE_URL", None)
if os.environ.get("COMMONWEAL_TEST_ENGINE") == "postgresql":
    from tests.postgres import Server

    server = Server()
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = f"{server.address}/commonweal"
nodes.create(folder, "Testford", "demo.testford.example/log", "http://localhost:8000", nodes.ROOMS)
