"""Letters on paper: what stands in the PDF, where, in which order for a screen reader, and in every script."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from pypdf import PdfReader

from commonweal.core.cases import models, notices
from commonweal.core.cases import service as cases
from commonweal.core.cases.letters import Letter, NoLetter, pdf
from commonweal.core.cases.plain_language import complaints
from commonweal.core.identity import accounts
from tests import town
from tests.core.cases import errand

MM = 72 / 25.4
ENGLISH = Letter(
    sender="Register Office",
    contact=("register@testford.example", "1 Town Square, 4021 Testford"),
    to="Mara Okafor\n12 Mill Lane\n4021 Testford",
    written=datetime(2026, 11, 25, tzinfo=UTC),
    case="C-7F3A-90B1",
    subject="Your request was rejected",
    text="The hospital wrote Lagos.\n\nPlease send the certificate.",
    language="en",
)
ARABIC = replace(
    ENGLISH, sender="مكتب السجل", subject="رُفض طلبك", text="كتب المستشفى «لاغوس».", language="ar",
    to="ليلى حداد\n12 Mill Lane\n4021 Testford",
)  # fmt: skip


def read(letter: Letter) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(letter)))


def places(reader: PdfReader) -> dict[str, tuple[float, float]]:
    """Where pieces of text begin on the first page, in mm from its left and upper edges."""
    page, found = reader.pages[0], {}
    height = float(page.mediabox.height)

    def note(text: str, matrix: Any, place: Any, *_: Any) -> None:
        if text.strip():
            x = place[4] * matrix[0] + matrix[4]
            y = place[5] * matrix[3] + matrix[5]
            found.setdefault(text.strip(), (x / MM, (height - y) / MM))

    page.extract_text(visitor_text=note)
    return found


def tags(reader: PdfReader) -> list[str]:
    """The roles of the structure tree, in reading order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif hasattr(node, "get"):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_everything_stands_in_it() -> None:
    text = read(ENGLISH).pages[0].extract_text()
    for words in ("Register Office", "register@testford.example", "Mara Okafor", "12 Mill Lane", "25 November 2026",
                  "Case C-7F3A-90B1", "The hospital wrote Lagos.", "1 / 1"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("letter", [ENGLISH, ARABIC], ids=["en", "ar"])
def test_the_address_shows_in_the_window(letter: Letter) -> None:
    """DIN 5008, form B: 20 mm from the left, the address between 62.7 and 90 mm from the top, in any script."""
    lines = [place for text, place in places(read(letter)).items() if text in ("12 Mill Lane", "4021 Testford")]
    assert len(lines) == 2
    assert all(abs(x - 20) < 1 and 62.7 < y < 90 for x, y in lines)


@pytest.mark.parametrize("letter", [ENGLISH, ARABIC], ids=["en", "ar"])
def test_a_screen_reader_is_told_language_title_and_parts(letter: Letter) -> None:
    reader = read(letter)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == letter.language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == letter.subject
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    roles = tags(reader)
    assert roles.count("/H1") == 1
    assert roles.count("/P") >= 3


def test_arabic_is_joined_and_runs_from_the_right() -> None:
    """Letters are shaped by an Arabic font, and the first word of a line stands further right than the last."""
    reader = read(replace(ARABIC, text="أول كلمة وآخرها"))
    fonts = reader.pages[0]["/Resources"]["/Font"].get_object().values()
    assert any("Arabic" in str(font.get_object()["/BaseFont"]) for font in fonts)
    text = reader.pages[0].extract_text()
    for letters in ("مكتب", "طلبك", "كلمة"):
        assert letters in text or letters[::-1] in text


def test_a_long_letter_numbers_its_pages() -> None:
    reader = read(replace(ENGLISH, text="We need to know more. " * 400))
    assert len(reader.pages) == 3
    assert [f"{n} / 3" in page.extract_text() for n, page in enumerate(reader.pages, 1)] == [True] * 3


def test_markup_in_a_message_is_only_text() -> None:
    text = "<img src=file:///etc/passwd> <script>1</script> & more"
    assert "<img" in read(replace(ENGLISH, text=text)).pages[0].extract_text()


def test_letters_that_no_font_has_are_not_left_out() -> None:
    with pytest.raises(NoLetter, match="no font has 1 of its letters"):
        pdf(replace(ENGLISH, text="\U0010fffd"))


def test_the_fixed_words_are_plain() -> None:
    assert complaints("You can answer by letter to the office above, or online.") == []


@pytest.mark.django_db(transaction=True)
def test_a_notice_becomes_a_letter_that_only_the_node_reads() -> None:
    accounts.register_agency("register", {"en": "Register Office"}, {"email": "register@testford.example"})
    (mara,) = town.register(town.entry())
    cases.choose_channel(town.resident(mara), mara, cases.Channel("letter", "Mara Okafor\n12 Mill Lane"))
    errand.decide(errand.officer("Ada"), errand.ask(mara), "rejected", "The hospital wrote Lagos.")
    notices.deliver.call()
    notice = models.Notice.objects.get()
    file = settings.COMMONWEAL.home / "letters" / f"{notice.id}.pdf"
    assert file.stat().st_mode & 0o077 == 0
    text = PdfReader(file).pages[0].extract_text()
    for words in ("Register Office", "12 Mill Lane", "The hospital wrote Lagos.", "Case C-"):
        assert words in text


@pytest.mark.django_db(transaction=True)
def test_without_pango_the_notice_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    (mara,) = town.register(town.entry())
    cases.choose_channel(town.resident(mara), mara, cases.Channel("letter", "12 Mill Lane"))

    def no_pango(letter: Letter) -> bytes:
        raise NoLetter("cannot load library 'libpango-1.0-0'")

    with monkeypatch.context() as patched:
        patched.setattr(notices, "pdf", no_pango)
        errand.decide(errand.officer("Ada"), errand.ask(mara), "rejected", "The hospital wrote Lagos.")
        notices.deliver.call()
        assert models.Notice.objects.get().delivered is None
    notices.deliver.call()
    assert models.Notice.objects.get().delivered
