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
from pathlib import Path
from typing import Any

import httpcore

from commonweal.config.node import Node
from commonweal.core.exchange import witness_policy
from commonweal.core.exchange.witness_policy import NamedWitness, WitnessPolicy
from commonweal.core.ledger.sequencer import RolledBack
from commonweal.core.ledger.verify import Checkpoint, Note, VerificationError, VerifierKey, verify_note

Prove = Callable[[int], Sequence[bytes]]  # old size -> consistency proof
PATIENCE = 2.0  # seconds before witnesses without a quorum are asked again
AHEAD = "ahead: "
COSIGNED = "cosigned"
TIMEOUT = {"timeout": {"connect": 2.0, "read": 3.0, "write": 3.0, "pool": 2.0}}
STATUS_FILE = "cosigned.json"
log = logging.getLogger("commonweal.witnesses")


class Cosigning:
    """Asks the witnesses of one policy for one log."""

    def __init__(self, policy: WitnessPolicy, status: Path) -> None:
        self.policy = policy
        self._status = status
        self._sizes: dict[str, int] = {}  # what each witness cosigned last, as far as is known
        self._pool = ThreadPoolExecutor(max(1, len(policy.witnesses)))
        self._not_before = 0.0

    @property
    def _asked(self) -> list[NamedWitness]:
        return [one for one in self.policy.witnesses.values() if one.url]

    def cosigned(self, checkpoint: Checkpoint, note: str, prove: Prove) -> str | None:
        """Ask all witnesses at once; the note with their signatures, or None without a quorum. Raises RolledBack."""
        if time.monotonic() < self._not_before:
            return None
        asked = self._asked
        answers = list(self._pool.map(lambda one: self._ask(one, checkpoint, note, prove), asked))
        quorum = self.policy.satisfied(one.vkey for one, (line, _) in zip(asked, answers, strict=True) if line)
        said = {one.name: word for one, (_, word) in zip(asked, answers, strict=True)}
        self._note(checkpoint, quorum, said)
        for name, word in said.items():
            if word.startswith(AHEAD):
                raise RolledBack(_rolled_back(name, checkpoint, word.removeprefix(AHEAD)))
        if not quorum:
            self._not_before = time.monotonic() + PATIENCE
            log.warning("no quorum of witnesses for size %d: %s", checkpoint.size, said)
            return None
        return note + "".join(line for line, _ in answers)

    def answers_to(self, checkpoint: Checkpoint, note: str) -> dict[str, str]:
        """What each witness that has cosigned this log before says to a note; nothing is remembered of it."""
        known = {name for name, word in status(self._status).get("witnesses", {}).items() if word == COSIGNED}
        return {one.name: self._answer_to(one, checkpoint, note) for one in self._asked if one.name in known}

    def _answer_to(self, one: NamedWitness, checkpoint: Checkpoint, note: str) -> str:
        try:
            code, text = self._send(one, checkpoint, note, checkpoint.size, lambda _: ())
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return f"does not answer: {type(error).__name__}"
        return f"{code}: {text.strip()[:200]}"

    def _ask(self, one: NamedWitness, checkpoint: Checkpoint, note: str, prove: Prove) -> tuple[str, str]:
        """A witness's signature line ("" for none) and what it said."""
        try:
            for _ in range(2):
                old = self._sizes.get(one.name, 0)
                status, text = self._send(one, checkpoint, note, old, prove)
                if status == 200:
                    self._sizes[one.name] = checkpoint.size
                    return _verified(one.vkey, note, text), COSIGNED
                if status != 409:
                    return "", f"{status}: {text.strip()[:200]}"
                self._sizes[one.name] = int(text.strip())
                if self._sizes[one.name] > checkpoint.size:
                    return "", f"{AHEAD}{text.strip()}"
            return "", "409 twice"
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return "", f"does not answer: {type(error).__name__}"
        except (VerificationError, ValueError) as error:
            return "", f"answers wrongly: {error}"

    def _send(self, one: NamedWitness, checkpoint: Checkpoint, note: str, old: int, prove: Prove) -> tuple[int, str]:
        proof = prove(old) if 0 < old < checkpoint.size else ()
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof)]
        body = "\n".join(lines) + "\n\n" + note
        with httpcore.ConnectionPool() as pool:
            answer = pool.request("POST", f"{one.url}/add-checkpoint", content=body.encode(), extensions=TIMEOUT)
        return answer.status, answer.content[:100_000].decode("utf-8", "replace")

    def _note(self, checkpoint: Checkpoint, quorum: bool, said: dict[str, str]) -> None:
        """Keep for operators when a quorum last cosigned, and who did not."""
        last = {"size": checkpoint.size, "time": int(time.time())} if quorum else status(self._status).get("last")
        passing = self._status.with_suffix(".new")
        passing.write_text(json.dumps({"last": last, "quorum": quorum, "witnesses": said}), "utf-8")
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


def _rolled_back(witness: str, checkpoint: Checkpoint, size: str) -> str:
    return (
        f"The witness {witness} has cosigned {checkpoint.origin} at size {size}; this node has {checkpoint.size}. "
        "An older copy of database and log was put back. Nothing is signed. Restore the newest backup and the "
        "published log, or rebuild the missing leaves from a mirror of the log; or begin a new log: set another "
        "`origin` in node.toml (docs/operating.md)."
    )


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
