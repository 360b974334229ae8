"""The store of official pages: every version kept, hashed and addressable; the current ones are what is searched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.db.models import CharField, Q
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.services.assistant import models
from commonweal.services.assistant.engine.passages import Page, version_hash
from commonweal.services.assistant.values import Block, NewPage, PageVersion, Published

LONGEST = {
    field.name: field.max_length
    for field in models.Version._meta.get_fields()
    if isinstance(field, CharField) and field.max_length and field.name != "hash"
}
NEEDED = ("slug", "language", "title", "owner", "topic")
LONGEST_SOURCE = 2_000_000  # characters
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")  # what no database keeps: NUL, and halves of a character


class NoPage(LookupError):
    """There is no such page, or no such version of it."""


class BadPage(ValueError):
    """A page that cannot be published; the text names the file and what to mend, `field` which fact it is about."""

    def __init__(self, says: str, field: str = "") -> None:
        super().__init__(says)
        self.field = field


def check(page: NewPage) -> str:
    """The page's readable text. Raises BadPage for a page that cannot be kept or quoted."""
    for name, most in LONGEST.items():
        given = getattr(page, name)
        if len(given) > most:
            raise BadPage(f"`{name}` has {len(given)} characters; shorten it to at most {most}", name)
        if name in NEEDED and not given.strip():
            raise BadPage(f"`{name}` is missing", name)
    for name in (*LONGEST, "source"):
        if found := _NO_TEXT.search(getattr(page, name)):
            raise BadPage(f"`{name}` has a character that is no text, U+{ord(found[0]):04X}; leave it out", name)
    if len(page.source) > LONGEST_SOURCE:
        raise BadPage(f"has more than {LONGEST_SOURCE:,} characters; make several pages of it", "source")
    text = engine_page(page).readable().text
    if not text:
        raise BadPage("has no words to quote", "source")
    return text


def store(pages: Iterable[NewPage]) -> Published:
    """Note what is new or changed; what is there already stays as it is. Inside the caller's act. Raises BadPage."""
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for page in pages:
        current = models.Version.objects.filter(slug=page.slug, language=page.language, until=None).first()
        try:
            text = check(page)
            if current and current.owner != page.owner:
                raise BadPage(f"is a page of {current.owner}; withdraw that first, or choose another name", "owner")
        except BadPage as error:
            raise BadPage(f"{page.language}/{page.slug}: {error}", error.field) from None
        hash_ = version_hash(text)
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


def no_longer_named(named: Iterable[str], here: Mapping[str, tuple[str, str]], topic: str) -> list[PageVersion]:
    """The current pages of a subject, from the hosts of these addresses, that none of them names.

    `here` has the language and slug under which an address came now: under another one it is not named any more.
    """
    wanted = set(named)
    hosts = {_host(address) for address in wanted} - {""}
    rows = models.Version.objects.filter(until=None, topic=topic).exclude(address="").order_by("language", "slug")
    return [
        value(row)
        for row in rows
        if _host(row.address) in hosts
        and (row.address not in wanted or here.get(row.address, (row.language, row.slug)) != (row.language, row.slug))
    ]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def listed(after: str, most: int) -> list[PageVersion]:
    """Some of the current pages, by language and slug, from behind LANGUAGE/SLUG on."""
    language, _slash, slug = after.partition("/")
    rows = models.Version.objects.filter(until=None).filter(
        Q(language__gt=language) | Q(language=language, slug__gt=slug)
    )
    return [value(row) for row in rows.order_by("language", "slug")[:most]]


def owner_of(slug: str, language: str) -> str:
    """The agency that answers for a current page; "" where there is none."""
    rows = models.Version.objects.filter(slug=slug, language=language, until=None)
    return rows.values_list("owner", flat=True).first() or ""


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
