"""The pages of a folder: `LANGUAGE/SLUG.md`, `.html` or `.json`, each with its facts (docs/assistant.md)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from commonweal.services.assistant.engine.reading import front_matter
from commonweal.services.assistant.guidance import BadPage
from commonweal.services.assistant.publishing import html_page, schema_org
from commonweal.services.assistant.publishing.owners import owner_among
from commonweal.services.assistant.values import NewPage

FORMATS = {".md": "markdown", ".html": "html", ".htm": "html", ".json": "html"}
NEEDED = ("title", "owner", "topic")
Facts = dict[str, str]


def read_folder(folder: Path) -> list[NewPage]:
    """Every page. Raises BadPage for the first file that cannot be used."""
    return [_read(path, folder) for path in sorted(folder.glob("*/*")) if path.suffix in FORMATS]


def _read(path: Path, folder: Path) -> NewPage:
    where = path.relative_to(folder)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadPage(f"{where}: is not UTF-8; save it as UTF-8") from None
    language = path.parent.name
    try:
        if path.suffix == ".md":
            facts, source = front_matter(text)
        elif path.suffix == ".json":
            facts, source = _of_data(text, language)
        else:
            facts, source = _of_html(text)
    except schema_org.BadLinkedData as error:
        raise BadPage(f"{where}: {error}") from None
    if missing := [name for name in NEEDED if not facts.get(name)]:
        raise BadPage(f"{where}: `{missing[0]}` is missing at the top of the file", missing[0])
    try:
        review = date.fromisoformat(facts["review"]) if facts.get("review") else None
    except ValueError:
        raise BadPage(f"{where}: `review` is a date like 2027-03-01", "review") from None
    return NewPage(
        path.stem, language, facts["title"], source, facts["owner"], facts["topic"], facts.get("description", ""),
        FORMATS[path.suffix], facts.get("address", ""), facts.get("flow", ""), review,
    )  # fmt: skip


def _of_html(text: str) -> tuple[Facts, str]:
    """Facts above the page go before its `<meta>`, and those before schema.org."""
    head, source = front_matter(text)
    page = html_page.read(source)
    described = schema_org.read(page.linked_data)
    meta = {name: content for name, content in page.meta.items() if content}
    if page.title:
        meta["title"] = page.title
    return facts_of(described) | meta | head, source + schema_org.missing_questions(described, source)


def _of_data(text: str, language: str) -> tuple[Facts, str]:
    """A file of JSON-LD; what schema.org has no word for stands beside, under our names."""
    described = schema_org.read([text])
    given = json.loads(text)
    beside = {name: str(given[name]) for name in ("owner", "topic", "review", "address", "flow")
              if isinstance(given, dict) and given.get(name)}  # fmt: skip
    return facts_of(described) | beside, schema_org.page_of(described, language)


def facts_of(described: schema_org.Described) -> Facts:
    """What schema.org's data say as facts of a page; the owner by the agency's code."""
    found = {
        "title": described.title, "description": described.description, "owner": owner_among(described.owners),
        "topic": described.topic, "review": described.review, "address": described.address,
    }  # fmt: skip
    return {name: content for name, content in found.items() if content}
