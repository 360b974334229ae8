"""What `commonweal check` says about the assistant's arrangements."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from commonweal.services.assistant.arrangements import BadArrangements, arrangements


@register("assistant")
def check_arrangements(**_given: Any) -> list[CheckMessage]:
    """`assistant.toml` can be used."""
    try:
        arrangements()
    except BadArrangements as error:
        return [Error(str(error), id="assistant.E001")]
    return []
