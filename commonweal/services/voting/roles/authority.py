"""The credential authority: from the frozen roll it makes a voting code for each voter, and a letter to bring it.

It knows who has which code, and so who voted, but without the identity role's passes it casts nothing; the node gets
only the public halves. The same code is sent again until the close; then `forget` destroys them all. Letters leave by
post or another way that the node has no part in.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonweal.services.voting.engine.credentials import CredentialList, private_credential, public_credential
from commonweal.services.voting.engine.encoding import decimal, encoded, fields, string
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package, machine_mark
from commonweal.services.voting.roles.folder import read_private, write_private, write_public

CODES, PUBLIC, LETTERS = "codes.json", "credentials.json", "letters"


@dataclass(frozen=True)
class Voter:
    """A line of the roll: a label that means nothing elsewhere, where the letter goes, how often the vote counts."""

    label: str
    name: str
    delivery: str
    weight: int = 1


def read_roll(path: Path) -> list[Voter]:
    """The roll that the administrator handed over (CSV: label,name,delivery[,weight]). Raises Refused, OSError."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    voters = [_voter(f"{path.name}, line {number}", row) for number, row in enumerate(rows, 2)]
    if len({voter.label for voter in voters}) != len(voters) or not voters:
        raise Refused(Reason.MALFORMED, "roll", "one label for each voter", "a repeated label, or nobody")
    return voters


def make_credentials(folder: Path, uuid: str, voters: Sequence[Voter]) -> Path:
    """Codes for all voters, kept private; returns the public file for the setup. Raises FileExistsError, Refused."""
    codes = {voter.label: private_credential() for voter in voters}
    kept = {voter.label: [voter.name, voter.delivery, codes[voter.label], voter.weight] for voter in voters}
    public = _listed(uuid, ((codes[voter.label], voter.weight) for voter in voters))
    write_private(folder / CODES, {"uuid": uuid, "voters": kept})
    path = folder / PUBLIC
    write_public(path, {"uuid": uuid, "machine": machine_mark(uuid), "credentials": public.content().decode()})
    return path


def read_public(uuid: str, value: Any) -> tuple[CredentialList, str]:
    """What the public file holds: the list of codes, and the mark of the authority's machine. Raises Refused."""
    try:
        value = fields(value, ("uuid", "machine", "credentials"))
        if value["uuid"] != uuid:
            raise Refused(Reason.FROZEN, "uuid", f"codes made for election {uuid}", value["uuid"])
        return CredentialList.read(encoded(value["credentials"])), string(value["machine"])
    except Refused as refused:
        raise refused.within("the credential authority's file") from None


def letters(folder: Path, package: Package, labels: Sequence[str] = ()) -> list[Path]:
    """The letters of all voters, or again those of some, in a random order of names.

    Raises Refused(FROZEN) unless the frozen list holds exactly the codes and weights made here, so that nobody has put
    in another.
    """
    kept = read_private(folder / CODES)
    uuid, voters = kept["uuid"], {label: _addressed(*line) for label, line in kept["voters"].items()}
    made = _listed(uuid, ((code, weight) for _name, _delivery, code, weight in voters.values()))
    if package.plan.uuid != uuid or package.credentials != made:
        listed = len(package.credentials.weights)
        raise Refused(Reason.FROZEN, "credentials", f"exactly the {len(voters)} made here", f"another list of {listed}")
    written = []
    for label in labels or voters:
        if label not in voters:
            raise Refused(Reason.MALFORMED, "label", "a label of the roll", label)
        name, delivery, code, weight = voters[label]
        path = folder / LETTERS / f"{secrets.token_hex(16)}.txt"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(_letter(package, name, delivery, code, weight), "utf-8")
        written.append(path)
    return written


def codes(folder: Path) -> dict[str, str]:
    """Every voter's private code by label: what the letters bring. Raises FileNotFoundError."""
    return {label: str(line[2]) for label, line in read_private(folder / CODES)["voters"].items()}


def forget(folder: Path) -> None:
    """Destroy every code and letter: after the close nobody needs them."""
    for path in [*folder.glob(f"{LETTERS}/*.txt"), folder / CODES]:
        with path.open("r+b") as file:  # in place: opening it anew would leave the old blocks as they are
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _addressed(name: str, delivery: str, code: str, weight: int = 1) -> tuple[str, str, str, int]:
    """A kept voter; folders made before votes had weights say none."""
    return name, delivery, code, weight


def _listed(uuid: str, made: Iterable[tuple[str, int]]) -> CredentialList:
    """The public list of these codes and weights; the record states weights only where votes weigh differently."""
    weights = {public_credential(code, uuid): weight for code, weight in made}
    if set(weights.values()) == {1}:
        return CredentialList.of(weights)
    return CredentialList.of_weights(weights)


def _voter(where: str, row: dict[str, str | None]) -> Voter:
    for column in ("label", "name", "delivery"):
        if not row.get(column):
            raise Refused(Reason.MALFORMED, where, f"something as {column}", "nothing")
    try:
        weight = decimal(row.get("weight", "1") or "")
    except Refused as refused:
        raise refused.within(f"{where}, weight") from None
    return Voter(str(row["label"]), str(row["name"]), str(row["delivery"]), weight)


def _letter(package: Package, name: str, delivery: str, code: str, weight: int) -> str:
    plan = package.plan
    counts = f"Your vote counts {weight} times.\n" if weight != 1 else ""
    return (
        f"{name}\n{delivery}\n\n{package.election.name}\n\n"
        f"Your voting code: {code}\n\n{counts}"
        f"Vote at {plan.booth}\nfrom {plan.as_json()['opens']} to {plan.as_json()['closes']} (UTC).\n"
        f"You will also sign in at {plan.node} once, to draw your voting pass.\n"
        "Nobody will ever ask you for this code by telephone or mail. If this letter is lost, ask for it again.\n"
    )
