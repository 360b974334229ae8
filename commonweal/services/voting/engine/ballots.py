"""Encrypted ballots: made on the voter's device, verified by everyone (guide 3.4; specification, sections "Encrypted
answers", "Signatures" and "Ballots").
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from commonweal.services.voting.engine import coding, group
from commonweal.services.voting.engine.election import AnyQuestion, Election, Question, RankedQuestion
from commonweal.services.voting.engine.encoding import JSON, canonical, fields, items, parse, require_canonical, string
from commonweal.services.voting.engine.group import NEUTRAL, ORDER, Point, add, base, multiply
from commonweal.services.voting.engine.hashing import sha256_base64
from commonweal.services.voting.engine.proofs import (
    Branch,
    Ciphertext,
    Proof,
    claims,
    encrypt,
    interval_prefix,
    knows,
    one_of,
    prove_knowledge,
    prove_one_of,
    summed,
)
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused

Marks: TypeAlias = Sequence[int]  # one number for each choice, the blank mark first where blank is allowed


@dataclass(frozen=True)
class Answer:
    """Encrypted marks of a homomorphic question, each proved 0 or 1, and their sum proved to be allowed."""

    choices: tuple[Ciphertext, ...]
    individual_proofs: tuple[tuple[Proof, ...], ...]
    overall_proof: tuple[Proof, ...]
    blank_proof: tuple[Proof, ...] | None = None

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        value = {
            "choices": [choice.as_json() for choice in self.choices],
            "individual_proofs": [[proof.as_json() for proof in proofs] for proofs in self.individual_proofs],
            "overall_proof": [proof.as_json() for proof in self.overall_proof],
        }
        if self.blank_proof is not None:
            value["blank_proof"] = [proof.as_json() for proof in self.blank_proof]
        return value


@dataclass(frozen=True)
class RankedAnswer:
    """One encrypted point that codes all the numbers, and the proof that its maker knew the randomness."""

    choices: Ciphertext
    proof: Proof

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {"choices": self.choices.as_json(), "proof": self.proof.as_json()}


@dataclass(frozen=True)
class Ballot:
    """What is cast: answers bound to one election and one credential, and signed with the latter."""

    election_uuid: str
    election_hash: str
    credential: Point
    answers: tuple[Answer | RankedAnswer, ...]
    signature_hash: str
    signature: Proof

    def unsigned_json(self) -> JSON:
        """All fields but the signature."""
        return {
            "election_uuid": self.election_uuid,
            "election_hash": self.election_hash,
            "credential": group.text(self.credential),
            "answers": [answer.as_json() for answer in self.answers],
        }

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        signature = {"hash": self.signature_hash, "proof": self.signature.as_json()}
        return {**self.unsigned_json(), "signature": signature}

    def content(self) -> bytes:
        """The canonical bytes: what is cast and stands in the record."""
        return canonical(self.as_json())

    def tracker(self) -> str:
        """The hash by which voters find their ballot on the board, 43 characters."""
        return sha256_base64(self.content())


# Making a ballot


def make_ballot(
    election: Election,
    secret: int,
    choices: Sequence[Marks],
    randomness: Randomness = SYSTEM,
    signing: Randomness = SYSTEM,
) -> Ballot:
    """The ballot of the credential with this secret.

    `choices` holds for each question 0 or 1 for each answer (first the blank mark where blank is allowed), or for a
    ranked question a number from 0 to 255 for each answer. `randomness` encrypts, see `encrypt_answers`; `signing`
    gives the signature's w and must not be known to whoever is shown the former: w and the signature give away the
    credential. Raises Refused(CHOICE) for marks that a question does not allow.
    """
    credential = base(secret)
    unsigned = _unsigned(election, credential, encrypt_answers(election, credential, choices, randomness))
    signed_hash = sha256_base64(canonical(unsigned.unsigned_json()))
    signature = prove_knowledge(f"sig|{signed_hash}|", secret, signing)
    return replace(unsigned, signature_hash=signed_hash, signature=signature)


def rebuild_ballot(
    election: Election, credential: Point, choices: Sequence[Marks], randomness: Randomness, signature: Proof
) -> Ballot:
    """The ballot that a device must have made of these choices, randomness and signature, without the credential.

    Cast as intended: a second device compares its tracker. Raises Refused(CHOICE) as `make_ballot` does.
    """
    unsigned = _unsigned(election, credential, encrypt_answers(election, credential, choices, randomness))
    signed_hash = sha256_base64(canonical(unsigned.unsigned_json()))
    return replace(unsigned, signature_hash=signed_hash, signature=signature)


def encrypt_answers(
    election: Election, credential: Point, choices: Sequence[Marks], randomness: Randomness = SYSTEM
) -> tuple[Answer | RankedAnswer, ...]:
    """The encrypted answers with their proofs, bound to the credential.

    Draws, for each question in order: the randomness of each choice followed by its proof's numbers; then those of the
    blank proof, then of the overall proof; for a ranked question the randomness and the proof's w. The order of a
    proof's numbers is that of `prove_one_of`. Raises Refused(CHOICE).
    """
    if len(choices) != len(election.questions):
        raise Refused(Reason.CHOICE, "choices", f"answers to {len(election.questions)} questions", len(choices))
    context = f"{election.fingerprint()}|{group.text(credential)}"
    return tuple(
        _answer(question, marks, election.public_key, context, randomness)
        for question, marks in zip(election.questions, choices, strict=True)
    )


def _unsigned(election: Election, credential: Point, answers: tuple[Answer | RankedAnswer, ...]) -> Ballot:
    return Ballot(election.uuid, election.fingerprint(), credential, answers, "", Proof(0, 0))


def _answer(
    question: AnyQuestion, marks: Marks, public_key: Point, context: str, randomness: Randomness
) -> Answer | RankedAnswer:
    if isinstance(question, RankedQuestion):
        return _ranked_answer(question, marks, public_key, context, randomness)
    check_marks(question, marks)
    secrets: list[int] = []
    ciphertexts: list[Ciphertext] = []
    individual: list[tuple[Proof, ...]] = []
    for mark in marks:
        secret = randomness.scalar()
        ciphertext = encrypt(public_key, mark, secret)
        zero_or_one = (Branch(secret, mark), Branch(secret, mark - 1))
        prefix = interval_prefix(context, ciphertext)
        individual.append(tuple(prove_one_of(prefix, zero_or_one, public_key, randomness)))
        secrets.append(secret)
        ciphertexts.append(ciphertext)
    whole = _whole_context(context, ciphertexts)
    allowed = range(question.minimum, question.maximum + 1)
    if not question.blank:
        secret, count = sum(secrets) % ORDER, sum(marks)
        prefix = interval_prefix(whole, encrypt(public_key, count, secret))
        branches = tuple(Branch(secret, count - number) for number in allowed)
        overall = prove_one_of(prefix, branches, public_key, randomness)
        return Answer(tuple(ciphertexts), tuple(individual), tuple(overall))
    secret, count = sum(secrets[1:]) % ORDER, sum(marks[1:])
    not_both = (Branch(secrets[0], marks[0]), Branch(secret, count))
    blank = prove_one_of(f"bproof0|{whole}|", not_both, public_key, randomness)
    blank_or_allowed = (Branch(secrets[0], marks[0] - 1), *(Branch(secret, count - number) for number in allowed))
    overall = prove_one_of(f"bproof1|{whole}|", blank_or_allowed, public_key, randomness)
    return Answer(tuple(ciphertexts), tuple(individual), tuple(overall), tuple(blank))


def check_marks(question: Question, marks: Marks) -> None:
    """Raises Refused(CHOICE) unless every mark is 0 or 1 and their number is allowed, or the vote is blank."""
    if len(marks) != question.choices or any(mark not in (0, 1) for mark in marks):
        raise Refused(Reason.CHOICE, question.question, f"{question.choices} marks of 0 or 1", list(marks))
    blank, count = (marks[0], sum(marks[1:])) if question.blank else (0, sum(marks))
    if blank and count:
        raise Refused(Reason.CHOICE, question.question, "blank, or a choice, not both", list(marks))
    if not blank and not question.minimum <= count <= question.maximum:
        raise Refused(Reason.CHOICE, question.question, f"{question.minimum} to {question.maximum} chosen", count)


def _ranked_answer(
    question: RankedQuestion, numbers: Marks, public_key: Point, context: str, randomness: Randomness
) -> RankedAnswer:
    if len(numbers) != len(question.answers):
        raise Refused(Reason.CHOICE, question.question, f"{len(question.answers)} numbers", len(numbers))
    secret = randomness.scalar()
    ciphertext = Ciphertext(base(secret), add(multiply(secret, public_key), coding.encode(numbers)))
    proof = prove_knowledge(_ranked_prefix(context, public_key, ciphertext), secret, randomness)
    return RankedAnswer(ciphertext, proof)


def _ranked_prefix(context: str, public_key: Point, ciphertext: Ciphertext) -> str:
    return f"raweg|{context}|{group.text(public_key)},{ciphertext.text()}|"


def _whole_context(context: str, ciphertexts: Sequence[Ciphertext]) -> str:
    return f"{context}|{','.join(ciphertext.text() for ciphertext in ciphertexts)}"


# Reading and verifying a ballot


def read_ballot(election: Election, content: bytes) -> Ballot:
    """The ballot of these bytes, its shape checked against the questions; proofs and membership not yet.

    Raises Refused if it is not canonical or not of this election's shape.
    """
    value = fields(parse(content), ("election_uuid", "election_hash", "credential", "answers", "signature"))
    signature = fields(value["signature"], ("hash", "proof"))
    written = items(value["answers"])
    if len(written) != len(election.questions):
        raise Refused(Reason.BALLOT_SHAPE, "answers", f"{len(election.questions)} answers", len(written))
    ballot = Ballot(
        election_uuid=string(value["election_uuid"]),
        election_hash=string(value["election_hash"]),
        credential=group.read_point(value["credential"]),
        answers=tuple(
            _read_answer(question, answer) for question, answer in zip(election.questions, written, strict=True)
        ),
        signature_hash=string(signature["hash"]),
        signature=Proof.from_json(signature["proof"]),
    )
    require_canonical(ballot.as_json(), content)
    return ballot


def _read_answer(question: AnyQuestion, value: JSON) -> Answer | RankedAnswer:
    if isinstance(question, RankedQuestion):
        value = fields(value, ("choices", "proof"))
        return RankedAnswer(Ciphertext.unchecked(value["choices"]), Proof.from_json(value["proof"]))
    names = ("choices", "individual_proofs", "overall_proof")
    value = fields(value, (*names, "blank_proof") if question.blank else names)
    branches = question.maximum - question.minimum + (2 if question.blank else 1)
    return Answer(
        choices=tuple(Ciphertext.unchecked(item) for item in _exactly(question.choices, value["choices"])),
        individual_proofs=tuple(
            _read_proofs(2, proofs) for proofs in _exactly(question.choices, value["individual_proofs"])
        ),
        overall_proof=_read_proofs(branches, value["overall_proof"]),
        blank_proof=_read_proofs(2, value["blank_proof"]) if question.blank else None,
    )


def _read_proofs(length: int, value: JSON) -> tuple[Proof, ...]:
    return tuple(Proof.from_json(item) for item in _exactly(length, value))


def _exactly(length: int, value: JSON) -> list[JSON]:
    if not isinstance(value, list) or len(value) != length:
        got = len(value) if isinstance(value, list) else type(value).__name__
        raise Refused(Reason.BALLOT_SHAPE, "answer", f"{length} items", got)
    return value


def verify_ballot(
    election: Election, credentials: Container[Point], content: bytes, fingerprint: str | None = None
) -> Ballot:
    """The ballot of these bytes if it may be counted: canonical, of this election, by a listed credential, all proofs.

    That it is not a repeat is for whoever keeps the board. `fingerprint` spares hashing the election for each ballot.
    Raises Refused with the rule that is broken.
    """
    ballot = read_ballot(election, content)
    fingerprint = fingerprint or election.fingerprint()
    if ballot.election_uuid != election.uuid:
        raise Refused(Reason.BALLOT_ELECTION, "election_uuid", election.uuid, ballot.election_uuid)
    if ballot.election_hash != fingerprint:
        raise Refused(Reason.BALLOT_FINGERPRINT, "election_hash", fingerprint, ballot.election_hash)
    if ballot.credential not in credentials:
        raise Refused(Reason.CREDENTIAL_UNKNOWN, "credential", "one on the list", group.text(ballot.credential))
    signed_hash = sha256_base64(content[: content.rindex(b',"signature":')] + b"}")
    if ballot.signature_hash != signed_hash:
        raise Refused(Reason.BALLOT_SIGNATURE, "signature hash", signed_hash, ballot.signature_hash)
    if not knows(f"sig|{signed_hash}|", ballot.credential, ballot.signature):
        raise Refused(Reason.BALLOT_SIGNATURE, "signature", "the signature of the credential", "another")
    context = f"{fingerprint}|{group.text(ballot.credential)}"
    for index, (question, answer) in enumerate(zip(election.questions, ballot.answers, strict=True)):
        try:
            _verify_answer(question, answer, election.public_key, context)
        except Refused as refused:
            raise refused.within(f"question {index}") from None
    return ballot


def _verify_answer(question: AnyQuestion, answer: Answer | RankedAnswer, public_key: Point, context: str) -> None:
    if isinstance(question, RankedQuestion):
        if isinstance(answer, RankedAnswer):
            _verify_ranked(answer, public_key, context)
    elif isinstance(answer, Answer):
        _verify_marks(answer, public_key, context)
        _verify_overall(question, answer, public_key, _whole_context(context, answer.choices))


def _verify_ranked(answer: RankedAnswer, public_key: Point, context: str) -> None:
    _refuse_neutral(answer.choices.alpha, "choices")
    group.require_member(answer.choices.beta)
    if not knows(_ranked_prefix(context, public_key, answer.choices), answer.choices.alpha, answer.proof):
        raise Refused(Reason.BALLOT_PROOF, "proof", "knowledge of the randomness", "a false proof")


def _verify_marks(answer: Answer, public_key: Point, context: str) -> None:
    for index, (choice, proofs) in enumerate(zip(answer.choices, answer.individual_proofs, strict=True)):
        _refuse_neutral(choice.alpha, f"choice {index}")
        try:
            statements = (claims(choice, 0), claims(choice, 1))
            proved = one_of(interval_prefix(context, choice), statements, public_key, proofs)
        except Refused as refused:
            raise refused.within(f"choice {index}") from None
        if not proved:
            raise Refused(Reason.BALLOT_PROOF, f"choice {index}", "a proof that it is 0 or 1", "a false proof")


def _verify_overall(question: Question, answer: Answer, public_key: Point, whole: str) -> None:
    allowed = range(question.minimum, question.maximum + 1)
    if not question.blank or answer.blank_proof is None:
        together = summed(answer.choices)
        statements = [claims(together, number) for number in allowed]
        if not one_of(interval_prefix(whole, together), statements, public_key, answer.overall_proof):
            wanted = f"a proof that {question.minimum} to {question.maximum} are chosen"
            raise Refused(Reason.BALLOT_PROOF, "overall proof", wanted, "a false proof")
        return
    blank, together = answer.choices[0], summed(answer.choices[1:])
    not_both = (claims(blank, 0), claims(together, 0))
    if not one_of(f"bproof0|{whole}|", not_both, public_key, answer.blank_proof):
        raise Refused(Reason.BALLOT_PROOF, "blank proof", "a proof that a blank vote chooses nothing", "a false proof")
    either = [claims(blank, 1), *(claims(together, number) for number in allowed)]
    if not one_of(f"bproof1|{whole}|", either, public_key, answer.overall_proof):
        wanted = f"a proof of a blank vote or of {question.minimum} to {question.maximum} chosen"
        raise Refused(Reason.BALLOT_PROOF, "overall proof", wanted, "a false proof")


def _refuse_neutral(alpha: Point, where: str) -> None:
    if alpha == NEUTRAL:
        raise Refused(Reason.POINT_NEUTRAL, where, "an encryption that hides the mark", "randomness 0")
