"""Every test runs on a node of its own, in a temporary folder, with real files and a real database."""
from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

_folder = Path(tempfile.mkdtemp(prefix="commonweal-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["COMMONWEAL_HOME"] = str(_folder)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in the test's own thread

from commonweal.config import node as nodes  # noqa: E402

nodes.create(_folder, "Testford", "demo.testford.example/log", "http://localhost:8000", ("registry",))


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of outside test data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("COMMONWEAL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set COMMONWEAL_TEST_DATA")
    return folder
