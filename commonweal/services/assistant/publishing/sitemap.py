"""A sitemap (https://www.sitemaps.org/protocol.html) as a file: the pages that it names, fetched and read.

A sitemap index names further files, which lie beside it: nothing is fetched but the pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import shorten
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from django.utils.text import slugify

from commonweal.services.assistant import guidance
from commonweal.services.assistant.guidance import BadPage
from commonweal.services.assistant.publishing import fetching, html_page, schema_org
from commonweal.services.assistant.publishing.fetching import NotFetched
from commonweal.services.assistant.publishing.owners import owner_among
from commonweal.services.assistant.values import NewPage, PageVersion

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
LARGEST, MOST = 50 * 1024 * 1024, 50_000  # bytes and addresses of one file, as the protocol says
GZIP = b"\x1f\x8b"
DEEP, LONGEST = 100, 2_048  # elements in each other; characters of an address, as the protocol says
LONGEST_SLUG = guidance.LONGEST["slug"]
_ENDING = re.compile(r"(/?index)?\.(html?|php|aspx?)\Z|/index\Z", re.I)


class BadSitemap(BadPage):
    """A file that is not a sitemap; the text says why."""


@dataclass(frozen=True)
class Defaults:
    """What holds for a page that does not say it: the agency's code, the subject, the language."""

    owner: str
    topic: str
    language: str = ""


def addresses(file: Path) -> list[str]:
    """Every page that a sitemap, or the sitemaps beside an index, name; each once. Raises BadSitemap."""
    kind, found = _read(file)
    if kind == "sitemapindex":
        found = [address for name in found for address in _beside(file, name)]
    if not found:
        raise BadSitemap(f"{file}: names no pages")
    return list(dict.fromkeys(found))


def pages(named: list[str], defaults: Defaults) -> Iterator[tuple[str, NewPage | NotFetched]]:
    """Each address with its page, or why there is none."""
    taken: dict[tuple[str, str], str] = {}
    for address, text in fetching.fetch_all(named):
        try:
            if isinstance(text, NotFetched):
                raise text
            page = page_of(address, text, defaults)
            first = taken.setdefault((page.language, page.slug), address)
            if first != address:
                raise NotFetched(f"would have the same name here, {page.language}/{page.slug}, as {first}")
            if guidance.owner_of(page.slug, page.language) not in ("", page.owner):
                raise NotFetched(f"would be {page.language}/{page.slug}, a page of another agency")
        except NotFetched as error:
            yield address, error
        else:
            yield address, page


def without_failed(gone: list[PageVersion], failed: Iterable[str]) -> list[PageVersion]:
    """The pages that are gone but for those whose name a failed address would have: they may only have moved."""
    languages, names = {page.language for page in gone}, set[tuple[str, str]]()
    for address in failed:
        with suppress(ValueError):  # it may have failed because it is no address
            names |= {(language, slug_of(address, language)) for language in languages}
    return [page for page in gone if (page.language, page.slug) not in names]


def page_of(address: str, text: str, defaults: Defaults) -> NewPage:
    """A page of a web site: its main part, with what it says of itself. Raises NotFetched when it cannot be used."""
    read = html_page.read(text)
    try:
        described = schema_org.read(read.linked_data)
    except schema_org.BadLinkedData:
        described = schema_org.Described()  # the page itself is what people read
    language = re.split("[-_]", read.language.strip())[0].casefold() or defaults.language
    if not re.fullmatch("[a-z]{2,3}", language):
        raise NotFetched("says no language in <html lang>; give one with --language")
    description = described.description or read.meta.get("description", "")
    page = NewPage(
        slug_of(address, language),
        language,
        shorten(described.title or read.name, guidance.LONGEST["title"], placeholder="…"),
        read.main + schema_org.missing_questions(described, read.main),
        owner_among([read.meta.get("owner", ""), *described.owners]) or defaults.owner,
        defaults.topic,
        shorten(description, guidance.LONGEST["description"], placeholder="…"),
        "html",
        address,
        review=_review(read.meta.get("review") or described.review),
    )
    try:
        guidance.check(page)
    except BadPage as error:
        raise NotFetched(str(error)) from None
    return page


def slug_of(address: str, language: str) -> str:
    """A page's name here: its path without the language and the ending; with a hash where that is not all of it.

    The same page in another language often has the same path but for the language, and then the same name.
    """
    parts = urlsplit(address)
    path = unquote(_ENDING.sub("", parts.path))
    steps = [step for step in path.split("/") if step]
    if steps and steps[0].casefold().partition("-")[0] == language:
        steps = steps[1:]
    words = "-".join(steps)
    slug = slugify(words.replace(".", "-").replace("_", "-")) or ("" if words else "home")
    whole = words.isascii() and not parts.query and len(slug) <= LONGEST_SLUG
    if slug and whole:
        return slug
    hash_ = hashlib.sha256(address.encode()).hexdigest()[:8]
    return f"{slug[: LONGEST_SLUG - 9]}-{hash_}".lstrip("-")


def _review(day: str) -> date | None:
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        raise NotFetched(f"says {day[:40]!r} for the day of its review; write it like 2027-03-01") from None


def _beside(index: Path, name: str) -> list[str]:
    """The pages of a file that an index names: the file of this name beside it."""
    try:
        file = index.parent / urlsplit(name).path.rpartition("/")[2]
        there = file.is_file() and file != index
    except (ValueError, OSError):
        raise BadSitemap(f"{index}: names {name[:200]}, which is no name of a file") from None
    if not there:
        raise BadSitemap(f"{index}: names {name}; put that file beside it, as {file.name or 'a file'}")
    kind, found = _read(file)
    if kind != "urlset":
        raise BadSitemap(f"{file}: an index may name sitemaps only, not another index")
    return found


def _read(file: Path) -> tuple[str, list[str]]:
    """The root's name, and each `<loc>` of its entries. Raises BadSitemap."""
    if not file.is_file():
        raise BadSitemap(f"{file}: is not a file")
    if file.stat().st_size > LARGEST:
        raise BadSitemap(f"{file}: has more than {LARGEST:,} bytes")
    reader, given = _Reader(), file.read_bytes()
    if given.startswith(GZIP):
        raise BadSitemap(f"{file}: is compressed; unpack it with gunzip")
    try:
        reader.parser.Parse(given, True)
    except expat.ExpatError as error:
        raise BadSitemap(f"{file}: is not XML: {error}") from None
    except (ValueError, LookupError) as error:
        raise BadSitemap(f"{file}: {error}") from None
    if len(reader.found) > MOST:
        raise BadSitemap(f"{file}: names more than {MOST:,} addresses; make several files and an index")
    return reader.root, reader.found


class _Reader:
    """Reads `<loc>` of `<url>` and `<sitemap>`; what extensions put there beside is left alone."""

    def __init__(self) -> None:
        self.root = ""
        self.found: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._said
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._path: list[str] = []
        self._words = ""

    def _start(self, name: str, attributes: object) -> None:
        self._path.append(name.removeprefix(f"{NAMESPACE} "))
        self._words = ""
        if len(self._path) > DEEP:
            raise ValueError(f"has more than {DEEP} elements in each other, which no sitemap has")
        if not self.root:
            self.root = self._path[0]
            if self.root not in ("urlset", "sitemapindex"):
                raise ValueError("is not a sitemap: it begins with neither <urlset> nor <sitemapindex>")

    def _said(self, words: str) -> None:
        if len(self._words) <= LONGEST:  # what is longer fails as an address
            self._words += words if self._words else words.lstrip()

    def _end(self, name: str) -> None:
        if self._path[1:] in (["url", "loc"], ["sitemap", "loc"]) and self._words.strip():
            self.found.append(self._words.strip())
        self._path.pop()

    def _doctype(self, *_declared: object) -> None:
        raise ValueError("declares a document type, which no sitemap needs")
