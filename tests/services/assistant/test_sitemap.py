"""Guidance comes in from a sitemap file: from a real server, and nothing but what the file names."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from time import monotonic

import pytest

from commonweal.commands import assistant as command
from commonweal.core.identity import accounts
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import service
from commonweal.services.assistant.guidance import BadPage
from commonweal.services.assistant.publishing import fetching, sitemap
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.publishing.sitemap import Defaults
from commonweal.services.assistant.values import Gathered
from tests.services.assistant.conftest import a_page

PARKING = """<!doctype html><html lang="en-GB"><head><title>Resident parking permit | Testford</title>
<meta name="description" content="Who may park."><meta name="review" content="2027-06-30"></head>
<body><header>Testford, a lovely town</header><nav>Home</nav><div role="main"><h1>Resident parking permit</h1>
<p>The permit costs 45 euros a year.</p><div><p>Apply at the town hall.</p></div></div>
<footer>Imprint</footer></body></html>"""
WASTE = "<html><head><title>Sperrmüll</title></head><body><p>The town collects bulky waste.</p></body></html>"
FAQ = """<html lang="fr"><head><title>Piscine</title><script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [{"@type": "GovernmentService", "name": "La piscine",
"description": "Nager en ville",
"provider": {"@id": "#tax"}}, {"@id": "#tax", "@type": "GovernmentOrganization", "name": "Service des impôts"},
{"@type": ["FAQPage"], "expires": "2027-03-01T00:00:00Z", "mainEntity": [
{"@type": "Question", "name": "Quand est-elle ouverte ?",
"acceptedAnswer": {"@type": "Answer", "text": "De 8 à 20 heures."}},
{"@type": "Question", "name": "Combien &agrave; payer ?",
"acceptedAnswer": [{"text": "<p>4 euros <b>par jour</b>.</p>"}]}]}]}
</script></head><body><main><h1>La piscine</h1><p>De 8  à 20
heures.</p></main></body></html>"""
PERMIT, BULKY, POOL = "/en/parking/permit.html", "/waste/bulky/", "/fr/piscine"


@dataclass
class Site:
    """A web site: the pages by path, as (status, headers, body), and what it was asked for."""

    origin: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, text: str, kind: str = "text/html; charset=utf-8") -> None:
        self.pages[path] = (200, {"Content-Type": kind}, text.encode())

    def moved(self, path: str, to: str) -> None:
        self.pages[path] = (301, {"Location": to}, b"")


@pytest.fixture
def site(room: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, headers, body = found.pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, content in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, content)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Nothing."""

    monkeypatch.setattr(fetching, "PAUSE", 0)
    accounts.register_agency("register", {"en": "Register"})
    accounts.register_agency("tax", {"en": "Tax Office", "fr": "Service des impôts"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(f"http://127.0.0.1:{server.server_port}")
    for path, text in ((PERMIT, PARKING), (BULKY, WASTE), (POOL, FAQ)):
        found.page(path, text)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def written(folder: Path, *addresses: str, name: str = "sitemap.xml", root: str = "urlset", one: str = "url") -> Path:
    """A sitemap file."""
    entries = "".join(f"<{one}><loc>{address}</loc><lastmod>2026-11-01</lastmod></{one}>" for address in addresses)
    path = folder / name
    path.write_text(f'<?xml version="1.0"?><{root} xmlns="{sitemap.NAMESPACE}">{entries}</{root}>')
    return path


def load(file: Path, *, take_away: bool = False) -> Gathered:
    return publishing.load_sitemap(the_node("command"), file, Defaults("register", "town", "en"), take_away=take_away)


def test_pages_come_with_what_they_say_of_themselves(site: Site, tmp_path: Path) -> None:
    found = load(written(tmp_path, *(site.origin + path for path in (PERMIT, BULKY, POOL))))
    assert set(found.published.added) == {"parking-permit", "waste-bulky", "piscine"}
    assert (found.failed, found.gone) == ((), ())
    permit = service.page("parking-permit", "en")
    assert (permit.title, permit.description) == ("Resident parking permit", "Who may park.")
    assert (permit.owner, permit.topic, permit.review) == ("register", "town", date(2027, 6, 30))
    assert permit.address == site.origin + PERMIT
    assert [block.text for block in service.blocks(permit)] == [
        "Resident parking permit", "The permit costs 45 euros a year.", "Apply at the town hall.",
    ]  # fmt: skip
    assert service.page("waste-bulky", "en").title == "Sperrmüll"
    _talk, reply = service.ask(ANONYMOUS, "What does a resident parking permit cost?", "en")
    assert reply
    assert "45 euros" in reply.citations[0].text


def test_schema_org_gives_names_and_the_questions_that_the_page_does_not_show(site: Site, tmp_path: Path) -> None:
    load(written(tmp_path, site.origin + POOL))
    pool = service.page("piscine", "fr")
    assert (pool.title, pool.description, pool.owner) == ("La piscine", "Nager en ville", "tax")
    assert pool.review == date(2027, 3, 1)
    assert [block.text for block in service.blocks(pool)] == [
        "La piscine", "De 8 à 20 heures.", "Combien à payer ?", "4 euros par jour.",
    ]  # fmt: skip


def test_what_did_not_change_stays_and_what_fails_is_named(site: Site, tmp_path: Path) -> None:
    bad = {
        "/missing": "answers 404",
        "/picture": "is not an HTML page but image/png",
        "/huge": "has more than 2,000,000 bytes",
        "/away": "sends on to another place, http://localhost",
        "/round": "sends on more than 5 times",
        "/empty": "has no words to quote",
        "/tongue": "is not in klingon, as it says",
        "/day": "says 'soon' for the day of its review",
        "/en/parking/permit": "would have the same name here, en/parking-permit",
        "/no-words": "`title` is missing",
    }
    site.page("/picture", "png", "image/png")
    site.page("/huge", PARKING + " " * fetching.LARGEST)
    site.moved("/away", site.origin.replace("127.0.0.1", "localhost") + PERMIT)
    site.moved("/round", "/round")
    site.page("/empty", "<html lang=en><title>Empty</title><body><nav>Home</nav></body></html>")
    site.page("/tongue", "<html>", "text/html; charset=klingon")
    site.page("/day", PARKING.replace("2027-06-30", "soon"))
    site.page("/en/parking/permit", PARKING)
    site.page("/no-words", "<p>Something</p>")
    site.moved("/old-waste", BULKY)
    file = written(tmp_path, *(site.origin + path for path in (PERMIT, *bad, "/old-waste")))
    found = load(file)
    assert found.published.added == ("parking-permit", "old-waste")
    assert dict(found.failed).keys() == {site.origin + path for path in bad}
    for address, says in found.failed:
        assert bad[address.removeprefix(site.origin)] in says
    again = load(file)
    assert (again.published.added, again.published.changed) == ((), ())
    assert len(again.published.unchanged) == 2
    site.page(PERMIT, PARKING.replace("45", "52"))
    assert load(file).published.changed == ("parking-permit",)
    assert len(service.versions("parking-permit", "en")) == 2


def test_what_one_page_says_does_not_stop_the_others(site: Site, tmp_path: Path) -> None:
    half = '<script type="application/ld+json">{"@type": "GovernmentService", "name": "Half \\ud800"}</script>'
    bad = {
        "/half": "`title` has a character that is no text, U+D800",
        "/nul": "`source` has a character that is no text, U+0000",
        "/nowhere": "sends on to what is not an address",
        "/slow-alphabet": "is not in punycode, as it says",
    }
    site.page("/half", PARKING.replace("</head>", f"{half}</head>"))
    site.page("/nul", PARKING.replace("45", "4\0 5"))
    site.moved("/nowhere", "//[::1")
    site.page("/slow-alphabet", "a-" + PARKING, "text/html; charset=punycode")
    found = load(written(tmp_path, *(site.origin + path for path in (*bad, PERMIT))))
    assert found.published.added == ("parking-permit",)
    assert {address.removeprefix(site.origin): why.partition(";")[0] for address, why in found.failed} == bad


def test_a_page_that_moved_and_did_not_come_is_not_withdrawn(site: Site, tmp_path: Path) -> None:
    load(written(tmp_path, *(site.origin + path for path in (PERMIT, BULKY))))
    found = load(written(tmp_path, f"{site.origin}/en/parking/permit/", "http://[::1"), take_away=True)
    assert [page.slug for page in found.gone] == ["waste-bulky"]
    assert service.page("parking-permit", "en").until is None


def test_a_page_of_another_agency_is_not_taken_over(site: Site, tmp_path: Path) -> None:
    publishing.publish(the_node("command"), [replace(a_page(), owner="tax")])
    ((address, why),) = load(written(tmp_path, site.origin + PERMIT)).failed
    assert (address, why) == (site.origin + PERMIT, "would be en/parking-permit, a page of another agency")
    with pytest.raises(BadPage, match="en/parking-permit: is a page of tax; withdraw that first"):
        publishing.publish(the_node("command"), [a_page()])
    assert service.page("parking-permit", "en").owner == "tax"


@pytest.mark.parametrize("drop", [b"x", b"HTTP/1.1 102 Processing\r\n\r\n"], ids=["letters", "patience"])
def test_headers_that_never_end_are_not_waited_for(monkeypatch: pytest.MonkeyPatch, drop: bytes) -> None:
    class Dripping(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.sendall(b"HTTP/1.1 200 OK\r\nX: " if drop == b"x" else b"")
                while not done.wait(0.02):
                    self.request.sendall(drop)

    monkeypatch.setattr(fetching, "PAUSE", 0)
    monkeypatch.setattr(fetching, "LONGEST_WAIT", 0.3)
    done = threading.Event()
    with ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        threading.Timer(10, done.set).start()
        begun = monotonic()
        [(_address, why)] = fetching.fetch_all([f"http://127.0.0.1:{server.server_address[1]}/"])
        took = monotonic() - begun
        done.set()
        server.shutdown()
    assert "does not answer in time" in str(why)
    assert took < 5


def test_only_what_is_named_is_fetched(site: Site, tmp_path: Path) -> None:
    addresses = (
        "file:///etc/passwd", "ftp://testford.example/a", "javascript:alert(1)", "/relative", "http://",
        site.origin.replace("//", "//me:secret@") + PERMIT, "http://[::1", "https://testford.example:99999/a",
    )  # fmt: skip
    found = load(written(tmp_path, site.origin + PERMIT + "#here", *addresses))
    assert dict(found.failed).keys() == set(addresses)
    assert site.asked == [PERMIT]


def test_pages_that_vanish_are_listed_and_withdrawn_only_when_told(site: Site, tmp_path: Path) -> None:
    load(written(tmp_path, site.origin + PERMIT, site.origin + BULKY))
    publishing.publish(the_node("command"), [a_page("elsewhere", topic="town")])
    del site.pages[PERMIT]  # it fails now, but is named still
    less = written(tmp_path, site.origin + PERMIT)
    found = load(less)
    assert [page.slug for page in found.gone] == ["waste-bulky"]
    assert {page.slug for page in service.pages()} == {"parking-permit", "waste-bulky", "elsewhere"}
    assert load(less, take_away=True).gone == found.gone
    assert {page.slug for page in service.pages()} == {"parking-permit", "elsewhere"}


def test_an_index_names_files_beside_it(site: Site, tmp_path: Path) -> None:
    def index(*names: str) -> Path:
        return written(tmp_path, *names, name="index.xml", root="sitemapindex", one="sitemap")

    written(tmp_path, site.origin + PERMIT, name="one.xml")
    written(tmp_path, site.origin + BULKY, site.origin + PERMIT, name="two.xml")
    found = sitemap.addresses(index(f"{site.origin}/maps/one.xml", "two.xml"))
    assert found == [site.origin + PERMIT, site.origin + BULKY]
    assert site.asked == []
    for name in ("http://[::1", "a" * 400):
        with pytest.raises(BadPage, match="which is no name of a file"):
            sitemap.addresses(index(name))
    for name in ("three.xml", "../index.xml", "https://testford.example/"):
        with pytest.raises(BadPage, match=r"put that file beside it"):
            sitemap.addresses(index(name))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html/>", "neither <urlset> nor <sitemapindex>"),
        ("hello", "is not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><urlset>&b;</urlset>', "document type"),
        ("<urlset/>", "names no pages"),
        ('<?xml version="1.0" encoding="klingon"?><urlset/>', "unknown encoding: klingon"),
        ("<urlset>" + "<a>" * 200_000 + "</a>" * 200_000 + "</urlset>", "more than 100 elements in each other"),
        ("<urlset><url><loc>" + "\n" * 2_000_000 + "</loc></url></urlset>", "names no pages"),
    ],
)
def test_other_files_are_refused(room: None, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "sitemap.xml").write_text(text)
    with pytest.raises(BadPage, match=says):
        sitemap.addresses(tmp_path / "sitemap.xml")


def test_a_compressed_file_is_to_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "sitemap.xml.gz").write_bytes(gzip.compress(b"<urlset/>"))
    with pytest.raises(BadPage, match="is compressed; unpack it"):
        sitemap.addresses(tmp_path / "sitemap.xml.gz")


def test_an_image_in_a_sitemap_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    path.write_text(f"""<urlset xmlns="{sitemap.NAMESPACE}" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">
    <url><loc>https://a.example/?a=1&amp;b=2</loc><i:image><i:loc>https://a.example/b.png</i:loc></i:image></url></urlset>""")
    assert sitemap.addresses(path) == ["https://a.example/?a=1&b=2"]


def test_names_come_from_the_path(tmp_path: Path) -> None:
    def name(path: str, language: str = "en") -> str:
        return sitemap.slug_of(f"https://a.example{path}", language)

    assert [name(path) for path in ("/", "/en", "/en-gb/a/B_c.html", "/a/index.php", "/a.b/")] == [
        "home", "home", "a-b-c", "a", "a-b",
    ]  # fmt: skip
    assert name("/page?id=1") != name("/page?id=2")
    assert name("/%D8%AA%D8%B5%D8%B1%D9%8A%D8%AD", "ar") != name("/%D8%AA%D8%B5", "ar")
    assert len(name("/" + "a" * 400)) == 120


def test_the_command_says_what_happened(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import argparse

    monkeypatch.setattr(command, "start_django", lambda: None)

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        return command.run(parser.parse_args(["import", str(file), *words]))

    file = tmp_path / "guidanec"
    assert run() == 1
    assert "guidanec: there is no such folder or file" in capsys.readouterr().err
    file = written(tmp_path, site.origin + PERMIT, site.origin + BULKY)
    assert run() == 1
    assert "--owner" in capsys.readouterr().err
    assert run("--owner", "nobody", "--topic", "town") == 1
    assert "there are register, tax" in capsys.readouterr().err
    told = ("--owner", "register", "--topic", "town")
    assert run(*told) == 1  # no language for one page
    out, err = capsys.readouterr()
    assert "1 new" in out
    assert f"{site.origin}{BULKY}: says no language in <html lang>; give one with --language" in err
    assert run(*told, "--language", "en") == 0
    file = written(tmp_path, site.origin + PERMIT)
    assert run(*told, "--withdraw") == 0
    assert "en/waste-bulky" in capsys.readouterr().out
