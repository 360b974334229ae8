"""The public pages of algorithms."""

from __future__ import annotations

from commonweal.core.algorithms.declared import algorithm
from tests.core.algorithms.triage import record
from tests.walk.cast import Cast
from tests.walk.scenes import Scene


def scenes(cast: Cast) -> list[Scene]:
    """The list, the record of the tests' own algorithm, and one that is not there."""
    algorithm(record(None))
    return [
        Scene("algorithms", "anonymous", "/algorithms/"),
        Scene("an algorithm", "anonymous", "/algorithms/test.permit-check/"),
        Scene("no such algorithm", "anonymous", "/algorithms/nothing/", status=404),
    ]
