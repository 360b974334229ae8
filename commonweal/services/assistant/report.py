"""What was asked in a week and what the pages did not answer, for those who own the pages.

Words are shown of people who were not signed in only, with personal details masked as far as they are found; the
questions of whoever was signed in are only counted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from commonweal.services.assistant import models
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import mask
from commonweal.services.assistant.values import Report

MOST = 100  # questions shown


def since(begins: datetime) -> Report:
    """The report on everything that was asked since a moment."""
    topics = dict(models.Version.objects.values_list("slug", "topic"))
    answered: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    unanswered: list[str] = []
    replies = models.Message.objects.filter(role="agent", at__gte=begins).exclude(outcome="flow")
    for reply in replies.select_related("conversation").order_by("-at").iterator():
        outcomes[reply.outcome] += 1
        if cited := reply.details["citations"]:
            answered[topics.get(cited[0]["slug"], "")] += 1
        elif reply.outcome == Outcome.NOT_KNOWN and reply.conversation.person_id is None and len(unanswered) < MOST:
            asked = reply.conversation.messages.filter(n__lt=reply.n, role="user").order_by("-n").first()
            unanswered += [mask(asked.text)] if asked else []
    return Report(begins, tuple(answered.most_common()), tuple(outcomes.most_common()), tuple(unanswered))
