"""A folder's pages: what HTML says in its head, what schema.org says, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonweal.core.identity import accounts
from commonweal.core.identity.actors import the_node
from commonweal.services.assistant import service
from commonweal.services.assistant.guidance import BadPage
from commonweal.services.assistant.publishing import fetching
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.publishing.folder import read_folder

SERVICE = {
    "@context": "https://schema.org",
    "@type": "https://schema.org/GovernmentService",
    "name": "Bibliothèque",
    "description": "Prêter des <b>livres</b>",
    "serviceType": "library",
    "provider": {"@type": "GovernmentOrganization", "identifier": "books", "name": "Unknown"},
    "areaServed": [{"@type": "City", "name": "Testford"}, "Oldford"],
    "availableChannel": {
        "@type": "ServiceChannel",
        "serviceUrl": "https://testford.example/library",
        "servicePhone": {"@type": "ContactPoint", "telephone": "+33 1 00 00 00 00"},
    },
}
QUESTIONS = {
    "@type": "FAQPage",
    "name": "Cemetery",
    "mainEntity": {"@type": "Question", "name": "When is it open?", "acceptedAnswer": {"text": "From 8 to 20."}},
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder for pages, beside the node's own."""
    return tmp_path / "pages"


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_file_of_json_ld_is_a_page(room: None, pages: Path) -> None:
    accounts.register_agency("books", {"en": "Library"})
    put(pages, "fr/library.json", json.dumps(SERVICE))
    put(
        pages, "en/cemetery.json", json.dumps(QUESTIONS | {"owner": "books", "topic": "graves", "review": "2027-01-31"})
    )
    assert publishing.load_folder(the_node("command"), pages).added == ("cemetery", "library")
    library = service.page("library", "fr")
    assert (library.title, library.description) == ("Bibliothèque", "Prêter des livres")
    assert (library.owner, library.topic, library.address) == ("books", "library", "https://testford.example/library")
    assert [block.text for block in service.blocks(library)] == [
        "Bibliothèque", "Prêter des livres", "Où c’est proposé : Testford, Oldford", "Téléphone : +33 1 00 00 00 00",
    ]  # fmt: skip
    cemetery = service.page("cemetery", "en")
    assert [(block.level, block.text) for block in service.blocks(cemetery)] == [
        (1, "Cemetery"), (2, "When is it open?"), (0, "From 8 to 20."),
    ]  # fmt: skip
    assert str(cemetery.review) == "2027-01-31"


def test_what_a_page_says_itself_goes_before_schema_org(room: None, pages: Path) -> None:
    accounts.register_agency("books", {"en": "Library"})
    html = f"""<html><head><title>Books</title><meta name="topic" content="reading">
    <script type="application/ld+json">{json.dumps([SERVICE, QUESTIONS])}</script></head>
    <body><h1>Books</h1><p>From 8<br>to 20.</p></body></html>"""
    put(pages, "en/books.html", html)
    (page,) = read_folder(pages)
    assert (page.title, page.owner, page.topic, page.description) == ("Books", "books", "reading", "Prêter des livres")
    assert page.source == html


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("en/a.json", "{", "en/a.json: is not JSON"),
        ("en/a.json", "[" * 100_000, "en/a.json: is nested too deeply"),
        ("en/a.json", "[]", "en/a.json: `title` is missing"),
        ("en/a.json", json.dumps(SERVICE), "en/a.json: `owner` is missing"),
        ("en/a.md", "---\ntitle: A\nowner: b\ntopic: c\nreview: soon\n---\nA", "en/a.md: `review` is a date"),
        ("en/a.md", "---\ntitle: A\nowner: b\ntopic: c\n---\n---", "en/a: has no words"),
        ("en/a.md", f"---\ntitle: {'A' * 201}\nowner: b\ntopic: c\n---\nA", "en/a: `title` has 201 characters"),
    ],
)
def test_what_is_wrong_is_said(room: None, pages: Path, name: str, text: str, says: str) -> None:
    put(pages, name, text)
    with pytest.raises(BadPage, match=says):
        publishing.load_folder(the_node("command"), pages)
    assert service.pages() == []


@pytest.mark.parametrize(
    ("at", "to", "there"),
    [
        ("http://a.example/b/c", "../d?e#f", "http://a.example/d?e"),
        ("http://a.example/", "https://a.example/", "https://a.example/"),
        ("http://a.example/", "https://a.example:8443/", None),
        ("https://a.example/", "http://a.example/", None),
        ("https://a.example/", "//b.example/", None),
        ("https://a.example/", "https://a.example.b.example/", None),
        ("https://a.example/", "file:///etc/passwd", None),
    ],
)
def test_a_page_sends_on_within_its_host_only(at: str, to: str, there: str | None) -> None:
    if there is None:
        with pytest.raises(fetching.NotFetched):
            fetching._moved(fetching.checked(at), to)
    else:
        assert fetching._moved(fetching.checked(at), to).geturl() == there
