"""Messages to people: always in their inbox, and by the channel that they chose, in their language.

A message by mail or SMS tells only that something waits; a letter carries all of it, since its reader may have no web.
Adapters are small: each takes a message and an address. Until an agency plugs in its own, all of them write files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from commonweal.core import clock
from commonweal.core.cases import models
from commonweal.core.cases.letters import Letter, pdf
from commonweal.core.cases.values import Channel, Notice
from commonweal.core.cases.worklist import number
from commonweal.core.identity import accounts
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Words

log = logging.getLogger("commonweal.cases")
Adapter = Callable[[models.Notice, str], None]
BATCH = 200


def write(person: Person, agency: str, subject: Words, text: Words, case: models.Case | None) -> None:
    """Put a message into a person's inbox, inside the caller's act, and queue it for their channel."""
    language = channel_of(person).language or (case.language if case else settings.LANGUAGE_CODE)
    with override(language):
        row = models.Notice(
            person_id=person.id,
            case=case,
            agency=agency,
            subject=str(subject),
            text=str(text),
            language=language,
            written=clock.now(),
        )
    row.save()
    deliver.enqueue()


def channel_of(person: Person) -> Channel:
    """How a person is told; by mail, until they choose."""
    row = models.ChosenChannel.objects.filter(person_id=person.id).first()
    return Channel(row.name, row.address, row.language) if row else Channel()  # type: ignore[arg-type]


def unread(person: Person | None) -> int:
    """How many messages a person has not opened."""
    return models.Notice.objects.filter(person_id=person.id, read=None).count() if person else 0


def value(row: models.Notice) -> Notice:
    """The frozen value of a message."""
    case = str(row.case_id) if row.case_id else ""
    return Notice(str(row.id), case, row.agency, row.subject, row.text, row.written, row.read is None)


@task()
def deliver() -> None:
    """Send what waits through its channel. What fails stays, and the next round tries again."""
    for row in models.Notice.objects.filter(delivered=None).order_by("written")[:BATCH]:
        chosen = models.ChosenChannel.objects.filter(person_id=row.person_id).first()
        try:
            with override(row.language):
                adapter(chosen.name if chosen else "mail")(row, chosen.address if chosen else "")
        except OSError:
            log.exception("a notice could not be sent", extra={"fields": {"notice": str(row.id)}})
            continue
        models.Notice.objects.filter(id=row.id).update(delivered=clock.now())


def adapter(channel: str) -> Adapter:
    """The adapter of a channel: an agency's own from COMMONWEAL_NOTICES, else the one that writes files."""
    own: dict[str, str] = getattr(settings, "COMMONWEAL_NOTICES", {})
    return import_string(own[channel]) if channel in own else ADAPTERS[channel]


def by_inbox(row: models.Notice, address: str) -> None:
    """The inbox is enough for this person."""


def by_mail(row: models.Notice, address: str) -> None:
    """A mail to every verified address of the person's account, if they have one."""
    verified = EmailAddress.objects.filter(user__person_id=row.person_id, verified=True)
    for email in verified.values_list("email", flat=True):
        send_mail(_("A message for you"), _short(row), None, [email])


def by_sms(row: models.Notice, address: str) -> None:
    """A text message, as a file `sms/ID.txt`: the number, then the words."""
    _file("sms", row, f"{address}\n{_short(row)}")


def by_letter(row: models.Notice, address: str) -> None:
    """A letter with the whole message: `letters/ID.pdf` for the printer, and `letters/ID.txt` for Braille."""
    letter = Letter(
        sender=_agency(row),
        contact=_contact(row),
        to=address,
        written=row.written,
        case=number(row.case_id) if row.case_id else "",
        subject=row.subject,
        text=row.text,
        language=row.language,
    )
    printed = pdf(letter)
    _file("letters", row, render_to_string("cases/letter.txt", {"notice": row, "to": address, "from": letter.sender}))
    _write("letters", f"{row.id}.pdf", printed)


ADAPTERS: dict[str, Adapter] = {"inbox": by_inbox, "mail": by_mail, "sms": by_sms, "letter": by_letter}


def _short(row: models.Notice) -> str:
    address = settings.COMMONWEAL.address + reverse("cases:notice", args=[row.id])
    return _("%(agency)s has written to you. Read it here: %(address)s") % {"agency": _agency(row), "address": address}


def _agency(row: models.Notice) -> str:
    try:
        return accounts.agency(row.agency).name(row.language)
    except accounts.UnknownAgency:
        return row.agency


def _contact(row: models.Notice) -> tuple[str, ...]:
    try:
        return tuple(accounts.agency(row.agency).contact.values())
    except accounts.UnknownAgency:
        return ()


def _file(folder: str, row: models.Notice, text: str) -> None:
    _write(folder, f"{row.id}.txt", text.encode())


def _write(folder: str, name: str, data: bytes) -> None:
    """A file that only the node can read."""
    place = settings.COMMONWEAL.home / folder
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = place / name
    file.touch(mode=0o600)
    file.write_bytes(data)
