"""Personal details found and masked before a text reaches a log or any endpoint.

Found by form and check digits: mail, links with a person's details, phone numbers, IBANs, payment cards, long
identifiers, dates of birth, street addresses in part. Names are found only after words that announce them ("my name
is"): a name without such words stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """A personal detail: its kind and where it stands (character offsets)."""

    kind: str
    start: int
    end: int


_D = r"[0-9\u0660-\u0669\u06f0-\u06f9]"
_MAIL = re.compile(r"[\w.+%-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.I)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.I)
_NUMBER = re.compile(rf"(?<![\w.,])(?:\+|00)?\(?{_D}(?:[ \-./()\u00a0]{{0,2}}{_D}){{5,24}}(?![\w])")
_LETTERED_ID = re.compile(
    r"\b(?:[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]|[XYZ]\d{7}[A-Z]|\d{8}[A-Z]|[A-Z]{1,3}\d{6,9})\b"
)
_DATE = (
    rf"(?:{_D}{{1,4}}[/.\- ]{_D}{{1,2}}[/.\- ]{_D}{{2,4}}|\d{{1,2}}(?:st|nd|rd|th|er|º)?(?: de)? \w{{3,10}}"
    r"(?: de)? \d{4}"
    rf"|\w{{3,10}} \d{{1,2}},? \d{{4}}|{_D}{{1,2}} [\u0620-\u064a]{{3,8}} {_D}{{4}})"
)
_BORN = re.compile(
    r"\b(?:born(?: on)?|date of birth(?: is)?|d\.?o\.?b\.?|birthday(?: is)?|née?(?: le)?|date de naissance(?: est)?"
    r"|nac[íi](?:do|da)?(?: el)?|fecha de nacimiento(?: es)?|ولدت|مواليد|تاريخ (?:ال)?ميلاد(?:ي)?)"
    r"(?: هو| في| is| le| el)?"
    rf"\W{{0,3}}(?P<detail>{_DATE})",
    re.I,
)
_STREET = re.compile(
    r"\b\d{1,5}[a-z]?,?\s(?:[\w'’.-]+\s){0,4}?"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|court|way|square|terrace|boulevard|blvd)\b\.?"
    r"|\b\d{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|av\.|boulevard|bd|place|impasse|allée|chemin|quai)\s"
    r"(?:d[eu]s?\s|de la\s|de l['’]|d['’])?[\w'’-]+(?:\s[A-ZÉÈ][\w'’-]+)?"
    r"|\b(?:calle|c/|avenida|avda\.?|plaza|paseo|camino)\s(?:de(?:l| la| los| las)?\s)?[\w'’-]+"
    r"(?:\s[A-ZÁÉÍÓÚ][\w'’-]+)?"
    r",?\s(?:n[.º°]*\s?)?\d{1,4}"
    rf"|(?:شارع|طريق|حي)\s[^\s،,.]+(?:\s[^\s،,.]+)?،?\s?(?:رقم\s)?{_D}{{1,4}}",
    re.I,
)
_NAME = r"(?P<detail>[^\W\d_][\w'’-]+(?:\s+(?:[Dd]e[ul]?\s|[Ll]a\s|[Vv]an\s|[Bb]in\s)?[A-ZÀ-Ý][\w'’-]+){0,3})"
_NAMED = re.compile(
    r"\b(?:[Mm]y name is|[Ii] am called|[Jj]e m['’]appelle|[Mm]on nom est|[Mm]e llamo|[Mm]i nombre es|[Mm]rs?\.?"
    rf"|[Mm]s\.?|[Dd]r\.?|[Mm]me\.?|[Mm]onsieur|[Mm]adame|[Ss]eñora?|[Ss]ra?\.)\s+{_NAME}"
    r"|(?:اسمي|أدعى|السيدة?)\s+(?P<arabic>[\u0620-\u064a]+(?:\s+(?:بن\s)?[\u0620-\u064a]{3,})?)"
)
_MONEY_BEFORE = re.compile(r"[$€£¥]\s?\Z")


def details(text: str) -> tuple[Detail, ...]:
    """The personal details found in a text, in order, without overlaps; the surer kind wins."""
    found: list[Detail] = []
    for detail in _candidates(text):
        if all(detail.end <= other.start or detail.start >= other.end for other in found):
            found.append(detail)
    return tuple(sorted(found, key=lambda detail: detail.start))


def mask(text: str) -> str:
    """The text with each detail replaced by its kind in brackets; masking twice changes nothing more."""
    parts, at = [], 0
    for detail in details(text):
        parts += [text[at : detail.start], f"[{detail.kind}]"]
        at = detail.end
    return "".join([*parts, text[at:]])


def _candidates(text: str) -> Iterator[Detail]:
    for match in _MAIL.finditer(text):
        yield Detail("mail", *match.span())
    for match in _IBAN.finditer(text):
        end = _iban_end(match[0])
        if end:
            yield Detail("iban", match.start(), match.start() + end)
    for match in _BORN.finditer(text):
        yield Detail("date of birth", *match.span("detail"))
    for match in _STREET.finditer(text):
        yield Detail("address", *match.span())
    for match in _LETTERED_ID.finditer(text):
        yield Detail("identifier", *match.span())
    for match in _NUMBER.finditer(text):
        kind = _kind_of_number(match[0])
        if kind and not _MONEY_BEFORE.search(text, 0, match.start()):
            yield Detail(kind, *match.span())
    for match in _NAMED.finditer(text):
        yield Detail("name", *match.span("detail" if match["detail"] else "arabic"))


def _iban_end(text: str) -> int:
    """Where the longest part with right check digits (ISO 13616, modulo 97) ends; 0 if there is none."""
    for end in range(len(text), 14, -1):
        bare = re.sub(r"[ -]", "", text[:end]).upper()
        if text[end - 1].isalnum() and 15 <= len(bare) <= 34:
            digits = "".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])
            if int(digits) % 97 == 1:
                return end
    return 0


def _kind_of_number(text: str) -> str:
    digits = "".join(str(int(character)) for character in text if character.isdigit())
    if re.fullmatch(
        r"(?:19|20)\d{2}\s?[-/]\s?(?:19|20)\d{2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}", text
    ):
        return ""  # years or a date: not a person's by itself
    if 13 <= len(digits) <= 19 and _luhn(digits):
        return "card"
    if text.startswith(("+", "00", "(")) or (
        7 <= len(digits) <= 11 and (digits.startswith("0") or re.search(r"\D", text))
    ):
        return "phone"
    return "identifier" if len(digits) >= 7 else ""


def _luhn(digits: str) -> bool:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
