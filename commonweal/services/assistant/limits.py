"""How often somebody may ask: counted by browser or person, so that a shared connection locks nobody out.

An address alone is stopped only far above what a library, a school or a town hall sends. Counts live in the cache that
all processes share; the address is hashed into its key and forgotten after a minute.
"""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from commonweal.services.assistant.arrangements import arrangements
from commonweal.services.assistant.engine.safety import alarm

FROM_ONE_ADDRESS = 1_000  # questions a minute


class TooMany(ValueError):
    """Many questions in a short time; the text says what to do."""


def count_question(request: HttpRequest, who: str, text: str) -> None:
    """Count one question by `who` (a conversation or a person; "" for a first question) from this address.

    Raises TooMany, but never for words that raise an alarm.
    """
    if not _may_ask(request, who) and not alarm(text):
        raise TooMany(_("You asked many questions in a short time. Wait a minute, then send this again."))


def _may_ask(request: HttpRequest, who: str) -> bool:
    rates = {"asks": f"{arrangements().questions_a_minute}/m/key", "address": f"{FROM_ONE_ADDRESS}/m/ip"}
    fine = bool(ratelimit.consume(request, app="assistant", action="address", config=rates))
    if fine and who:
        fine = bool(ratelimit.consume(request, app="assistant", action="asks", config=rates, key=who))
    return fine
