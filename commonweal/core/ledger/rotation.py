"""New keys for the log: announced in the log by a statement that the old key and the new one sign.

The old keys go on signing beside the new ones, so that every verifier who comes by learns the new ones in time; then
they are retired. Whoever comes later follows the statements (`verify.py`, `--vkey` of any generation).

A statement is a signed note (C2SP signed-note) with five lines: `commonweal/keys/v1`, origin, UTC time, and the old
and the new verifier keys, each list separated by spaces.
"""

from __future__ import annotations

from pathlib import Path

from commonweal.config import node as nodes
from commonweal.config.node import NEXT, PREVIOUS
from commonweal.core import clock
from commonweal.core.ledger import keys, notes
from commonweal.core.ledger.entries import add_document
from commonweal.core.ledger.keys import ED25519_FILE, ML_DSA_FILE, LogKeys
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.verify import KEYS_CHANGE

FILES = (ED25519_FILE, ML_DSA_FILE)


class CannotRotate(RuntimeError):
    """The keys cannot be changed now; the text says what to do."""


def rotate(folder: Path, origin: str) -> LogKeys:
    """Make new keys, state them in the log, and let them sign from the next start of the sequencer on.

    A rotation that was cut off is finished by the next call, with the keys that it had made. Raises CannotRotate while
    an earlier one is not finished by `retire`.
    """
    made = [name for name in FILES if (folder / f"{name}{NEXT}").exists()]
    if not made and (folder / f"{ML_DSA_FILE}{PREVIOUS}").exists():
        raise CannotRotate("the keys before these still sign: retire them first")
    if made != [ML_DSA_FILE]:  # the other one takes its place first, once the statement is in the log
        for name in FILES:
            if name not in made:
                nodes.write_new(folder / f"{name}{NEXT}", keys.new_seed())
        add_document(Kind.KEY, statement(keys.load(folder, origin), keys.load(folder, origin, NEXT)))
    for name in FILES:
        _replace(folder / name)
    return keys.load(folder, origin)


def retire(folder: Path) -> None:
    """Destroy the old keys: from the next start of the sequencer on only the new ones sign. Raises CannotRotate."""
    old = [folder / f"{name}{PREVIOUS}" for name in reversed(FILES) if (folder / f"{name}{PREVIOUS}").exists()]
    if not old:
        raise CannotRotate("there are no old keys to retire")
    for path in old:
        path.write_bytes(bytes(keys.SEED))
        path.unlink()


def statement(old: LogKeys, new: LogKeys) -> bytes:
    """The signed note by which the old keys name the new ones, and the new ones say yes."""
    listed = [" ".join(map(str, pair.vkeys)) for pair in (old, new)]
    text = "\n".join([KEYS_CHANGE.decode().strip(), old.origin, clock.stamp(clock.now()), *listed]) + "\n"
    return notes.note(text, [notes.sign(text, pair.origin, pair.ed25519) for pair in (old, new)]).encode()


def _replace(path: Path) -> None:
    """The present key becomes the previous one, the next one the present; each step is whole, in this order."""
    fresh, previous = Path(f"{path}{NEXT}"), Path(f"{path}{PREVIOUS}")
    if not fresh.exists():
        return
    if not previous.exists():
        previous.hardlink_to(path)
    fresh.replace(path)
