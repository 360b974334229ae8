"""From a page's Markdown or HTML source to its readable text: blocks in order, headings with their anchors.

The readable text is a function of the source alone, so offsets into it stay valid for as long as the version is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

# Whoever publishes may send anything, so none of these looks far for an end that may not come.
_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n.*?\n---[^\S\n]*(?:\n|\Z)", re.S)
_LIQUID = (("%}", re.compile(r"\{%.*?%\}", re.S)), ("}}", re.compile(r"\{\{.*?\}\}", re.S)))
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\((?:[^()\n]|\([^()\n]*\))*\)(?:\{[^}\n]{0,200}\})?")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1")
_SLANT = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_HEADING = re.compile(r"#{1,6}(?=.)")
_ANCHOR = re.compile(r"\{#([\w-]+)\}\Z")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?=\S)")
_RULE = re.compile(r"[-*_=|:\s]{3,}\Z")

_CLOSED = (("<!--", "-->"), ("<![", "]>"), ("<", ">"))
_NO_SECTION = re.compile(r"<!\[(?!(?:cdata|temp|ignore|include|rcdata|if|else|endif)(?![-.\w]))", re.I)

_SILENT = frozenset({"script", "style", "nav", "template", "noscript", "svg", "form", "button", "head"})
_BLOCKS = frozenset(
    "address article aside blockquote br dd details div dl dt figcaption figure footer header hr li main ol option p "
    "pre section summary table tbody td tfoot th thead tr ul".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table cell; `start` and `end` are character offsets into the readable text."""

    start: int
    end: int
    level: int = 0
    """1 to 6 for a heading, 0 for text."""
    anchor: str = ""


@dataclass(frozen=True)
class Readable:
    """The readable text of one version of a page; blocks are separated by a line feed."""

    text: str
    blocks: tuple[Block, ...]


def read_html(source: str) -> Readable:
    """The readable text of an HTML page or fragment; scripts, navigation and forms are left out."""
    return _read(source, markdown=False)


def read_markdown(source: str) -> Readable:
    """The readable text of a Markdown page, which may hold front matter, HTML and Liquid."""
    source = _FRONT_MATTER.sub("", source)
    for closes, tag in _LIQUID:
        end = source.rfind(closes) + len(closes) if closes in source else 0
        source = tag.sub(" ", source[:end]) + source[end:]
    return _read(source, markdown=True)


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """The facts between two lines `---` at the top of a page, and what follows."""
    if not text.startswith("---\n"):
        return {}, text
    head, _line, source = text[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {name.strip(): content.strip().strip('"') for name, _colon, content in pairs}, source


def closed(html: str) -> str:
    """HTML in which text is what is opened and never closed, and what begins like a marked section and is none.

    Python's parser would look for the end again and again, and gives up where it does not know a section.
    """
    html = _NO_SECTION.sub("&lt;![", html)
    for opens, closes in _CLOSED:
        end = html.rfind(closes) + len(closes) if closes in html else 0
        html = html[:end] + html[end:].replace(opens, "&lt;" + opens[1:])
    return html


def anchor_of(heading: str) -> str:
    """The fragment that a heading without an id gets: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", unicodedata.normalize("NFKC", heading).casefold()))


def _read(source: str, *, markdown: bool) -> Readable:
    parser = _Reader(markdown=markdown)
    parser.feed(closed(source.replace("\r\n", "\n")))
    parser.close()
    parser.end_block()
    text: list[str] = []
    blocks: list[Block] = []
    at = 0
    for words, level, anchor in parser.blocks:
        blocks.append(Block(at, at + len(words), level, anchor or (anchor_of(words) if level else "")))
        text.append(words)
        at += len(words) + 1
    return Readable("\n".join(text), tuple(blocks))


def _heading(line: str) -> tuple[str, str]:
    """The words of a heading, without the hash signs behind them, and the anchor that it gives itself."""
    anchor = _ANCHOR.search(line)
    words = line[: anchor.start()].rstrip() if anchor else line
    words = words.rstrip("#").rstrip()
    return (words, anchor[1]) if anchor and words else (words or line, "")


class _Reader(HTMLParser):
    def __init__(self, *, markdown: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, int, str]] = []
        self._markdown = markdown
        self._pending: list[str] = []
        self._level = 0
        self._anchor = ""
        self._silent: list[str] = []
        self._silent_now: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
            self._silent_now[tag] += 1
        if tag in _BLOCKS or tag in _LEVELS:
            self.end_block()
        if tag in _LEVELS:
            self._level = _LEVELS[tag]
            self._anchor = dict(attrs).get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        if self._silent_now[tag]:
            left = ""
            while left != tag:
                left = self._silent.pop()
                self._silent_now[left] -= 1
        if tag in _BLOCKS or tag in _LEVELS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._pending.append(data)

    def end_block(self) -> None:
        """Close the block that is being read."""
        raw = "".join(self._pending)
        level, anchor = self._level, self._anchor
        self._pending, self._level, self._anchor = [], 0, ""
        if level or not self._markdown:
            self._add(raw, level, anchor)
        else:
            self._add_markdown(raw)

    def _add(self, raw: str, level: int = 0, anchor: str = "") -> None:
        if self._markdown:
            raw = _SLANT.sub(r"\1", _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", raw)))
        words = " ".join(raw.replace("\u200b", "").split())
        if any(character.isalnum() for character in words):
            self.blocks.append((words, level, anchor))

    def _add_markdown(self, raw: str) -> None:
        paragraph: list[str] = []

        def close() -> None:
            self._add(" ".join(paragraph))
            paragraph.clear()

        for line in map(str.strip, raw.split("\n")):
            heading = _HEADING.match(line)
            item = _ITEM.match(line)
            if heading or item or not line or _RULE.match(line):
                close()
            if heading:
                words, anchor = _heading(line[heading.end() :].strip())
                self._add(words, heading.end(), anchor)
            elif item:
                paragraph.append(line[item.end() :])
            elif line and not _RULE.match(line):
                paragraph.append(line)
        close()
