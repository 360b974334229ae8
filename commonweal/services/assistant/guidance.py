"""The store of official pages: every version kept, hashed and addressable; the current ones are what is searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.services.assistant import models
from commonweal.services.assistant.engine.passages import Page, version_hash
from commonweal.services.assistant.values import Block, NewPage, PageVersion, Published

FORMATS = {".md": "markdown", ".html": "html", ".htm": "html"}
NEEDED = ("title", "owner", "topic")


class NoPage(LookupError):
    """There is no such page, or no such version of it."""


class BadPage(ValueError):
    """A page that cannot be published; the text names the file and what to mend."""


def store(pages: Iterable[NewPage]) -> Published:
    """Note what is new or changed; what is there already stays as it is. Inside the caller's act."""
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for page in pages:
        hash_ = version_hash(engine_page(page).readable().text)
        current = models.Version.objects.filter(slug=page.slug, language=page.language, until=None).first()
        if current and current.hash == hash_ and _facts(current) == _facts(page):
            unchanged.append(page.slug)
            continue
        now = clock.now()
        if current:
            models.Version.objects.filter(pk=current.pk).update(until=now)
        models.Version.objects.create(
            slug=page.slug, language=page.language, hash=hash_, title=page.title, description=page.description,
            source=page.source, format=page.format, owner=page.owner, topic=page.topic, address=page.address,
            flow=page.flow, review=page.review, since=now,
        )  # fmt: skip
        (changed if current else added).append(page.slug)
    return Published(tuple(added), tuple(changed), tuple(unchanged))


def _facts(page: models.Version | NewPage) -> tuple[object, ...]:
    return page.title, page.description, page.owner, page.topic, page.address, page.flow, page.review


def take_away(slug: str, language: str) -> None:
    """End a page's current version. Raises NoPage."""
    if not models.Version.objects.filter(slug=slug, language=language, until=None).update(until=clock.now()):
        raise NoPage(_("There is no such page"))
    models.Withdrawal.objects.create(slug=slug, language=language)


def version(slug: str, language: str, hash_: str = "") -> PageVersion:
    """A page's current version, or the one with this hash. Raises NoPage."""
    rows = models.Version.objects.filter(slug=slug, language=language)
    row = rows.filter(hash=hash_).order_by("-number").first() if hash_ else rows.filter(until=None).first()
    if row is None:
        raise NoPage(_("There is no such page"))
    return value(row)


def versions(slug: str, language: str) -> list[PageVersion]:
    """Every version of a page, newest first."""
    return [value(row) for row in models.Version.objects.filter(slug=slug, language=language).order_by("-number")]


def current(language: str = "") -> list[PageVersion]:
    """The current pages, by topic and title."""
    rows = models.Version.objects.filter(until=None, **({"language": language} if language else {}))
    return [value(row) for row in rows.order_by("topic", "title")]


def value(row: models.Version) -> PageVersion:
    """The frozen value of a version."""
    return PageVersion(
        row.slug, row.language, row.hash, row.title, row.description, row.source, row.format, row.owner, row.topic,
        row.address, row.flow, row.review, row.since, row.until,
    )  # fmt: skip


def blocks(page: PageVersion) -> list[Block]:
    """The readable text of a version, block by block."""
    readable = engine_page(page).readable()
    return [Block(one.level, one.anchor, readable.text[one.start : one.end]) for one in readable.blocks]


def engine_page(page: PageVersion | NewPage) -> Page:
    """A page as the engine reads it."""
    return Page(page.slug, page.title, page.source, page.language, page.format, page.description)


# Pages in a folder


def read_folder(folder: Path) -> list[NewPage]:
    """The pages of a folder: `LANGUAGE/SLUG.md` or `.html`, each beginning with its facts (docs/assistant.md).

    Raises BadPage for the first file that cannot be used.
    """
    return [_read(path, folder) for path in sorted(folder.glob("*/*")) if path.suffix in FORMATS]


def _read(path: Path, folder: Path) -> NewPage:
    where = path.relative_to(folder)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadPage(f"{where}: is not UTF-8; save it as UTF-8") from None
    facts, source = _split(text)
    if path.suffix != ".md":
        facts = _of_html(text) | facts
    if missing := [name for name in NEEDED if not facts.get(name)]:
        raise BadPage(f"{where}: `{missing[0]}:` is missing at the top of the file")
    try:
        review = date.fromisoformat(facts["review"]) if "review" in facts else None
    except ValueError:
        raise BadPage(f"{where}: `review:` is a date like 2027-03-01") from None
    return NewPage(
        path.stem, path.parent.name, facts["title"], source, facts["owner"], facts["topic"],
        facts.get("description", ""), FORMATS[path.suffix], facts.get("address", ""), facts.get("flow", ""), review,
    )  # fmt: skip


def _split(text: str) -> tuple[dict[str, str], str]:
    """The facts between two lines `---` at the top, and what follows."""
    if not text.startswith("---\n"):
        return {}, text
    head, _line, source = text[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {name.strip(): content.strip().strip('"') for name, _colon, content in pairs}, source


def _of_html(text: str) -> dict[str, str]:
    reader = _Head()
    reader.feed(text)
    return {name: content for name, content in reader.facts.items() if content}


class _Head(HTMLParser):
    """Title and `<meta name=... content=...>` of an HTML page."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name"):
            self.facts[str(given["name"])] = given.get("content") or ""
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.facts["title"] = data.strip()
            self._in_title = False
