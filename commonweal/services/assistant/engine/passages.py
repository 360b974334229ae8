"""Heading-aware passages of a page: what is indexed, found and quoted.

A quotation is `text[span.start:span.end]` of the readable text of a stored version: verbatim by construction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from commonweal.services.assistant.engine.reading import Readable, read_html, read_markdown

_SENTENCE_END = re.compile(r"(?:(?<![.!?؟।])[.!?؟।]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”)]*)\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|e\.g|i\.e|etc|approx|vs|no|nos|art|arts|st|mr|mrs|ms|dr|prof|sr|sra|dra|núm|pág|av|apdo|mme|mlle"
    r"|inc|dept|cf|env|tél|tel|p|pp|u\.s|a\.m|p\.m)|\b\d+)\.\Z",
    re.I,
)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
MOST_WORDS = 120


@dataclass(frozen=True)
class Page:
    """One version of a page. `source` is Markdown or HTML, `language` a BCP 47 tag."""

    id: str
    title: str
    source: str
    language: str = "en"
    format: str = "markdown"
    description: str = ""

    def readable(self) -> Readable:
        """The readable text that spans point into. Raises ValueError for a format that we do not read."""
        if self.format == "markdown":
            return read_markdown(self.source)
        if self.format == "html":
            return read_html(self.source)
        raise ValueError(f"A page is in Markdown or HTML, not in {self.format!r}.")


@dataclass(frozen=True)
class Span:
    """Character offsets into the readable text of a version."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The quoted words."""
        return text[self.start : self.end]

    def bytes_of(self, text: str) -> tuple[int, int]:
        """The same span as offsets into the UTF-8 bytes of the text."""
        start = len(text[: self.start].encode())
        return start, start + len(self.of(text).encode())


@dataclass(frozen=True)
class Passage:
    """At most 120 words under one heading."""

    page: str
    ordinal: int
    language: str
    title: str
    headings: tuple[str, ...]
    anchor: str
    text: str
    sentences: tuple[Span, ...]

    @property
    def key(self) -> str:
        """Page and place in it."""
        return f"{self.page}#{self.ordinal}"


def version_hash(text: str) -> str:
    """SHA-256 of a version's readable text, in hexadecimal: what a citation names beside the offsets."""
    return hashlib.sha256(text.encode()).hexdigest()


def passages_of(page: Page) -> tuple[Passage, ...]:
    """The passages of a page in reading order; `text` is the readable text from the first sentence to the last."""
    readable = page.readable()
    found: list[Passage] = []
    for headings, anchor, spans in _sections(readable):
        for part in _parts(readable.text, spans):
            text = readable.text[part[0].start : part[-1].end]
            found.append(Passage(page.id, len(found), page.language, page.title, headings, anchor, text, tuple(part)))
    return tuple(found)


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Sentence spans of `text[start:end]`, without the white space around them."""
    end = len(text) if end is None else end
    at = start
    for match in _SENTENCE_END.finditer(text, start, end):
        if _ABBREVIATION.search(text, max(at, match.start() - 8), match.start() + 1):
            continue
        if match.end() > at:
            yield _trimmed(text, at, match.end())
        at = match.end()
    if text[at:end].strip():
        yield _trimmed(text, at, end)


def word_count(text: str) -> int:
    """Words, where a word of a script without spaces is taken as two characters."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    return Span(start + len(words) - len(words.lstrip()), start + len(words.rstrip()))


def _sections(readable: Readable) -> Iterator[tuple[tuple[str, ...], str, list[Span]]]:
    """Heading path, anchor and sentence spans of each stretch of text between two headings."""
    path: list[tuple[int, str]] = []
    anchor = ""
    spans: list[Span] = []
    for block in readable.blocks:
        if not block.level:
            spans.extend(sentences(readable.text, block.start, block.end))
            continue
        if spans:
            yield tuple(words for _, words in path), anchor, spans
        path = [(level, words) for level, words in path if level < block.level]
        path.append((block.level, readable.text[block.start : block.end]))
        anchor, spans = block.anchor, []
    if spans:
        yield tuple(words for _, words in path), anchor, spans


def _parts(text: str, spans: list[Span]) -> Iterator[list[Span]]:
    part: list[Span] = []
    words = 0
    for span in spans:
        count = word_count(span.of(text))
        if part and words + count > MOST_WORDS:
            yield part
            part, words = [], 0
        part.append(span)
        words += count
    if part:
        yield part
