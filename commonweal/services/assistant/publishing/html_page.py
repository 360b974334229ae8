"""What an HTML page says of itself, and the part of it that people come for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from commonweal.services.assistant.engine.reading import closed

MAIN, ARTICLE, BODY = range(3)  # which part is taken, the first that there is


@dataclass
class HtmlPage:
    """`title`, `<h1>`, `<html lang>`, `<meta name=... content=...>`, the JSON-LD in it; `main` is without frame."""

    title: str = ""
    heading: str = ""
    language: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    linked_data: list[str] = field(default_factory=list)
    main: str = ""

    @property
    def name(self) -> str:
        """The title; where the site's name was put behind it, only what its heading says too."""
        return self.heading if self.heading and self.title.startswith(self.heading) else self.title or self.heading


def read(text: str) -> HtmlPage:
    """Read a page."""
    text = closed(text)
    reader = _Reader(text)
    reader.feed(text)
    reader.close()
    return reader.finished()


@dataclass
class _Part:
    """An element that may be the main part: from where to where, and how many of its tag are open in it."""

    tag: str
    start: int
    end: int | None = None
    open: int = 1


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._page = HtmlPage()
        self._lines = [0]  # where each line begins
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._parts: dict[int, _Part] = {}
        self._reads = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: content or "" for name, content in attrs}
        if tag == "html":
            self._page.language = given.get("lang", "")
        elif tag == "meta" and given.get("name"):
            self._page.meta.setdefault(given["name"].casefold(), given.get("content", "").strip())
        elif tag == "script":
            self._begin("script" if given.get("type", "").casefold() == "application/ld+json" else "")
        elif (tag == "title" and not self._page.title) or (tag == "h1" and not self._page.heading):
            self._begin(tag)
        for part in self._open(tag):
            part.open += 1
        kind = MAIN if tag == "main" or given.get("role") == "main" else {"article": ARTICLE, "body": BODY}.get(tag)
        if kind is not None and kind not in self._parts:
            self._parts[kind] = _Part(tag, self._here() + len(self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._reads:
            self._end()
        for part in self._open(tag):
            part.open -= 1
            if not part.open:
                part.end = self._here()

    def handle_data(self, data: str) -> None:
        if self._reads:
            self._words.append(data)

    def finished(self) -> HtmlPage:
        """What was read, when all of it was."""
        part = self._parts[min(self._parts)] if self._parts else None
        self._page.main = self._text[part.start : part.end] if part else self._text
        return self._page

    def _begin(self, what: str) -> None:
        self._reads, self._words = what, []

    def _end(self) -> None:
        words = "".join(self._words)
        if self._reads == "script":
            self._page.linked_data.append(words)
        elif self._reads == "title":
            self._page.title = " ".join(words.split())
        else:
            self._page.heading = " ".join(words.split())
        self._reads = ""

    def _open(self, tag: str) -> list[_Part]:
        return [part for part in self._parts.values() if part.tag == tag and part.end is None]

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
