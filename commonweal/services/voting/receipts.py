"""What the ballot server promises whoever casts: this ballot is on the board when it closes.

Signed with a key that the frozen plan names, so that a promise that was not kept can be shown to anybody. It tells them
no more than the tracker does: not what was chosen, nor when.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.encoding import JSON, fields, parse, string
from commonweal.services.voting.engine.group import Point
from commonweal.services.voting.engine.keys import sign
from commonweal.services.voting.engine.proofs import Proof, knows, message_prefix
from commonweal.services.voting.engine.refusal import Reason, Refused

BALLOT_SERVER = "ballot-server"  # the move by which its key comes among the files of the trustees
OVER = (EventType.END_BALLOTS, EventType.ENCRYPTED_TALLY)


@dataclass(frozen=True)
class Receipt:
    """The promise for the ballot with this tracker."""

    uuid: str
    tracker: str
    signature: Proof

    @classmethod
    def make(cls, uuid: str, tracker: str, key: int) -> Receipt:
        """Signed with the ballot server's key."""
        return cls(uuid, tracker, sign(_words(uuid, tracker), key).signature)

    @classmethod
    def from_json(cls, value: JSON) -> Receipt:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("uuid", "tracker", "signature"))
        return cls(string(value["uuid"]), string(value["tracker"]), Proof.from_json(value["signature"]))

    @classmethod
    def load(cls, path: Path) -> Receipt:
        """The last line of the file that the booth or the command saved. Raises Refused, OSError."""
        try:
            return cls.from_json(parse(path.read_bytes().rstrip().rpartition(b"\n")[2]))
        except Refused as refused:
            raise refused.within(f"receipt {path.name}") from None

    def as_json(self) -> JSON:
        """Fields in the order in which they are read."""
        return {"uuid": self.uuid, "tracker": self.tracker, "signature": self.signature.as_json()}

    def verify(self, uuid: str, key: Point | None) -> None:
        """Raises Refused unless it was signed for this election with the key that its plan names."""
        if key is None:
            raise Refused(Reason.RECEIPT, "plan", "the key of the ballot server", "a plan without one")
        if self.uuid != uuid:
            raise Refused(Reason.RECEIPT, "uuid", uuid, self.uuid)
        if not knows(message_prefix(_words(self.uuid, self.tracker)), key, self.signature):
            raise Refused(Reason.RECEIPT, f"receipt {self.tracker}", f"a signature by {group.text(key)}", "another")

    def require_kept(self, record: Path) -> bool:
        """Whether the ballot is on the board. Raises Refused(RECEIPT) when it is not and the board has closed."""
        with record.open("rb") as stream:
            for step in steps(stream):
                if step.event.type is EventType.BALLOT and _tracker(step.data[0].digest) == self.tracker:
                    return True
                if step.event.type in OVER:
                    raise Refused(Reason.RECEIPT, "closed board", f"the promised ballot {self.tracker}", "none such")
        return False


def key_in(messages: Sequence[Any]) -> tuple[str, dict[str, str]]:
    """The ballot server's public key among the files that were handed over, and its machine's mark; "" if it gave none.

    Raises Refused for what is no key, or for two.
    """
    found = [message for message in messages if message["move"] == BALLOT_SERVER]
    if len(found) > 1:
        raise Refused(Reason.OWNER, "files", "one key of the ballot server", len(found))
    for message in found:
        return group.text(group.key_point(message["value"])), {"ballot server": message["machine"]}
    return "", {}


def _words(uuid: str, tracker: str) -> str:
    return f"commonweal/receipt|{uuid}|{tracker}"


def _tracker(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode().rstrip("=")
