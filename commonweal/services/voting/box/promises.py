"""The ballot server's key for receipts: one for each election, in its folder, made before the freeze."""

from __future__ import annotations

from pathlib import Path

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package, machine_mark
from commonweal.services.voting.receipts import BALLOT_SERVER, Receipt
from commonweal.services.voting.roles.folder import read_private, write_private, write_public


def make_key(folder: Path, uuid: str) -> Path:
    """A key for this election; returns the public file for the administrator. Raises FileExistsError."""
    private = SYSTEM.scalar()
    write_private(_kept(folder, uuid), {"private_key": str(private)})
    public = {"move": BALLOT_SERVER, "index": 1, "uuid": uuid, "machine": machine_mark(uuid)}
    path = folder / f"{BALLOT_SERVER}-{uuid}.json"
    write_public(path, public | {"value": group.text(group.base(private))})
    return path


def require_key(folder: Path, package: Package) -> None:
    """Raises Refused(FROZEN) unless the key that the plan names, if it names one, is held here."""
    if package.receipt_key is None:
        return
    uuid = package.plan.uuid
    held = group.base(_key(folder, uuid)) if _kept(folder, uuid).exists() else None
    if held != package.receipt_key:
        got = "another key" if held else "no key: make it with `box key` before the freeze"
        raise Refused(Reason.FROZEN, "receipt_key", package.plan.receipt_key, got)


def promise(folder: Path, package: Package, tracker: str) -> Receipt | None:
    """The signed promise for a ballot that is durable; None where the plan names no key."""
    if package.receipt_key is None:
        return None
    return Receipt.make(package.plan.uuid, tracker, _key(folder, package.plan.uuid))


def _key(folder: Path, uuid: str) -> int:
    return int(read_private(_kept(folder, uuid))["private_key"])


def _kept(folder: Path, uuid: str) -> Path:
    return folder / f"receipt-key-{uuid}.json"
