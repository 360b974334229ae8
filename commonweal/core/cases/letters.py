"""Letters on paper: a tagged PDF (PDF/UA-1), its address where a window envelope shows it (DIN 5008, form B).

The page is HTML and CSS like every other page of the node; Pango shapes the text, so right-to-left scripts stand as
they should. Pango and fonts come with the machine (docs/dependencies.md). A letter never fetches anything.
"""

from __future__ import annotations

import logging
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.template.loader import render_to_string
from django.utils.translation import get_language_info, override

logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # it tells each of its steps
REMEDY = "letters need Pango and fonts: apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-core"


class NoLetter(OSError):
    """The letter cannot be printed on this machine; the text says what is missing."""


@dataclass(frozen=True)
class Letter:
    """What stands in a letter. `to` is the postal address, line by line; `contact` how to reach the sender."""

    sender: str
    contact: tuple[str, ...]
    to: str
    written: datetime
    case: str
    subject: str
    text: str
    language: str


def pdf(letter: Letter) -> bytes:
    """The letter as PDF/UA-1 on A4, with page numbers.

    Raises NoLetter when Pango is not there, or no font has all of the letters.
    """
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]
        from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    except OSError as error:
        raise NoLetter(f"{error}; {REMEDY}") from error
    with override(letter.language):
        page = render_to_string("cases/letter.html", _parts(letter))
    document = HTML(string=page, url_fetcher=_fetch_nothing).render(font_config=FontConfiguration())
    data: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    missing = {chr(codepoint) for font in document.fonts.values() for codepoint in font.missing}
    if missing:
        raise NoLetter(f"no font has {len(missing)} of its letters; {REMEDY}")
    return data


def _parts(letter: Letter) -> dict[str, object]:
    direction = "rtl" if get_language_info(letter.language[:2])["bidi"] else "ltr"
    return {
        "letter": letter,
        "direction": direction,
        "contact": [(_direction(line, direction), line) for line in letter.contact],
        "to": [(_direction(line, direction), line) for line in letter.to.splitlines()],
        "paragraphs": [(_direction(line, direction), line) for line in letter.text.splitlines() if line.strip()],
    }


def _direction(line: str, otherwise: str) -> str:
    """The direction of a line: that of its first letter which has one (UAX 9, rules P2 and P3)."""
    found = next((kind for letter in line if (kind := unicodedata.bidirectional(letter)) in ("L", "R", "AL")), "")
    return {"L": "ltr", "R": "rtl", "AL": "rtl"}.get(found, otherwise)


def _fetch_nothing(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"a letter fetches nothing, not {url}")
