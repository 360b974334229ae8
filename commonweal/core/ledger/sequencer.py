"""The sequencer: one process that gives waiting leaves their places and publishes signed checkpoints.

Each pass goes through the stages below in this order, and a pass that is killed anywhere is finished by the next
start, with the same bytes:

    place      ledger_pending -> ledger_log, dense, in short transactions
    write      documents, bundles and tiles, durable and renamed into place
    intend     (size, root) stored under the primary key `size`: there can never be two roots for one size
    reread     rows and files are read again and re-hashed up to the root
    publish    sign, ask the witnesses (if there are any), and put the new `checkpoint` in place

Without a quorum of its witnesses nothing is published; the same checkpoint is tried again, acts go on meanwhile.

At the start the root is recomputed from the rows and compared with the last intended and the last published
checkpoint. A database that is older than what was published is refused (`RolledBack`): appending to it would sign a
second history.
"""
from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, Protocol

from django.db import Error, connection
from django.utils import timezone

from commonweal.core.ledger import epochs, models, publish, rows
from commonweal.core.ledger.keys import LogKeys
from commonweal.core.ledger.rows import Damaged
from commonweal.core.ledger.tiles import Edge, LogFolder, TileReader
from commonweal.core.ledger.verify import Checkpoint, VerificationError, root_of_tails, tree_hash

BATCH = 4_096  # leaves placed in one transaction
LEAVES_A_PASS = 16_384  # leaves placed before the next checkpoint
IDLE_SECONDS = 0.25
EPOCH_SECONDS = 600
ADVISORY_LOCK = 0x636F6D6D6F6E  # PostgreSQL: "common"

log = logging.getLogger(__name__)


class AnotherSequencer(RuntimeError):
    """Another process already sequences this log."""


class RolledBack(RuntimeError):
    """The database is older than the published log. The text says what to do."""


class Witnesses(Protocol):
    """Others who cosign a checkpoint before it is published."""

    def cosigned(self, checkpoint: Checkpoint, note: str, prove: Callable[[int], Sequence[bytes]]) -> str | None:
        """The note with their signatures under it, or None without a quorum; `prove(old size)` gives the proof.

        Raises RolledBack when one of them has seen more of this log than there is.
        """
        ...


class Sequencer:
    """Publishes one log. `step` is one pass; `run` goes on until it is told to stop."""

    def __init__(self, origin: str, keys: LogKeys, log_folder: Path, witnesses: Witnesses | None = None) -> None:
        self.origin, self.keys, self.witnesses = origin, keys, witnesses
        self.folder = LogFolder(log_folder)
        self._lock_file: IO[bytes] | None = None
        self._edge = Edge()  # of the published tree
        self._unfinished: int | None = None  # size of a checkpoint that was intended but not published

    def run(self, stop: Event, epoch_seconds: float = EPOCH_SECONDS) -> None:
        """Sequence, publish and close epochs until `stop` is set.

        Raises AnotherSequencer, RolledBack, Damaged, and database errors: the supervisor starts a new process, which
        recovers by itself or refuses with the same words.
        """
        epoch_due = 0.0
        try:
            while not stop.is_set():
                size = self.step()
                if time.monotonic() >= epoch_due:
                    epoch_due = time.monotonic() + epoch_seconds
                    self._close_epoch()
                elif size is None:
                    stop.wait(IDLE_SECONDS)
        finally:
            self.close()

    def step(self) -> int | None:
        """One pass; the size of the checkpoint it published, or None when there was nothing to do.

        Raises as `run` does.
        """
        if self._lock_file is None:
            self.start()
        self._place()
        size = self._unfinished or rows.size()
        if size == self._edge.size:
            return None
        self._refuse_older_database(self._head(self._edge))
        edge = publish.write_files(self.folder, self._edge, size)
        checkpoint = self._intend(edge)
        publish.reread(self.folder, self._edge, checkpoint)
        if not self._publish(checkpoint):
            self._unfinished = size
            return None
        publish.forget_partial_tiles(self.folder, self._edge.size, edge.size)
        self._edge, self._unfinished = edge, None
        return size

    def start(self) -> None:
        """Take the lock and compare rows, stored checkpoints and published files.

        Raises AnotherSequencer, RolledBack, Damaged.
        """
        self._lock()
        try:
            published = self._published()
            self._refuse_older_database(published)
            self._edge = publish.recompute(self.folder, published.size, published.root)
            intended = models.Checkpoint.objects.order_by("-size").first()
            self._unfinished = intended.size if intended and intended.size > published.size else None
            if intended and intended.size > rows.size():
                raise Damaged(f"ledger_log ends at {rows.size()}, before the stored checkpoint {intended.size}: "
                              "run `commonweal check`")
            self.folder.write("vkeys", "".join(f"{key}\n" for key in self.keys.vkeys).encode())
            if not (self.folder.path / "checkpoint").exists() and rows.size() == 0:
                self._publish(self._intend(Edge()))
            elif published.size:
                self._cosigned(published)  # who was put back to an older state learns it before the first act
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the lock. Repeating it changes nothing."""
        if self._lock_file is not None:
            if connection.vendor == "postgresql" and connection.connection is not None:
                with suppress(Error), connection.cursor() as cursor:  # a lost connection has let go already
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
            self._lock_file.close()
            self._lock_file = None

    def _lock(self) -> None:
        file = (self.folder.path / ".lock").open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise AnotherSequencer(f"another process sequences {self.folder.path}") from None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
                if not cursor.fetchone()[0]:
                    file.close()
                    raise AnotherSequencer("another process sequences this database")
        self._lock_file = file

    def _published(self) -> Checkpoint:
        try:
            note = self.folder.fetch("checkpoint").decode()
        except FileNotFoundError:
            return Checkpoint(self.origin, 0, tree_hash(b""))
        try:
            checkpoint = self.keys.opened(note)
        except VerificationError as error:
            raise Damaged(f"{self.folder.path}/checkpoint is not signed by this node's keys ({error}): "
                          "put back the right keys or the right log folder") from error
        return checkpoint

    def _refuse_older_database(self, published: Checkpoint) -> None:
        stored = models.Checkpoint.objects.filter(size=published.size).first()
        if published.size > rows.size() or (published.size and stored is None):
            raise RolledBack(
                f"The database holds {rows.size()} log rows, but size {published.size} of {self.origin} is already "
                "published and signed. An older copy of the database was put back. Nothing is signed. Either restore "
                "the newest database; or rebuild the missing leaves from the published log or a mirror of it; or begin "
                "a new log: set another `origin` in node.toml and move this log folder away (docs/operating.md)."
            )
        if stored and bytes(stored.root) != published.root:
            raise Damaged(f"size {published.size} was published with root {published.root.hex()}, ledger_checkpoint "
                          f"says {bytes(stored.root).hex()}: run `commonweal check`")

    def _place(self) -> None:
        placed = 0
        while placed < LEAVES_A_PASS and rows.any_waiting():
            begun = time.monotonic()
            placed += rows.place(BATCH)
            if rows.any_waiting():
                time.sleep(time.monotonic() - begun)  # leave the write lock to others for as long as we held it

    def _intend(self, edge: Edge) -> Checkpoint:
        checkpoint = self._head(edge)
        stored, _ = models.Checkpoint.objects.get_or_create(
            size=checkpoint.size, defaults={"root": checkpoint.root, "created": timezone.now()}
        )
        if bytes(stored.root) != checkpoint.root:
            raise Damaged(f"size {checkpoint.size} was meant to have root {bytes(stored.root).hex()}, the rows give "
                          f"{checkpoint.root.hex()}: run `commonweal check`")
        return checkpoint

    def _head(self, edge: Edge) -> Checkpoint:
        return Checkpoint(self.origin, edge.size, root_of_tails(edge.tails))

    def _publish(self, checkpoint: Checkpoint) -> bool:
        note = self._cosigned(checkpoint)
        if note is None:
            return False
        self.folder.write("checkpoint", note.encode())
        self.folder.settle()
        return True

    def _cosigned(self, checkpoint: Checkpoint) -> str | None:
        """The checkpoint signed by the log and, unless the tree is empty, by a quorum of witnesses; None without."""
        note = self.keys.sign(checkpoint)
        if self.witnesses is None or checkpoint.size == 0:
            return note
        reader = TileReader(self.folder.fetch, checkpoint.size)
        return self.witnesses.cosigned(checkpoint, note, reader.consistency_proof)

    def _close_epoch(self) -> None:
        try:
            epochs.close()
        except Damaged:
            log.exception("the epoch was not closed")
