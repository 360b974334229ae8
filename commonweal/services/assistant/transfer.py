"""A conversation goes on at an agency with a node of its own: through the exchange, and only if the person agrees.

An officer suggests it; the person sends it. There it is a case of the enquiry office, whose answer comes to the
person's inbox at that node. An office takes conversations if it offers `service.receive` under `/conversations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from commonweal.core.exchange import asking
from commonweal.core.exchange import service as exchange
from commonweal.core.exchange.asking import Offered
from commonweal.core.identity.actors import Person
from commonweal.services.assistant import conversations, models, purposes

PATH = "/conversations"
SUGGESTED = "suggested"  # the outcome of the notice that names the office
LARGEST = 150_000  # bytes of what is sent, the newest words; a gateway looks for a person in bodies below 256 KB
LONGEST_NAME = 200


def offices() -> list[Offered]:
    """The enquiry offices that this node may send conversations to."""
    if asking.asks_for(purposes.ANSWERING) is None:
        return []
    return asking.offers_of_others(PATH)


def suggest(row: models.Conversation, office: Offered, by: str) -> None:
    """Say to the person that this office could go on."""
    name = office.name(row.language)
    conversations.say(row, "notice", name, by=by, outcome=SUGGESTED, details=asdict(office))
    row.save()


def suggested(row: models.Conversation) -> Offered | None:
    """The office that an officer suggested last, while the officer still talks."""
    notice = row.messages.filter(role="notice").order_by("-n").first()
    if row.state != "talking" or notice is None or notice.outcome != SUGGESTED:
        return None
    return Offered(**notice.details)


def send(row: models.Conversation, person: Person, office: Offered) -> None:
    """Give the conversation to the office. Raises NotTold when it does not take it; then nothing changes here."""
    said: list[dict[str, str]] = []
    left = LARGEST
    for message in reversed(conversations.value(row).said):
        left -= len(message.text.encode())
        if left < 0:
            break
        if message.role != "notice" and message.text:
            said.append({"role": message.role, "by": message.by, "text": message.text})
    content = {"conversation": str(row.id), "language": row.language, "said": said[::-1]}
    exchange.ask_about(person, office.service + PATH, purposes.ANSWERING, content=content)


def read(content: Mapping[str, Any]) -> tuple[str, str, list[tuple[str, str, str]]]:
    """The sender's id, the language, and (role, by, text) of each message. Raises ValueError naming what is wrong."""
    id_, language, said = content.get("conversation"), content.get("language"), content.get("said")
    if not isinstance(id_, str) or not 0 < len(id_) <= 64:
        raise ValueError(_("conversation: send its id, as text of at most 64 characters"))
    if not isinstance(language, str) or not 0 < len(language) <= 5:
        raise ValueError(_("language: send a language code such as “en”"))
    if not isinstance(said, list) or not said:
        raise ValueError(_("said: send what was said, at least one message"))
    return id_, language, [_message(one) for one in said]


def _message(found: Any) -> tuple[str, str, str]:
    fields = [found.get(name) for name in ("role", "by", "text")] if isinstance(found, dict) else []
    match fields:
        case [("user" | "agent" | "officer") as role, str(by), str(text)] if (
            text and len(text) <= LARGEST and len(by) <= LONGEST_NAME
        ):
            return role, by, text
    raise ValueError(_("said: each message needs `role` (user, agent or officer), `by` and `text`"))
