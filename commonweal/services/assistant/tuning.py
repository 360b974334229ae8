"""From which chances the machine answers: what the operator chose last on the curve, else in `assistant.toml`."""

from __future__ import annotations

from datetime import datetime

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import models
from commonweal.services.assistant.arrangements import arrangements


def chosen() -> dict[str, float]:
    """`answered` and `partly`, as far as they were chosen."""
    row = models.Tuning.objects.order_by("-pk").first()
    return {"answered": row.answered, "partly": row.partly} if row else dict(arrangements().thresholds)


def since() -> datetime | None:
    """When the operator chose last."""
    return models.Tuning.objects.order_by("-pk").values_list("at", flat=True).first()


def choose(actor: Actor, answered: float, partly: float) -> None:
    """From now on these hold, in every process. Raises ValueError."""
    if not 0 < partly <= answered < 1:
        raise ValueError(f"0 < partly <= answered < 1, not {partly} and {answered}")
    models.Tuning.objects.create(answered=answered, partly=partly, by=actor.id, at=clock.now())
