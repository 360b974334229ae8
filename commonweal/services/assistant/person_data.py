"""What this room holds about a person: their conversations. All of them, anybody's, are deleted after 90 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention
from commonweal.services.assistant import conversations, models

KEPT = timedelta(days=90)
retention.declare(
    "assistant/answer", _("Judgements of the assistant’s answers, without anybody’s words"), _("for good: about nobody")
)
retention.declare(
    "assistant/test-question", _("Test questions in officers’ own words"), _("until an officer takes them away")
)
retention.declare("assistant/talk", _("Conversations with the assistant"), _("90 days after the last message"))


def held(person: Person) -> dict[str, Any]:
    """Every conversation of the person, word by word, with what a register answered in it."""
    return {
        "conversations": [
            {
                "began": stamp(row.began),
                "known": row.known,
                "said": [
                    {"by": message.by or message.role, "at": stamp(message.at), "text": message.text}
                    for message in row.messages.order_by("n")
                ],
            }
            for row in models.Conversation.objects.filter(person_id=person.id).order_by("began")
        ]
    }


def erase(person: Person) -> None:
    """Delete them."""
    models.Conversation.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete what ended long ago. Returns whom it was about, where that is known."""
    return list(people.known(conversations.forget(now - KEPT)).values())
