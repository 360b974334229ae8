"""A voter without a browser, at assisted places, in tests and the demo: pass and ballot from a folder of their own."""

from __future__ import annotations

from collections.abc import Sequence
from json import JSONDecodeError
from pathlib import Path

from commonweal.services.voting.boxes import Server
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import secret_of
from commonweal.services.voting.engine.passes import Request
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles.folder import read_private, write_private, write_public

REQUEST, RECEIPT = "request.json", "receipt.json"


def request(folder: Path, package: Package) -> Request:
    """The voter's blinded pass, kept before it is sent: asked for again after a failure, it is the same."""
    path = folder / REQUEST
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except JSONDecodeError:  # cut short while it was written: nobody has seen it
        path.unlink()
    made = Request.new(package.pass_key)
    write_private(path, {"message": made.message.hex(), "blinded": made.blinded.hex(), "inverse": str(made.inverse)})
    return made


def cast(folder: Path, package: Package, code: str, choices: Sequence[Sequence[int]], signature: bytes) -> str:
    """Encrypt and cast with the pass that was signed for this folder's request; returns the tracker.

    A receipt is kept beside the request, where the plan names a key for it. Raises FileNotFoundError before `request`;
    boxes.NoAnswer; Refused for a false signature or choice, or when the ballot was taken without a true receipt.
    """
    shown = _read(folder / REQUEST).finish(package.pass_key, signature)
    content = make_ballot(package.election, secret_of(code, package.plan.uuid), choices).content()
    tracker, receipt = Server(package.plan.box).cast(package.plan.uuid, content, shown)
    if package.receipt_key:
        if receipt is None or receipt.tracker != tracker:
            raise Refused(Reason.RECEIPT, f"cast ballot {tracker}", "a receipt of the ballot server", "none")
        receipt.verify(package.plan.uuid, package.receipt_key)
        write_public(folder / RECEIPT, receipt.as_json())
    return tracker


def _read(path: Path) -> Request:
    kept = read_private(path)
    return Request(bytes.fromhex(kept["message"]), bytes.fromhex(kept["blinded"]), int(kept["inverse"]))
