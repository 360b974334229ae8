"""The table of ASVS is complete, names tests that exist, and turns a run red when one of them was not passed."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests import asvs

NOT_PASSED = {
    "skipped": ("import pytest\ndef test_it(): pytest.skip('later')", "skipped"),
    "skipped by a mark": ("import pytest\n@pytest.mark.skip\ndef test_it(): pass", "skipped"),
    "expected to fail": ("import pytest\n@pytest.mark.xfail\ndef test_it(): assert 0", "skipped"),
    "failed": ("def test_it(): assert 0", "failed"),
    "failed while it was taken down": (
        "import pytest\n@pytest.fixture\ndef it():\n    yield\n    assert 0\ndef test_it(it): pass",
        "failed",
    ),
    "one of several": (
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n):\n    if n == 2: pytest.skip('no')",
        "skipped",
    ),
}
PASSED = "def test_it(): pass"
NO_TOOL = "import pytest\ndef test_it(): pytest.skip('chromium is not on this machine')"


def run(folder: Path, source: str, *options: str, ci: str = "", named: str = "test_one.py::test_it") -> tuple[int, str]:
    """A run of one test that requirement 0.0.1 names: its exit status and what it said."""
    (folder / "test_one.py").write_text(source + "\ndef test_other(): pass\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    script = (
        "import pytest, sys; from tests.asvs import Requirement, Watch; "
        f"sys.exit(pytest.main({['-q', '-p', 'no:django', '-p', 'no:cacheprovider', '--rootdir', '.', *options]!r}, "
        f"plugins=[Watch([Requirement('0.0.1', 'x', ({named!r},))])]))"
    )
    environment = {"PYTHONPATH": str(asvs.ROOT), "PATH": "/usr/bin:/bin"} | ({"CI": ci} if ci else {})
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


def test_each_of_the_253_is_answered_once_and_no_other() -> None:
    answered = [one.id for one in asvs.requirements()]
    assert len(answered) == 253
    assert sorted(answered) == sorted(asvs.known_ids())


def test_at_least_half_are_proved_by_tests() -> None:
    assert sum(bool(one.tests) for one in asvs.requirements()) >= 127


def test_the_page_is_what_is_generated() -> None:
    assert asvs.PAGE.read_text() == asvs.page(), "run `python -m tests.asvs`"


def test_each_named_test_exists() -> None:
    named = {test for one in asvs.requirements() for test in one.tests}
    assert not sorted(test for test in named if not exists(test))


def exists(test: str) -> bool:
    """Whether a file has this test function, or class and test."""
    file, *names = test.split("::")
    path = asvs.ROOT / file
    nodes: list[ast.stmt] = ast.parse(path.read_text()).body if path.is_file() else []
    for name in names:
        found = [node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
        if not found:
            return False
        nodes = found[0].body
    return path.is_file()


def test_an_invented_test_does_not_exist() -> None:
    assert not exists("tests/test_asvs.py::test_of_nothing")
    assert not exists("tests/test_nothing.py::test_of_nothing")


def test_reasons_are_dated_and_no_promises_for_later() -> None:
    for one in asvs.requirements():
        assert bool(one.tests) != bool(one.reason)
        assert not one.reason or (one.on and date(2026, 1, 1) <= one.on)


@pytest.mark.parametrize("answer", [{}, {"tests": ["t"], "reason": "x", "date": date(2026, 1, 1)}, {"reason": "x"}])
def test_an_answer_that_is_none_is_named(answer: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"1\.2\.3"):
        asvs._requirement("1.2.3", {"says": "x"} | answer)


@pytest.mark.parametrize(("how", "options"), [*((how, ()) for how in NOT_PASSED), ("skipped", ("-n", "2"))])
def test_a_named_test_that_was_not_passed_turns_the_run_red(tmp_path: Path, how: str, options: tuple[str, ...]) -> None:
    source, outcome = NOT_PASSED[how]
    status, said = run(tmp_path, source, *options)
    assert status == 1
    assert f"V0.0.1: test_one.py::test_it{'[2]' if how == 'one of several' else ''} {outcome}" in said


def test_a_run_that_stops_early_is_red(tmp_path: Path) -> None:
    status, said = run(tmp_path, "def test_a(): assert 0\ndef test_it(): pass", "-x")
    assert status == 1
    assert "V0.0.1: test_one.py::test_it not run" in said


def test_a_run_that_passes_is_green(tmp_path: Path) -> None:
    for options in ((), ("-n", "2")):
        status, said = run(tmp_path, PASSED, *options)
        assert (status, "V0.0.1" in said) == (0, False), said


def test_a_tool_that_is_missing_is_a_warning_here_and_red_in_ci(tmp_path: Path) -> None:
    status, said = run(tmp_path, NO_TOOL)
    assert (status, "V0.0.1: test_one.py::test_it skipped" in said) == (0, True)
    assert run(tmp_path, NO_TOOL, ci="true")[0] == 1


def test_a_run_of_some_tests_is_not_judged(tmp_path: Path) -> None:
    source = NOT_PASSED["skipped"][0]
    assert run(tmp_path, source, "-k", "other")[0] == 0
    assert run(tmp_path, source, "--collect-only")[0] == 0
