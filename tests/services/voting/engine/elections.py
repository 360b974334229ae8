"""Whole elections made through the public functions of the engine, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commonweal.services.voting.engine import pedersen
from commonweal.services.voting.engine.ballots import make_ballot, read_ballot
from commonweal.services.voting.engine.credentials import (
    CredentialList,
    base58,
    private_credential,
    public_credential,
    secret_of,
)
from commonweal.services.voting.engine.decryption import compute_result, decrypt_partially, plaintexts
from commonweal.services.voting.engine.election import AnyQuestion, Election, Question
from commonweal.services.voting.engine.keys import trustee_key
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.shuffle import make_shuffle
from commonweal.services.voting.engine.tally import Accumulator
from commonweal.services.voting.engine.trustees import Item, Single, Trustees

TIMESTAMP = 1_795_000_000
ONE_OF_THREE = Question("Which park first?", ("Harbour", "Mill", "Station"), 1, 1)


@dataclass(frozen=True)
class Keys:
    """Trustees with the private keys that only they know, by owner."""

    trustees: Trustees
    private: dict[int, int]


def single(count: int = 1) -> Keys:
    """So many trustees, all needed."""
    private = {owner: SYSTEM.scalar() for owner in range(1, count + 1)}
    return Keys(Trustees(tuple(Single(trustee_key(key)) for key in private.values())), private)


def threshold(needed: int, size: int) -> Keys:
    """A threshold group, made by all of the trustees' moves."""
    people = [pedersen.Trustee.new() for _ in range(size)]
    certificates = [person.certificate(size, needed, index) for index, person in enumerate(people, 1)]
    shares = [person.share(certificates, needed) for person in people]
    finished = [person.finish(certificates, needed, shares) for person in people]
    group = pedersen.assemble(certificates, needed, shares, [item.public_key for item in finished])
    return Keys(Trustees((group,)), {owner: item.private_key for owner, item in enumerate(finished, 1)})


def together(*parts: Keys) -> Keys:
    """Several items in one list of trustees."""
    items: list[Item] = []
    private: dict[int, int] = {}
    for part in parts:
        items.extend(part.trustees.items)
        shift = len(private)
        private.update({owner + shift: key for owner, key in part.private.items()})
    return Keys(Trustees(tuple(items)), private)


@dataclass
class Poll:
    """An election in the making."""

    election: Election
    keys: Keys
    voters: list[str]
    credentials: CredentialList
    cast: list[tuple[int, bytes]] = field(default_factory=list)

    def vote(self, voter: int, *choices: Sequence[int]) -> bytes:
        """The voter's ballot, put on the board."""
        secret = secret_of(self.voters[voter], self.election.uuid)
        content = make_ballot(self.election, secret, choices).content()
        self.cast.append((voter, content))
        return content

    def write(self, path: Path, present: Sequence[int] | None = None, shuffles: int = 2) -> Path:
        """The finished record; `present` are the owners who decrypt, all by default."""
        with path.open("w+b") as stream:
            record = Record(stream, TIMESTAMP)
            record.set_up(self.election, self.keys.trustees, self.credentials)
            for _, content in self.cast:
                record.cast(content)
            record.end_ballots()
            accumulator = Accumulator(self.election)
            for voter, content in dict(self.cast).items():
                credential = public_credential(self.voters[voter], self.election.uuid)
                ballot = read_ballot(self.election, content)
                accumulator.add(ballot, self.credentials.weights[credential])
            tally = accumulator.tally()
            record.encrypted_tally(tally, accumulator.sized(tally))
            fingerprint, ranked = self.election.fingerprint(), self.election.ranked
            if ranked:
                for owner in range(1, shuffles + 1):
                    shuffle = make_shuffle(tally.of(ranked), self.election.public_key, fingerprint)
                    record.shuffle(owner, shuffle)
                    tally = tally.replaced(ranked, shuffle.ciphertexts)
                record.end_shuffles()
            decryptions = {}
            for owner in present or self.keys.private:
                decryptions[owner] = decrypt_partially(tally, fingerprint, self.keys.private[owner])
                record.partial_decryption(owner, decryptions[owner])
            points = plaintexts(tally, self.keys.trustees, decryptions)
            record.result(compute_result(self.election, points, accumulator.total_weight))
        return path


def poll(
    *questions: AnyQuestion, voters: int = 3, keys: Keys | None = None, weights: Sequence[int] | None = None
) -> Poll:
    """An election with these questions, ready to vote in."""
    keys = keys or single()
    election = Election(
        name="Parks & paths – «élection»",
        description="Made by a test.",
        public_key=keys.trustees.verify(),
        questions=questions or (ONE_OF_THREE,),
        uuid=base58(14),
    )
    codes = [private_credential() for _ in range(voters)]
    public = [public_credential(code, election.uuid) for code in codes]
    if weights is None:
        return Poll(election, keys, codes, CredentialList.of(public))
    return Poll(election, keys, codes, CredentialList.of_weights(dict(zip(public, weights, strict=True))))
