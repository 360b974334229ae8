"""Whether the other nodes keep in their logs what they said they did: one-sided omissions show here.

Our evidence of each exchange names the leaf hash of the other node's evidence, under the other's signature. A leaf that
is not in the other's public log, long after, was left out or was never written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from commonweal.core.exchange.directory import Directory, FederatedNode
from commonweal.core.ledger.verify import (
    HASH,
    WIDTH,
    VerificationError,
    VerifiedTiles,
    VerifierKey,
    open_checkpoint,
    open_log,
)

PATIENCE = timedelta(minutes=10)  # a leaf may wait for its place in the log
ANSWER_TIME = timedelta(minutes=5)  # an exchange that has no answer by then has failed


@dataclass(frozen=True)
class Missing:
    """An act of another node that is not in its log, or an answer that never came."""

    message: str
    client: str
    service: str
    at: str
    peer: str
    why: str

    def __str__(self) -> str:
        return f"{self.at} {self.client} -> {self.service}, message {self.message}: {self.why}"


@dataclass(frozen=True)
class Comparison:
    """What a comparison with all other nodes' logs found."""

    compared: int
    missing: tuple[Missing, ...]
    unreachable: tuple[str, ...]


def compare(directory: Directory, now: datetime, patience: timedelta = PATIENCE) -> Comparison:
    """Look up every other node's leaf that our evidence names and that is older than `patience`, in that node's log."""
    compared, missing, unreachable = 0, list[Missing](), list[str]()
    nodes = {node.origin: node for node in directory.nodes}
    for peer, expected in _expected(now - patience).items():
        try:
            found = logged(nodes[peer])
        except (KeyError, OSError, VerificationError) as error:
            unreachable.append(f"{peer}: {error}")
            continue
        compared += len(expected)
        missing += [one for leaf, one in expected if leaf not in found]
    return Comparison(compared, (*missing, *_unanswered(now - max(patience, ANSWER_TIME))), tuple(unreachable))


def logged(node: FederatedNode) -> set[bytes]:
    """The leaf hashes in a node's log, checked against its signed checkpoint. Raises OSError, VerificationError."""
    fetch = open_log(node.log)
    checkpoint, _ = open_checkpoint(
        fetch("checkpoint").decode(), [VerifierKey.parse(text) for text in node.log_keys]
    )  # fmt: skip
    if checkpoint.origin != node.origin:
        raise VerificationError("origin", node.origin, checkpoint.origin)
    tiles, found = VerifiedTiles(fetch, checkpoint), set[bytes]()
    for index in range((checkpoint.size + WIDTH - 1) // WIDTH):
        tile = tiles.tile(0, index)
        found.update(tile[at : at + HASH] for at in range(0, len(tile), HASH))
    return found


def _expected(before: datetime) -> Mapping[str, Sequence[tuple[bytes, Missing]]]:
    """By node: the leaf hashes that our evidence names, and what to say when one is not there."""
    found: dict[str, list[tuple[bytes, Missing]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, message, client, service, at, peer, peer_leaf FROM exchange_side "
            "WHERE peer_leaf IS NOT NULL AND at < %s ORDER BY act",
            [before],
        )
        for kind, message, client, service, at, peer, leaf in cursor.fetchall():
            other = "gave this answer" if kind == "received" else "asked for it"
            why = f"the log of {peer} does not hold the entry {bytes(leaf).hex()} that it {other}"
            found.setdefault(peer, []).append((bytes(leaf), Missing(message, client, service, str(at), peer, why)))
    return found


def _unanswered(before: datetime) -> list[Missing]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.message, asked.client, asked.service, asked.at, asked.peer FROM exchange_side asked "
            "WHERE asked.kind = 'asked' AND asked.permitted AND asked.at < %s AND NOT EXISTS "
            "(SELECT 1 FROM exchange_side got WHERE got.message = asked.message AND got.kind = 'received') "
            "ORDER BY asked.act",
            [before],
        )
        return [
            Missing(message, client, service, str(at), peer, "no answer was received")
            for message, client, service, at, peer in cursor.fetchall()
        ]
