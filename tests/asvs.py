"""How each requirement of OWASP's ASVS 5.0.0, levels 1 and 2, is met: docs/asvs/*.toml, and docs/asvs.md made of them.

As a pytest plugin (`-p tests.asvs`) it makes a whole run red when a test that a requirement names was not passed.
`python -m tests.asvs` writes docs/asvs.md.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "docs/asvs"
PAGE = ROOT / "docs/asvs.md"
TOOLS = ("chromium", "PostgreSQL", "Java", "java", "Go", "go ", "npm", "node_modules")
"""What CI has and a developer's machine may lack: words in the reason of a skip that is only a warning there."""


@dataclass(frozen=True)
class Requirement:
    """One requirement by its number, our own words for it, and either tests that prove it or a dated reason."""

    id: str
    says: str
    tests: tuple[str, ...] = ()
    reason: str = ""
    on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether we say ourselves that it is not met."""
        return self.reason.startswith("open:")


@dataclass(frozen=True)
class Chapter:
    """A chapter of the standard and its requirements, in order."""

    number: int
    title: str
    requirements: tuple[Requirement, ...]


def known_ids() -> list[str]:
    """The numbers that must be answered, such as `1.2.4`."""
    sections = tomllib.loads((SOURCES / "ids.toml").read_text())
    return [f"{section}.{number}" for section, numbers in sections.items() for number in numbers]


def chapters() -> list[Chapter]:
    """Every chapter. Raises ValueError, naming the requirement, for an answer that is none."""
    files = sorted(SOURCES.glob("V*.toml"), key=lambda file: int(file.stem[1:]))
    return [_chapter(int(file.stem[1:]), tomllib.loads(file.read_text())) for file in files]


def requirements() -> list[Requirement]:
    """Every requirement of every chapter."""
    return [requirement for chapter in chapters() for requirement in chapter.requirements]


def _chapter(number: int, content: dict[str, Any]) -> Chapter:
    title = content.pop("title")
    return Chapter(number, title, tuple(_requirement(id_, answer) for id_, answer in content.items()))


def _requirement(id_: str, answer: dict[str, Any]) -> Requirement:
    tests, reason, on = tuple(answer.get("tests", ())), answer.get("reason", ""), answer.get("date")
    if bool(tests) == bool(reason) or (reason and not isinstance(on, date)):
        raise ValueError(f"{id_} needs either tests, or a reason and its date")
    if unknown := answer.keys() - {"says", "tests", "reason", "date"}:
        raise ValueError(f"{id_} has {unknown}, which means nothing here")
    return Requirement(id_, answer["says"], tests, reason, on)


# The page


def page() -> str:
    """docs/asvs.md."""
    everything = requirements()
    counts = Counter("tests" if one.tests else "open" if one.is_open else "reason" for one in everything)
    return "\n".join(
        [
            "# ASVS 5.0.0, level 2",
            "",
            "How we meet each requirement of levels 1 and 2 of OWASP's Application Security Verification Standard.",
            "Made by `python -m tests.asvs` from `docs/asvs/`; numbers are the standard's, words are ours. A whole run",
            "of the tests is red when one of the tests named here was skipped, failed or not run.",
            "",
            f"Of {len(everything)} requirements {counts['tests']} are proved by tests; {counts['reason']} have a",
            "reason why they do not apply, how they are met without a test, or what the operator has to do; "
            f"{counts['open']} are open: not met, or not wholly.",
            *(line for chapter in chapters() for line in _lines(chapter)),
            "",
        ]
    )


def _lines(chapter: Chapter) -> Iterator[str]:
    proved = sum(bool(one.tests) for one in chapter.requirements)
    yield from ("", f"## V{chapter.number} {chapter.title}", "")
    yield from (f"{proved} of {len(chapter.requirements)} by tests.", "", "| | what is asked | how |", "|---|---|---|")
    for one in chapter.requirements:
        how = "; ".join(map(_link, one.tests)) if one.tests else f"{one.reason} ({one.on})"
        yield f"| {one.id} | {one.says} | {how} |"


def _link(test: str) -> str:
    file, _colons, name = test.partition("::")
    return f"[{name or Path(file).name}](../{file})"


# The plugin


class Watch:
    """Looks on while tests run. Only a run that collected every named test is judged."""

    def __init__(self, watched: Iterable[Requirement]) -> None:
        self.watched = [one for one in watched if one.tests]
        self.outcomes: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.judged = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        is_one_of_several = hasattr(session.config, "workerinput")  # then who started it judges
        if not session.config.option.collectonly and not is_one_of_several:
            self._begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._begin(ids)

    def _begin(self, collected: list[str]) -> None:
        named = {test for one in self.watched for test in one.tests}
        self.judged = all(any(is_named(item, test) for item in collected) for test in named)
        expected = {item: "not run" for item in collected if any(is_named(item, test) for test in named)}
        self.outcomes = expected | self.outcomes

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid not in self.outcomes:
            return
        if report.outcome != "passed":  # while it was set up, run or taken down
            self.outcomes[report.nodeid] = report.outcome
            self.reasons[report.nodeid] = str(report.longrepr)
        elif report.when == "call":
            self.outcomes[report.nodeid] = "passed"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if any(self.faults()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for title, lines in (("ASVS requirements that turned red", self.faults()), ("ASVS: no tool", self.missing())):
            if lines := list(lines):
                terminalreporter.section(title)
                terminalreporter.write("\n".join(lines) + "\n")

    def faults(self) -> Iterator[str]:
        """Each named test that was not passed, with the requirement's number; a missing tool is a fault in CI only."""
        return (line for line, excused in self._not_passed() if not excused)

    def missing(self) -> Iterator[str]:
        """Each named test that was skipped because this machine lacks a tool that CI has."""
        return (line for line, excused in self._not_passed() if excused)

    def _not_passed(self) -> Iterator[tuple[str, bool]]:
        for one in self.watched if self.judged else ():
            for item, outcome in self.outcomes.items():
                if outcome != "passed" and any(is_named(item, test) for test in one.tests):
                    excused = outcome == "skipped" and not os.environ.get("CI") and self._lacks_a_tool(item)
                    yield f"V{one.id}: {item} {outcome}", excused

    def _lacks_a_tool(self, item: str) -> bool:
        return any(tool in self.reasons.get(item, "") for tool in TOOLS)


def is_named(item: str, test: str) -> bool:
    """Whether a test that runs is meant: the test itself, one of its parameters, or one of its file or class."""
    return item == test or item.startswith((f"{test}[", f"{test}::"))


def pytest_configure(config: pytest.Config) -> None:
    """Watch every run of this repository's tests."""
    config.pluginmanager.register(Watch(requirements()), "asvs-watch")


if __name__ == "__main__":
    PAGE.write_text(page())
