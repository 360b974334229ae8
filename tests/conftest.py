"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of outside test data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("COMMONWEAL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set COMMONWEAL_TEST_DATA")
    return folder
