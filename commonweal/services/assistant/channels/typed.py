"""A conversation in typed words, as text messages, USSD and e-mail have it: the same as on the web, with numbers.

1 to 8 choose an option, 0 goes back, 9 asks for a person, 00 begins anew; EN, FR, ES and AR change the language. Of the
line that somebody writes from a keyed hash is kept only, so an officer's words are given with the next answer, never
pushed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.core import clock
from commonweal.core.identity.actors import ANONYMOUS
from commonweal.services.assistant import service
from commonweal.services.assistant.alarms import words_for
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.values import Channel, Line, Reply, Talk

LANGUAGES = ("en", "fr", "es", "ar")
PERSON, ANEW = "9", "00"
IDLE = timedelta(hours=24)  # after so long the next words begin a new conversation


@dataclass(frozen=True)
class Answer:
    """What is sent back, and where the line stands when it was sent. Nothing of an `alarm` may be kept."""

    line: Line
    text: str
    alarm: bool = False


def answer(number: str, text: str, channel: Channel, key: str = "") -> Answer:
    """The answer to what somebody wrote from a line, in the line's language.

    The channel sends it and then calls `service.note_line`. The same `key` again gives the same answer again.
    """
    line = service.line(number) or Line(settings.LANGUAGE_CODE[:2])
    text = _western(text.strip())
    if text.casefold() in LANGUAGES:
        line = Line(text.casefold())
        text = ANEW
    with override(line.language):
        return _answered(line, text, channel, key)


def _answered(line: Line, text: str, channel: Channel, key: str) -> Answer:
    talk = _going_on(line)
    if text == ANEW:
        return Answer(Line(line.language), _("Write your question."))
    if talk and text == PERSON:
        return _handed_over(line, talk)
    try:
        talk_id, reply = service.ask(
            ANONYMOUS, text, line.language, talk_id=talk.id if talk else "", channel=channel, key=key
        )
    except ValueError as error:
        return Answer(line, str(error))
    if reply and reply.alarm:
        words = words_for(reply.alarm)
        return Answer(line, f"{words.title}: {words.number}. {words.text}", alarm=True)
    after = service.talk(ANONYMOUS, talk_id)
    if reply is None and after.state == "machine":  # the same words came twice
        reply = after.said[-1].reply
    told = line.told if talk else 0
    lines = [*_from_people(after, told), _words(reply, after) if reply else _silent(after)]
    return Answer(Line(line.language, talk_id, after.said[-1].n), "\n".join(one for one in lines if one))


def _going_on(line: Line) -> Talk | None:
    """The conversation of this line, unless it ended or nobody wrote for a day."""
    if not line.talk_id:
        return None
    try:
        talk = service.talk(ANONYMOUS, line.talk_id)
    except service.NoTalk:
        return None
    idle = talk.state == "machine" and clock.now() - talk.last > IDLE
    return None if idle or talk.state == "ended" else talk


def _handed_over(line: Line, talk: Talk) -> Answer:
    service.hand_over(ANONYMOUS, talk.id)
    after = service.talk(ANONYMOUS, talk.id)
    lines = [*_from_people(after, line.told), _silent(after)]
    return Answer(Line(line.language, talk.id, after.said[-1].n), "\n".join(lines))


def _from_people(talk: Talk, told: int) -> Iterator[str]:
    """What officers said since the line was last answered."""
    for said in talk.said:
        if said.n > told and said.role == "officer":
            yield f"{said.by}: {said.text}"


def _silent(talk: Talk) -> str:
    if talk.state == "talking":
        return _("A person talks with you. Write again to get their answer.")
    return " ".join([_("You wait for a person. Write again to get their answer."), *_away()])


def _away() -> list[str]:
    until = service.away_until()
    return [_("We are there again on %(when)s.") % {"when": date_format(until, "DATETIME_FORMAT")}] if until else []


def _words(reply: Reply, talk: Talk) -> str:
    """A reply as text: what holds, its source, and the numbers that can be sent."""
    if reply.asked:
        options = [f"{at} {words}" for at, (_id, words) in enumerate(reply.asked.options, start=1)]
        return "\n".join([reply.asked.text, *options, *([] if reply.asked.first else [_("0 The question before")])])
    lines = []
    if reply.result:
        lines = [reply.result.text, _("Rule: %(rule)s") % {"rule": reply.result.trace[-1].rule}]
    elif reply.outcome == Outcome.OUT_OF_SCOPE:
        lines = [_("Another office answers that: %(office)s.") % {"office": reply.office}]
    elif not reply.citations:
        lines = [_("I cannot answer that: no page of the guidance says it.")]
    else:
        lines = [cited.text for cited in reply.citations]
    for cited in reply.citations:
        path = reverse("assistant-pages:page", args=[cited.language, cited.slug])
        lines.append(f"{cited.title} ({date_format(cited.since)}): {settings.COMMONWEAL.address}{path}")
    if reply.flow:
        lines.append(f"1 {reply.flow_title}")
    if talk.offered or not reply.citations:
        lines.append(_("9 Talk to a person"))
    return "\n".join(lines)


def _western(text: str) -> str:
    """Digits of any script as 0 to 9, when nothing else was written."""
    return "".join(str(int(digit)) for digit in text) if text.isdecimal() else text
