"""Records taken apart and put together again with false parts, as a dishonest server would, for tests."""

from __future__ import annotations

import json
from pathlib import Path

from commonweal.services.voting.engine.archive import EventType, Writer, steps
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.hashing import sha256_hex
from tests.services.voting.engine.elections import TIMESTAMP

Content = list[tuple[EventType, list[bytes]]]


def contents(path: Path) -> Content:
    with path.open("rb") as stream:
        return [(step.event.type, [item.content for item in step.data]) for step in steps(stream)]


def rewritten(content: Content, path: Path) -> Path:
    """A record of these contents, all hashes and links made anew, as a dishonest server would."""
    with path.open("wb") as stream:
        writer = Writer(stream, TIMESTAMP)
        for kind, data in content:
            whole = list(data)
            if kind is EventType.SETUP:
                whole[3] = canonical(
                    dict(zip(("election", "trustees", "credentials"), map(sha256_hex, data[:3]), strict=True))
                )
            if kind in (EventType.SHUFFLE, EventType.PARTIAL_DECRYPTION):
                whole[1] = canonical(json.loads(data[1]) | {"payload": sha256_hex(data[0])})
            if kind is EventType.ENCRYPTED_TALLY:
                whole[1] = canonical(json.loads(data[1]) | {"encrypted_tally": sha256_hex(data[0])})
            payload = None
            for item in whole:
                payload = writer.data(item)
            writer.event(kind, payload)
    return path
