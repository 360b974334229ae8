"""Asking the witnesses of the node's policy before a checkpoint is published.

Whoever asks every witness the same way cannot show two trees to two people: each witness cosigns only what continues
what it saw. A node that was put back to an older state is told so by its witnesses, and stops.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore

from commonweal.config.node import Node
from commonweal.core.exchange import witness_policy
from commonweal.core.exchange.witness_policy import NamedWitness, WitnessPolicy
from commonweal.core.ledger.verify import Checkpoint, Note, VerificationError, VerifierKey, verify_note

Prove = Callable[[int, int], Sequence[bytes]]  # (old size, new size) -> consistency proof
TIMEOUT = {"timeout": {"connect": 2.0, "read": 3.0, "write": 3.0, "pool": 2.0}}
STATUS_FILE = "cosigned.json"
log = logging.getLogger("commonweal.witnesses")


class WitnessAhead(RuntimeError):
    """A witness has cosigned a longer log than this node has: the node was put back to an older state."""


@dataclass(frozen=True)
class Cosigned:
    """What the witnesses said: their signature lines, whether that is a quorum, and a word for each witness."""

    lines: tuple[str, ...]
    quorum: bool
    said: dict[str, str]


class Cosigning:
    """Asks the witnesses of one policy for one log."""

    def __init__(self, policy: WitnessPolicy, status: Path) -> None:
        self.policy = policy
        self._status = status
        self._sizes: dict[str, int] = {}  # what each witness cosigned last, as far as is known
        self._pool = ThreadPoolExecutor(max(1, len(policy.witnesses)))

    def ask(self, checkpoint: Checkpoint, note: str, prove: Prove) -> Cosigned:
        """Ask all witnesses at once. `note` is the checkpoint signed by the log. Raises WitnessAhead."""
        asked = [one for one in self.policy.witnesses.values() if one.url]
        answers = list(self._pool.map(lambda one: self._ask(one, checkpoint, note, prove), asked))
        lines = tuple(line for line, _ in answers if line)
        said = {one.name: word for one, (_, word) in zip(asked, answers, strict=True)}
        signers = [one.vkey for one, (line, _) in zip(asked, answers, strict=True) if line]
        found = Cosigned(lines, self.policy.satisfied(signers), said)
        self._note(checkpoint, found)
        ahead = [(one.name, word) for one, (line, word) in zip(asked, answers, strict=True) if word.startswith("ahead")]
        if ahead:
            name, word = ahead[0]
            raise WitnessAhead(
                f"The witness {name} has cosigned {checkpoint.origin} at size {word.removeprefix('ahead ')}, this node "
                f"has {checkpoint.size}. An older copy of database and log was put back. Nothing is signed. Restore "
                "the newest backup and the published log, or rebuild the missing leaves from a mirror of the log; or "
                "begin a new log: set another `origin` in node.toml (docs/operating.md)."
            )
        return found

    def _ask(self, one: NamedWitness, checkpoint: Checkpoint, note: str, prove: Prove) -> tuple[str, str]:
        """A witness's signature line ("" for none) and what it said."""
        try:
            for _ in range(2):
                old = self._sizes.get(one.name, 0)
                status, text = self._send(one, checkpoint, note, old, prove)
                if status == 200:
                    self._sizes[one.name] = checkpoint.size
                    return _verified(one.vkey, note, text), "cosigned"
                if status != 409:
                    return "", f"{status}: {text.strip()[:200]}"
                self._sizes[one.name] = int(text.strip())
                if self._sizes[one.name] > checkpoint.size:
                    return "", f"ahead {text.strip()}"
            return "", "409 twice"
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return "", f"does not answer: {type(error).__name__}"
        except (VerificationError, ValueError) as error:
            return "", f"answers wrongly: {error}"

    def _send(self, one: NamedWitness, checkpoint: Checkpoint, note: str, old: int, prove: Prove) -> tuple[int, str]:
        proof = prove(old, checkpoint.size) if 0 < old < checkpoint.size else ()
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof)]
        body = "\n".join(lines) + "\n\n" + note
        with httpcore.ConnectionPool() as pool:
            answer = pool.request("POST", f"{one.url}/add-checkpoint", content=body.encode(), extensions=TIMEOUT)
        return answer.status, answer.content[:100_000].decode("utf-8", "replace")

    def _note(self, checkpoint: Checkpoint, found: Cosigned) -> None:
        """Keep for operators when a quorum last cosigned, and who did not."""
        before = status(self._status)
        last = {"size": checkpoint.size, "time": int(time.time())} if found.quorum else before.get("last")
        passing = self._status.with_suffix(".new")
        passing.write_text(json.dumps({"last": last, "quorum": found.quorum, "witnesses": found.said}), "utf-8")
        passing.rename(self._status)


def of_node(node: Node) -> Cosigning | None:
    """The node's witnesses, or None when its policy names none. Raises BadWitnessPolicy."""
    policy = witness_policy.load(node.home)
    return Cosigning(policy, node.logs / STATUS_FILE) if policy else None


def status(path: Path) -> dict[str, Any]:
    """What the witnesses last said; {} before they were asked."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _verified(vkey: VerifierKey, note: str, text: str) -> str:
    """The line of the witness's known key in its answer. Raises VerificationError."""
    parsed = Note.parse(f"{Note.parse(note).text}\n{text}")
    verify_note(parsed, [vkey])
    lines = [line for line in text.splitlines() if line.startswith(f"— {vkey.name} ")]
    for line in lines:
        raw = base64.b64decode(line.rpartition(" ")[2])
        if raw[:4] == vkey.id:
            return line + "\n"
    raise VerificationError("cosignature", vkey.name, text[:80])
