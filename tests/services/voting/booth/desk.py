"""A trustee at the trustees' page, with the keyboard alone: what the tests of their work do again and again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.walk.visitors import tab_to

SECRET, HANDED = "Save the secret file", "Save the file to hand over"


@dataclass
class Trustee:
    """A person with a browser and a folder of their own; `files` are those they saved, by what they are."""

    page: Page
    folder: Path
    box: str
    uuid: str
    files: dict[str, Path] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=2))

    def open(self) -> None:
        """The page, at its start, on the day after every test's election has closed."""
        self.page.clock.set_fixed_time(self.now)
        self.page.goto(f"{self.box}/trustee/{self.uuid}/?lang=en")
        self.page.get_by_role("heading", name="The trustee’s work").wait_for()

    def go(self, words: str) -> None:
        """Tab to a button and press it."""
        tab_to(self.page, self.page.get_by_role("button", name=words, exact=True))
        self.page.keyboard.press("Enter")

    def write(self, **values: object) -> None:
        """Fill fields in by their ids."""
        for name, value in values.items():
            tab_to(self.page, self.page.locator(f"#{name}"))
            self.page.keyboard.type(str(value))

    def choose(self, name: str, *files: Path) -> None:
        """Tab to a file field; what its key opens is the browser's own window, in which these are chosen."""
        target = self.page.locator(f"#{name}")
        tab_to(self.page, target)
        target.set_input_files(list(files))

    def save(self, words: str) -> Path:
        """Press a button that gives a file, and keep it."""
        with self.page.expect_download() as download:
            self.go(words)
        path = self.folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def keep(self) -> None:
        """Save what a move gave."""
        self.page.get_by_role("heading", name="Your files").wait_for()
        if self.page.get_by_role("button", name=SECRET).count():
            self.files["secret"] = self.save(SECRET)
        path = self.save(HANDED)
        self.files[self.handed(path)["move"]] = path

    def handed(self, path: Path) -> Any:
        """What a file says."""
        return json.loads(path.read_text("utf-8"))

    def message(self, move: str) -> Any:
        """What the file of this move says."""
        return self.handed(self.files[move])

    # The moves

    def make_key(self) -> Any:
        """A key of which all are needed; returns what is handed over."""
        self.open()
        self.go("Make a key of which all are needed")
        self.go("Make the key")
        self.keep()
        return self.message("single")

    def certify(self, size: int, threshold: int, index: int) -> Any:
        """A threshold key's first move."""
        self.open()
        self.go("Begin a threshold key")
        self.write(size=size, threshold=threshold, index=index)
        self.go("Make the certificate")
        self.keep()
        return self.message("certificate")

    def go_on(self, move: str, *files: Path) -> Any:
        """Its second and third."""
        self.open()
        self.go("Go on with a threshold key")
        self.choose("secret", self.files["secret"])
        self.choose("files", *files)
        self.go("Make my next move")
        self.keep()
        return self.message(move)

    def shuffle(self, plan: str, end: str) -> Locator:
        """Ask for this trustee's shuffle; returns where the page says how that went."""
        return self._after_the_close("Shuffle the ranked ballots", "Check everything and shuffle", plan, end)

    def decrypt(self, plan: str, end: str) -> Locator:
        """Ask for this trustee's part of the result; the same."""
        return self._after_the_close("Decrypt my part of the result", "Check everything and decrypt", plan, end)

    def _after_the_close(self, task: str, begin: str, plan: str, end: str) -> Locator:
        self.open()
        self.go(task)
        self.choose("secret", self.files["secret"])
        self.write(plan=plan, end=end)
        self.go(begin)
        return self.page.locator("#errors, h1:has-text(' is ready')")

    def send(self, what: str = "part") -> str:
        """Send the part, or the shuffle, that is ready; returns what the page says."""
        self.go(f"Send my {what} to the ballot server")
        said = self.page.locator("#said")
        expect(said).not_to_be_empty()
        return said.inner_text()


def make_threshold_key(people: Sequence[Trustee], needed: int) -> list[object]:
    """Every move of everybody; returns all that they handed over."""
    said = [who.certify(len(people), needed, index) for index, who in enumerate(people, 1)]
    certificates = [who.files["certificate"] for who in people]
    said += [who.go_on("shares", *certificates) for who in people]
    shares = [who.files["shares"] for who in people]
    return said + [who.go_on("finished", *certificates, *shares) for who in people]
