"""Why a record, a ballot or a key is refused: one error, one named reason for each rule."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The rule that was broken. The values are stable: reports, tests and translations refer to them."""

    # encodings (section "Basic types", "Ed25519")
    MALFORMED = "malformed"
    NOT_CANONICAL = "not-canonical"
    UNSUPPORTED = "unsupported"
    SCALAR_ENCODING = "scalar-encoding"
    POINT_ENCODING = "point-encoding"
    POINT_NOT_CANONICAL = "point-not-canonical"
    POINT_OFF_CURVE = "point-off-curve"
    POINT_OUTSIDE_GROUP = "point-outside-group"
    POINT_NEUTRAL = "point-neutral"
    # the archive and its chain (section "Public data")
    ARCHIVE_FORMAT = "archive-format"
    ARCHIVE_HASH = "archive-hash"
    CHAIN_PARENT = "chain-parent"
    CHAIN_HEIGHT = "chain-height"
    CHAIN_ORDER = "chain-order"
    CHAIN_PAYLOAD = "chain-payload"
    CHECKPOINT = "checkpoint"
    # keys (sections "Verification keys", "Trustees", "Threshold parameters")
    ELECTION_KEY = "election-key"
    TRUSTEE_PROOF = "trustee-proof"
    TRUSTEE_SIGNATURE = "trustee-signature"
    TRUSTEE_SHARE = "trustee-share"
    CHANNEL = "channel"
    # ballots (section "Ballots")
    CREDENTIAL_LIST = "credential-list"
    CREDENTIAL_UNKNOWN = "credential-unknown"
    BALLOT_ELECTION = "ballot-election"
    BALLOT_FINGERPRINT = "ballot-fingerprint"
    BALLOT_SHAPE = "ballot-shape"
    BALLOT_SIGNATURE = "ballot-signature"
    BALLOT_PROOF = "ballot-proof"
    BALLOT_DUPLICATE = "ballot-duplicate"
    # passes (RFC 9474)
    PASS = "pass"  # noqa: S105
    PASS_BOUND = "pass-bound"  # noqa: S105
    RECEIPT = "receipt"
    # tally, shuffles, decryption, result
    TALLY = "tally"
    TALLY_COUNT = "tally-count"
    SHUFFLE_MISSING = "shuffle-missing"
    SHUFFLE_PROOF = "shuffle-proof"
    OWNER = "owner"
    DECRYPTION_SHAPE = "decryption-shape"
    DECRYPTION_PROOF = "decryption-proof"
    DECRYPTION_MISSING = "decryption-missing"
    RESULT = "result"
    # what we refuse to make
    ELECTION_RULES = "election-rules"
    NOT_OPEN = "not-open"
    FROZEN = "frozen"
    CHOICE = "choice"


class Refused(ValueError):
    """A named rule was broken. `reason` says which, `where` at which place, the message what was expected and found."""

    def __init__(self, reason: Reason, where: str, expected: object, got: object) -> None:
        super().__init__(reason, where, expected, got)
        self.reason = reason
        self.where = where
        self.expected = _short(expected)
        self.got = _short(got)

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}: expected {self.expected}, got {self.got}"

    def within(self, place: str) -> Refused:
        """The same refusal, named from further outside: "ballot 4, choices[0]"."""
        return Refused(self.reason, f"{place}, {self.where}" if self.where else place, self.expected, self.got)


def _short(value: object) -> str:
    words = str(value)
    return words if len(words) <= 200 else f"{words[:197]}..."
