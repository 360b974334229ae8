"""What `commonweal check` says about the assistant's arrangements."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from commonweal.services.assistant.arrangements import BadArrangements, arrangements
from commonweal.services.assistant.engine.models import Mode, mode_of


@register("assistant")
def check_arrangements(**_given: Any) -> list[CheckMessage]:
    """`assistant.toml` can be used."""
    try:
        arrangements()
    except BadArrangements as error:
        return [Error(str(error), id="assistant.E001")]
    return []


@register("assistant")
def check_models(**_given: Any) -> list[CheckMessage]:
    """The models were not made by an earlier version, which would leave them unused."""
    folder = settings.COMMONWEAL.home / "assistant" / "models"
    if mode_of(folder) is Mode.NONE and any(folder.glob("*/model*.onnx")):
        return [Warning("the models are of an earlier version: run `commonweal assistant models`", id="assistant.W001")]
    return []
