"""An election's record as it grows: each step is written once, in order, and never changed (guide 3.3).

The steps check that they fit together cheaply; that everything in them is true is for `audit`.
"""

from __future__ import annotations

from typing import BinaryIO

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.archive import Checkpoint, EventType, Owned, Setup, Writer
from commonweal.services.voting.engine.credentials import CredentialList
from commonweal.services.voting.engine.decryption import PartialDecryption, Result
from commonweal.services.voting.engine.election import Election
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import Shuffle
from commonweal.services.voting.engine.tally import EncryptedTally, SizedTally
from commonweal.services.voting.engine.trustees import Trustees


def check_setup(election: Election, trustees: Trustees, credentials: CredentialList) -> None:
    """What must hold before an election is frozen.

    Raises Refused: a question that nobody can answer or with more than 30 ranked options, weights beside a ranked
    question, a trustee's key without its proofs, or an election key that is not the trustees'.
    """
    election.check()
    if election.ranked and any(weight != 1 for weight in credentials.weights.values()):
        raise Refused(Reason.ELECTION_RULES, "credentials", "weight 1 for all where a question is ranked", "weights")
    key = trustees.verify()
    if key != election.public_key:
        raise Refused(Reason.ELECTION_KEY, "public_key", group.text(key), group.text(election.public_key))


class Record:
    """Writes the `.bel` file. Each method appends one step and returns the new head, a checkpoint to be published."""

    def __init__(self, stream: BinaryIO, timestamp: int, head: Checkpoint | None = None) -> None:
        """Begins a record, or goes on after `head` at the end of a stream. `timestamp` in seconds since 1970 UTC."""
        self._writer = Writer(stream, timestamp, head)

    def set_up(self, election: Election, trustees: Trustees, credentials: CredentialList) -> Checkpoint:
        """Freezes the election. Raises Refused as `check_setup` does."""
        check_setup(election, trustees, credentials)
        contents = (election.content(), trustees.content(), credentials.content())
        setup = Setup(*(self._writer.data(content) for content in contents))
        return self._writer.event(EventType.SETUP, self._writer.data(canonical(setup.as_json())))

    def cast(self, ballot: bytes) -> Checkpoint:
        """Puts a verified ballot on the board."""
        return self._writer.event(EventType.BALLOT, self._writer.data(ballot))

    def end_ballots(self) -> Checkpoint:
        """Closes the board."""
        return self._writer.event(EventType.END_BALLOTS)

    def encrypted_tally(self, tally: EncryptedTally, sized: SizedTally) -> Checkpoint:
        """Publishes the sums of the counted ballots."""
        self._writer.data(tally.content())
        return self._writer.event(EventType.ENCRYPTED_TALLY, self._writer.data(canonical(sized.as_json())))

    def shuffle(self, owner: int, shuffle: Shuffle) -> Checkpoint:
        """Publishes the shuffle of trustee `owner`, counted from 1."""
        return self._owned(EventType.SHUFFLE, owner, shuffle.content())

    def end_shuffles(self) -> Checkpoint:
        """Ends the shuffles; only in elections with ranked questions."""
        return self._writer.event(EventType.END_SHUFFLES)

    def partial_decryption(self, owner: int, decryption: PartialDecryption) -> Checkpoint:
        """Publishes the partial decryption of trustee `owner`, counted from 1."""
        return self._owned(EventType.PARTIAL_DECRYPTION, owner, decryption.content())

    def result(self, result: Result) -> Checkpoint:
        """Publishes the result; nothing follows."""
        return self._writer.event(EventType.RESULT, self._writer.data(result.content()))

    def _owned(self, kind: EventType, owner: int, content: bytes) -> Checkpoint:
        owned = Owned(owner, self._writer.data(content))
        return self._writer.event(kind, self._writer.data(canonical(owned.as_json())))
