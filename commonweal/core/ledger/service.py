"""What the log offers to the rest of the node, as plain functions over this node's own tables and log folder."""
from __future__ import annotations

from django.conf import settings

from commonweal.core.ledger import audit, receipts
from commonweal.core.ledger.audit import AuditReport
from commonweal.core.ledger.keys import create, load
from commonweal.core.ledger.receipts import History, NoSuchEntry
from commonweal.core.ledger.sequencer import Sequencer
from commonweal.core.ledger.tiles import LogFolder
from commonweal.core.ledger.verify import Checkpoint, VerifierKey, open_checkpoint

__all__ = [
    "AuditReport", "History", "NoSuchEntry", "check", "checkpoint", "create_keys", "history", "receipt", "sequencer",
]


def create_keys() -> None:
    """Make this node's log keys; existing ones stay. Raises UnsafeKeys."""
    create(settings.COMMONWEAL.keys, settings.COMMONWEAL.origin)


def sequencer() -> Sequencer:
    """This node's sequencer; only one process may run it. Raises UnsafeKeys."""
    node = settings.COMMONWEAL
    return Sequencer(node.origin, load(node.keys, node.origin), node.log)


def receipt(chain: bytes, n: int) -> History:
    """The receipt of entry `n` of a chain (16 bytes): a file that proves itself, `text()` of what this returns.

    Raises NoSuchEntry, and FileNotFoundError before the sequencer's first checkpoint.
    """
    return receipts.receipt(_folder().fetch, chain, n)


def history(
    chain: bytes, start: int = 1, stop: int | None = None, *, proofs: bool = False, earlier: tuple[int, ...] = ()
) -> History:
    """Entries start <= n < stop of a chain (16 bytes), default all.

    Without `proofs` it is the compact form for the browser, which fetches the public tiles itself; with them a file
    for `verify.py` alone. `earlier`: sizes of earlier checkpoints to prove as contained in the new one.
    Raises ValueError for a start below 1, and FileNotFoundError before the sequencer's first checkpoint.
    """
    return receipts.history(_folder().fetch, chain, start, stop, proofs=proofs, earlier=earlier)


def checkpoint() -> Checkpoint:
    """The published tree head, its signatures checked. Raises FileNotFoundError, VerificationError."""
    folder = _folder()
    keys = [VerifierKey.parse(line) for line in folder.fetch("vkeys").decode().splitlines()]
    return open_checkpoint(folder.fetch("checkpoint").decode(), keys)[0]


def check() -> AuditReport:
    """Compare every row of the node's evidence with every other and with the published log."""
    return audit.check(_folder())


def _folder() -> LogFolder:
    return LogFolder(settings.COMMONWEAL.log)
