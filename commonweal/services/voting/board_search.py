"""Looking for one ballot in a record, by its tracker."""

from __future__ import annotations

import base64
from pathlib import Path

from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.encoding import parse


def state_on_board(record: Path, tracker: str) -> str | None:
    """`counted`, or `replaced` by a later ballot of the same code; None if the board has no such ballot."""
    try:
        wanted = base64.b64decode(f"{tracker}=", validate=True).hex()
    except ValueError:
        return None
    credential: str | None = None
    state: str | None = None
    with record.open("rb") as stream:
        for step in steps(stream):
            if step.event.type is not EventType.BALLOT:
                continue
            if step.data[0].digest == wanted:
                credential, state = _credential(step.data[0].content), "counted"
            elif credential is not None and _credential(step.data[0].content) == credential:
                state = "replaced"
    return state


def _credential(ballot: bytes) -> str:
    return str(parse(ballot)["credential"])
