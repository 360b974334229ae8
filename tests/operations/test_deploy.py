"""The units of deploy/systemd are what systemd understands, and lock the service up well."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "deploy/systemd"
without_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units with a command that is there."""
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(re.sub(r"/opt/commonweal/\S*/commonweal", "/bin/true", unit.read_text()))
    return [str(path) for path in sorted(tmp_path.iterdir())]


@without_systemd
def test_systemd_understands_the_units(units: list[str]):
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if "commonweal" in line]
    assert len(units) == 3


@without_systemd
def test_the_service_is_locked_up(units: list[str]):
    service = next(unit for unit in units if unit.endswith("commonweal.service"))
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", service]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not loaded")
    assert done.returncode == 0, done.stdout[-300:]
