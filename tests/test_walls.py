"""The walls of the house: each import that breaks one makes the linter fail, and names the wall."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BREACHES = [
    ("core/clock.py", "import commonweal.services.registry.values", "Core imports no service"),
    (
        "services/library/service.py",
        "import commonweal.services.registry.service",
        "A service imports no other service",
    ),
    ("services/registry/engine/rows.py", "import django.db", "An engine imports neither Django nor core"),
    ("services/registry/engine/rows.py", "import commonweal.core.clock", "An engine imports neither Django nor core"),
    ("core/ledger/verify.py", "import commonweal.core.policy.rules", "The verifier stands alone"),
    ("services/registry/pages.py", "import commonweal.core.act", "Only a service.py opens the door"),
    ("core/portal/pages.py", "import commonweal.core.act", "Only a service.py opens the door"),
    ("demo/town.py", "import commonweal.services.registry.models", "Nothing outside a service imports its models"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "commonweal", folder / "commonweal", ignore=shutil.ignore_patterns("__pycache__", "build"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    room = folder / "commonweal/services/library"
    room.mkdir()
    for name in ("__init__.py", "service.py"):
        (room / name).touch()
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)}, check=False
    )


def test_the_house_as_it_stands_keeps_its_walls(copy: Path) -> None:
    found = lint(copy)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("file", "line", "wall"), BREACHES)
def test_a_breach_is_caught(copy: Path, file: str, line: str, wall: str) -> None:
    path = copy / "commonweal" / file
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", "utf-8")
    try:
        found = lint(copy)
    finally:
        path.write_text(before, "utf-8")
    assert found.returncode == 1
    assert f"{wall} BROKEN" in found.stdout
