"""The telephone lines and e-mail addresses that write to the assistant, each known by a keyed hash."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from commonweal.services.assistant import models
from commonweal.services.assistant.values import Line


def line(number: str) -> Line | None:
    """Where a line stands, or None when it never wrote. Only a keyed hash of its number or address is kept."""
    row = models.Line.objects.filter(number=_hashed(number)).first()
    return Line(row.language, str(row.conversation_id or ""), row.told) if row else None


def note_line(number: str, where: Line) -> None:
    """Keep where the line stands."""
    kept = {"language": where.language, "conversation_id": where.talk_id or None, "told": where.told}
    models.Line.objects.update_or_create(number=_hashed(number), defaults=kept)


def _hashed(number: str) -> str:
    """A telephone's number counts by its digits, an address as it is but for capitals."""
    kept = number.casefold() if "@" in number else "".join(one for one in number if one.isdecimal())
    return salted_hmac("assistant.line", kept, algorithm="sha256").hexdigest()
