"""Text messages and USSD: words in, what a telephone can show out. typed.py has the conversation."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.services.assistant import service
from commonweal.services.assistant.channels import typed

# GSM 03.38: what a message of 160 characters may hold; those of the second line count twice.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
MORE = "98"
SCREEN, WIDE_SCREEN = 182, 80  # characters of a USSD message: of GSM 03.38, of any other alphabet
SESSION = 180  # seconds that a USSD session lasts at most, and that the rest of an answer is kept


def receive(number: str, text: str) -> list[str]:
    """What is sent back to a number that wrote this, as parts of at most 160 (or 70) characters."""
    answer = typed.answer(number, text, "sms")
    service.note_line(number, answer.line)
    return parts(answer.text)


def screen(number: str, text: str) -> str:
    """One USSD screen for a number that typed this; 98 shows what did not fit on the one before."""
    kept = f"ussd|{salted_hmac('assistant.ussd', number, algorithm='sha256').hexdigest()}"
    line = service.line(number)
    rest = cache.get(kept, "") if text.strip() == MORE else ""
    cache.delete(kept)
    if not rest:
        answer = typed.answer(number, text, "ussd")
        service.note_line(number, answer.line)
        line, rest = answer.line, answer.text
        if answer.alarm:  # the number stands first, and nothing may be kept
            return _first(rest, "")[0]
    with override(line.language if line else None):
        shown, rest = _first(rest, "\n" + _("98 More"))
    if rest:
        cache.set(kept, rest, SESSION)
    return shown


def _first(text: str, more: str) -> tuple[str, str]:
    """What fits on one screen, ending in `more` where something is left; and what is left."""
    plain = set(text + more) <= _BASIC | _TWICE
    most = SCREEN if plain else WIDE_SCREEN
    if _length(text, plain) <= most:
        return text, ""
    begins = next(_cut(text, most - _length(more, plain), plain))
    return begins + more, text[len(begins) :].lstrip()


def parts(text: str) -> list[str]:
    """The text in parts as a telephone gets them: 160 characters of GSM 03.38, otherwise 70; less where they join."""
    plain = set(text) <= _BASIC | _TWICE
    alone, joined = (160, 153) if plain else (70, 67)
    if _length(text, plain) <= alone:
        return [text]
    return list(_cut(text, joined, plain))


def _length(text: str, plain: bool) -> int:
    if not plain:
        return len(text.encode("utf-16-be")) // 2
    return len(text) + sum(character in _TWICE for character in text)


def _cut(text: str, most: int, plain: bool) -> Iterator[str]:
    """Cut between words where it can be."""
    while _length(text, plain) > most:
        at = most
        while _length(text[:at], plain) > most:
            at -= 1
        space = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
        at = space if space > at // 2 else at
        yield text[:at].rstrip()
        text = text[at:]
    yield text
