"""A trustee: holds one key, and decrypts the closed board's tally of the frozen election it holds, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from commonweal.services.voting.box.ceremony import (
    DECRYPTION,
    SHUFFLE,
    Contribution,
    claim,
    tally_in,
)
from commonweal.services.voting.engine import pedersen
from commonweal.services.voting.engine.archive import Checkpoint, EventType, Owned, Step, steps
from commonweal.services.voting.engine.audit import Report, Verdict, audit
from commonweal.services.voting.engine.decryption import decrypt_partially
from commonweal.services.voting.engine.encoding import fields, items, number, parse, read, string
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.keys import SignedMessage, TrusteeKey, sign, trustee_key, verify_signature
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import make_shuffle
from commonweal.services.voting.engine.tally import EncryptedTally
from commonweal.services.voting.engine.trustees import Single, Trustees
from commonweal.services.voting.frozen import Package, machine_mark
from commonweal.services.voting.receipts import BALLOT_SERVER
from commonweal.services.voting.roles.folder import PACKAGE, read_private, write_private, write_public

KEY, SEED, ANSWERED = "key.json", "seed.json", "answered.json"
SINGLE, CERTIFICATE, SHARES, FINISHED = "single", "certificate", "shares", "finished"
MOVES = SINGLE, CERTIFICATE, SHARES, FINISHED, BALLOT_SERVER

# Making a key


def new_single(folder: Path, uuid: str) -> Path:
    """A key of which all are needed; returns the public file. Raises FileExistsError."""
    private = SYSTEM.scalar()
    write_private(folder / KEY, {"private_key": str(private)})
    return _public(folder, uuid, SINGLE, 1, trustee_key(private).as_json())


def certify(folder: Path, uuid: str, size: int, threshold: int, index: int) -> Path:
    """First move of a threshold key: this trustee's certificate. Raises FileExistsError, Refused."""
    trustee = pedersen.Trustee.new()
    certificate = trustee.certificate(size, threshold, index)
    write_private(folder / SEED, {"seed": trustee.seed, "size": size, "threshold": threshold, "index": index})
    return _public(folder, uuid, CERTIFICATE, index, certificate.as_json())


def share(folder: Path, uuid: str, messages: Sequence[Any]) -> Path:
    """Second move, given everybody's certificates. Raises Refused."""
    trustee, own = _seeded(folder)
    shares = trustee.share(_certificates(_of_election(uuid, messages)), own["threshold"])
    value = {
        "secrets": list(shares.secrets),
        "coefexps": shares.coefficients.as_json(),
        "signature": shares.signature.as_json(),
    }
    return _public(folder, uuid, SHARES, own["index"], value)


def finish(folder: Path, uuid: str, messages: Sequence[Any]) -> Path:
    """Third move, given everybody's certificates and shares: the private key stays here.

    Raises Refused, naming the trustee who lied.
    """
    trustee, own = _seeded(folder)
    messages = _of_election(uuid, messages)
    finished = trustee.finish(_certificates(messages), own["threshold"], _shares(messages))
    write_private(folder / KEY, {"private_key": str(finished.private_key)})
    return _public(folder, uuid, FINISHED, own["index"], finished.public_key.as_json())


def assemble(uuid: str, messages: Sequence[Any]) -> tuple[Trustees, dict[str, str]]:
    """What the administrator puts together: the list for the setup, and a machine's mark for each trustee.

    Raises Refused for a key that does not fit, was made for another election, or is there twice.
    """
    messages = _of_election(uuid, messages)
    parts: list[Single | pedersen.Pedersen] = [
        Single(TrusteeKey.from_json(one["value"])) for one in messages if one["move"] == SINGLE
    ]
    if certificates := _certificates(messages):
        threshold = pedersen.Certificate.from_json(parse(certificates[0].message.encode())).threshold
        keys = [TrusteeKey.from_json(one["value"]) for one in _of(messages, FINISHED)]
        parts.append(pedersen.assemble(certificates, threshold, _shares(messages), keys))
    trustees = Trustees(tuple(parts))
    trustees.verify()
    if len(set(trustees.public_keys)) < len(trustees.public_keys):
        raise Refused(Reason.OWNER, "trustees", "a key of their own for each trustee", "the same key twice")
    last = [one for one in messages if one["move"] == SINGLE] + _of(messages, FINISHED)
    return trustees, {f"trustee {number}": one["machine"] for number, one in enumerate(last, 1)}


# After the freeze


def hold(folder: Path, package: Package) -> int:
    """Take the frozen setup as the one this trustee works for; returns the trustee's number in it.

    Raises Refused(OWNER) when this trustee's key is not in it, FileExistsError when another is held already.
    """
    owner = _owner(folder, package)
    write_private(folder / PACKAGE, package.content().decode())
    return owner


def shuffle(
    folder: Path, board: Path, now: datetime, logged: Sequence[Checkpoint], *, report: Report | None = None
) -> Contribution:
    """This trustee's shuffle of the ranked ballots. Raises Refused as `decrypt` does."""
    package, after = _checked(folder, board, now, logged, report, EventType.ENCRYPTED_TALLY, EventType.SHUFFLE)
    ranked = package.election.ranked
    made = make_shuffle(tally_in(after, ranked).of(ranked), package.election.public_key, package.fingerprint)
    return _signed(folder, package, SHUFFLE, made.content())


def decrypt(
    folder: Path,
    board: Path,
    now: datetime,
    logged: Sequence[Checkpoint],
    signatures: Mapping[int, Proof] | None = None,
    *,
    report: Report | None = None,
) -> Contribution:
    """This trustee's part of the decryption of the closed board.

    `now` is by the trustee's own clock: a board that ends before the frozen hour could hold one vote alone. `logged`
    are the checkpoints in the node's log, `signatures` those over the shuffles (ceremony.json). `report` is an audit of
    this very file and these checkpoints that the trustee made before; without it one is made now. Raises Refused:
    FROZEN for the record of another setup or a second, different tally; NOT_OPEN for a board that is not closed, or
    before its hour; CHECKPOINT for one whose end is not the one in the log; SHUFFLE_MISSING or TRUSTEE_SIGNATURE unless
    enough trustees have shuffled; or the first finding of the audit.
    """
    phases = (EventType.ENCRYPTED_TALLY, EventType.END_SHUFFLES, EventType.PARTIAL_DECRYPTION)
    package, after = _checked(folder, board, now, logged, report, *phases)
    _require_shuffles(package, after, signatures or {})
    tally = tally_in(after, package.election.ranked)
    _only_once(folder, tally)
    made = decrypt_partially(tally, package.fingerprint, _key(folder))
    return _signed(folder, package, DECRYPTION, made.content())


def _checked(
    folder: Path,
    board: Path,
    now: datetime,
    logged: Sequence[Checkpoint],
    report: Report | None,
    *phases: EventType,
) -> tuple[Package, list[Step]]:
    package = held(folder)
    if now < package.plan.closes:
        raise Refused(Reason.NOT_OPEN, "board", f"its close at {package.plan.closes}", f"{now}")
    report = report or audit(board, logged)
    if report.findings:
        one = report.findings[0]
        raise Refused(one.reason, one.where, one.expected, one.got)
    with board.open("rb") as stream:
        first, *rest = (step for step in steps(stream) if step.event.type is not EventType.BALLOT)
    setup = tuple(item.digest for item in first.data[:3])
    frozen = package.plan.setup
    if setup != (frozen.election, frozen.trustees, frozen.credentials):
        raise Refused(Reason.FROZEN, "board", "the setup that this trustee holds", "another")
    if report.verdict is not Verdict.UNFINISHED or report.phase not in phases:
        raise Refused(Reason.NOT_OPEN, "board", " or ".join(phases), str(report.phase))
    _require_logged(rest, report.complete_since)
    return package, rest


def _require_logged(after: Sequence[Step], seen: Checkpoint | None) -> None:
    """One tally for all trustees: a server that showed each another board would learn whose vote they differ by."""
    tallied = next(step.event.height for step in after if step.event.type is EventType.ENCRYPTED_TALLY)
    if seen is None or seen.height < tallied:
        wanted = f"a checkpoint in the node's log of height {tallied} or more"
        raise Refused(Reason.CHECKPOINT, "closed board", wanted, seen.height if seen else "none")


def _require_shuffles(package: Package, after: Sequence[Step], signatures: Mapping[int, Proof]) -> None:
    """Each of so many trustees shuffled, and signed it: whoever made all shuffles alone knows who voted how."""
    shufflers = set()
    for step in after:
        if step.event.type is EventType.SHUFFLE:
            content, owned = step.data
            owner = read(Owned.from_json, owned.content).owner
            words, key = claim(SHUFFLE, package.fingerprint, content.content), package.trustees.public_key_of(owner)
            verify_signature(words, key, signatures.get(owner), f"shuffle of trustee {owner}")
            shufflers.add(owner)
    ended = any(step.event.type is EventType.END_SHUFFLES for step in after)
    if len(shufflers) < package.plan.shuffles or (package.election.ranked and not ended):
        wanted = f"{package.plan.shuffles} shuffles by different trustees"
        raise Refused(Reason.SHUFFLE_MISSING, "board", wanted, len(shufflers))


def _only_once(folder: Path, tally: EncryptedTally) -> None:
    """Never decrypt two different tallies: their difference is the vote of whoever is in one alone."""
    path, digest = folder / ANSWERED, sha256_hex(tally.content())
    if path.exists():
        if read_private(path)["tally"] != digest:
            raise Refused(Reason.FROZEN, "tally", "the one tally that this trustee decrypted before", "another")
        return
    write_private(path, {"tally": digest})


def held(folder: Path) -> Package:
    """The frozen setup that this trustee holds. Raises FileNotFoundError before `hold`."""
    return Package.read(str(read_private(folder / PACKAGE)).encode())


def _signed(folder: Path, package: Package, kind: str, content: bytes) -> Contribution:
    signature = sign(claim(kind, package.fingerprint, content), _key(folder)).signature
    return Contribution(kind, _owner(folder, package), content, signature)


def _owner(folder: Path, package: Package) -> int:
    key = base(_key(folder))
    if key not in package.trustees.public_keys:
        raise Refused(Reason.OWNER, "trustees", "this trustee's key", "a list without it")
    return package.trustees.public_keys.index(key) + 1


def _key(folder: Path) -> int:
    return int(read_private(folder / KEY)["private_key"])


def _seeded(folder: Path) -> tuple[pedersen.Trustee, dict[str, Any]]:
    own = read_private(folder / SEED)
    return pedersen.Trustee(own["seed"]), own


def _public(folder: Path, uuid: str, move: str, index: int, value: Any) -> Path:
    path = folder / f"{move}-{index}.json"
    write_public(path, {"move": move, "index": index, "uuid": uuid, "machine": machine_mark(uuid), "value": value})
    return path


def _of_election(uuid: str, messages: Sequence[Any]) -> list[dict[str, Any]]:
    """The public files of trustees and ballot server as they were read.

    Raises Refused for what is none, or of another election.
    """
    moves = []
    for place, message in enumerate(messages, 1):
        try:
            move = fields(message, ("move", "index", "uuid", "machine", "value"))
            if move["move"] not in MOVES:
                raise Refused(Reason.MALFORMED, "move", ", ".join(MOVES), move["move"])
            if move["uuid"] != uuid:
                raise Refused(Reason.FROZEN, "uuid", f"a key made for election {uuid}", move["uuid"])
            number(move["index"])
            string(move["machine"])
        except Refused as refused:
            raise refused.within(f"trustee's file {place}") from None
        moves.append(move)
    return moves


def _of(messages: Sequence[Any], move: str) -> list[Any]:
    return sorted((one for one in messages if one["move"] == move), key=lambda one: one["index"])


def _certificates(messages: Sequence[Any]) -> list[SignedMessage]:
    return [SignedMessage.from_json(one["value"]) for one in _of(messages, CERTIFICATE)]


def _shares(messages: Sequence[Any]) -> list[pedersen.Shares]:
    values = [fields(one["value"], ("secrets", "coefexps", "signature")) for one in _of(messages, SHARES)]
    return [
        pedersen.Shares(
            tuple(string(secret) for secret in items(value["secrets"])),
            SignedMessage.from_json(value["coefexps"]),
            Proof.from_json(value["signature"]),
        )
        for value in values
    ]
