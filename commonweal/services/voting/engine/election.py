"""What an election asks, and of whom: the election object and its questions (guide 3.2; specification, sections
"Questions" and "Elections").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.coding import MOST_VALUES
from commonweal.services.voting.engine.credentials import BASE58
from commonweal.services.voting.engine.encoding import (
    JSON,
    boolean,
    canonical,
    fields,
    items,
    number,
    read,
    string,
    without_absent,
)
from commonweal.services.voting.engine.group import Point
from commonweal.services.voting.engine.hashing import sha256_base64
from commonweal.services.voting.engine.refusal import Reason, Refused

CRYPTO_VERSION = 1
_UUID = re.compile(f"[{BASE58}]{{14,}}", re.ASCII)


@dataclass(frozen=True)
class Question:
    """A homomorphic question: choose `minimum` to `maximum` of the answers; only sums are ever decrypted."""

    question: str
    answers: tuple[str, ...]
    minimum: int
    maximum: int
    blank: bool | None = None  # None: the field is absent, which means the same as False

    @property
    def choices(self) -> int:
        """How many marks a ballot encrypts: one for each answer, and the blank mark first if it is allowed."""
        return len(self.answers) + (1 if self.blank else 0)

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return without_absent(
            {
                "answers": list(self.answers),
                "blank": self.blank,
                "min": self.minimum,
                "max": self.maximum,
                "question": self.question,
            }
        )

    def check(self) -> None:
        """Raises Refused(ELECTION_RULES) if nobody could answer."""
        if not self.answers:
            raise Refused(Reason.ELECTION_RULES, self.question, "at least one answer", 0)
        if not 0 <= self.minimum <= self.maximum <= len(self.answers):
            wanted = f"0 <= min <= max <= {len(self.answers)}"
            raise Refused(Reason.ELECTION_RULES, self.question, wanted, f"{self.minimum}..{self.maximum}")


@dataclass(frozen=True)
class RankedQuestion:
    """A non-homomorphic question: a number from 0 to 255 for each answer; ballots are shuffled, then decrypted singly.

    `method` is the record's `extra` field, a hint how to count (any JSON value), None if absent.
    """

    question: str
    answers: tuple[str, ...]
    method: JSON = None

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        value = {"answers": list(self.answers), "question": self.question}
        return without_absent({"type": "NonHomomorphic", "value": value, "extra": self.method})

    def check(self) -> None:
        """Raises Refused(ELECTION_RULES) if an answer could not be coded into one point."""
        if not 1 <= len(self.answers) <= MOST_VALUES:
            wanted = f"1 to {MOST_VALUES} options"
            raise Refused(Reason.ELECTION_RULES, self.question, wanted, len(self.answers))


AnyQuestion: TypeAlias = Question | RankedQuestion


@dataclass(frozen=True)
class Election:
    """All that voters must agree on. Its canonical bytes are hashed into every ballot."""

    name: str
    description: str
    public_key: Point
    questions: tuple[AnyQuestion, ...]
    uuid: str
    administrator: str | None = None
    credential_authority: str | None = None
    language: tuple[str, str] | None = None  # a language tag and "ltr" or "rtl"; read from newer records of Belenios

    @classmethod
    def from_json(cls, value: JSON) -> Election:
        """Raises Refused, UNSUPPORTED for another version, group or kind of question."""
        names = ("version", "description", "name", "group", "public_key", "questions", "uuid")
        value = fields(value, names, ("administrator", "credential_authority", "language"))
        if value["version"] != CRYPTO_VERSION:
            raise Refused(Reason.UNSUPPORTED, "version", CRYPTO_VERSION, value["version"])
        if value["group"] != group.NAME:
            raise Refused(Reason.UNSUPPORTED, "group", group.NAME, value["group"])
        uuid = string(value["uuid"])
        if not _UUID.fullmatch(uuid):
            raise Refused(Reason.MALFORMED, "uuid", "at least 14 characters of Base58", uuid)
        optional = {name: string(value[name]) for name in ("administrator", "credential_authority") if name in value}
        return cls(
            name=string(value["name"]),
            description=string(value["description"]),
            public_key=group.key_point(value["public_key"]),
            questions=tuple(_question(item) for item in items(value["questions"])),
            uuid=uuid,
            administrator=optional.get("administrator"),
            credential_authority=optional.get("credential_authority"),
            language=_language(value["language"]) if "language" in value else None,
        )

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return without_absent(
            {
                "version": CRYPTO_VERSION,
                "description": self.description,
                "name": self.name,
                "group": group.NAME,
                "public_key": group.text(self.public_key),
                "questions": [question.as_json() for question in self.questions],
                "uuid": self.uuid,
                "administrator": self.administrator,
                "credential_authority": self.credential_authority,
                "language": list(self.language) if self.language else None,
            }
        )

    @classmethod
    def read(cls, content: bytes) -> Election:
        """The election of these canonical bytes. Raises Refused."""
        return read(cls.from_json, content)

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())

    def fingerprint(self) -> str:
        """phi: Base64 of the hash of the canonical bytes, 43 characters."""
        return sha256_base64(self.content())

    def check(self) -> None:
        """Raises Refused(ELECTION_RULES) for what must not be frozen: no question, or one nobody can answer."""
        if not self.questions:
            raise Refused(Reason.ELECTION_RULES, "questions", "at least one question", 0)
        for question in self.questions:
            question.check()

    @property
    def ranked(self) -> tuple[int, ...]:
        """Indices of the questions whose ballots must be shuffled."""
        return tuple(i for i, question in enumerate(self.questions) if isinstance(question, RankedQuestion))


def _question(value: JSON) -> AnyQuestion:
    if isinstance(value, dict) and "type" in value:
        members = fields(value, ("type", "value"), ("extra",))
        if members["type"] != "NonHomomorphic":
            raise Refused(Reason.UNSUPPORTED, "question type", "NonHomomorphic", members["type"])
        inner = fields(members["value"], ("answers", "question"))
        return RankedQuestion(string(inner["question"]), _answers(inner["answers"]), members.get("extra"))
    members = fields(value, ("answers", "min", "max", "question"), ("blank",))
    blank = members.get("blank")
    if blank is not None:
        boolean(blank)
    answers = _answers(members["answers"])
    minimum, maximum = number(members["min"]), number(members["max"])
    return Question(string(members["question"]), answers, minimum, maximum, blank)


def _language(value: JSON) -> tuple[str, str]:
    tag, direction = items(value, 2)
    if direction not in ("ltr", "rtl"):
        raise Refused(Reason.MALFORMED, "language", "ltr or rtl", direction)
    return string(tag), direction


def _answers(value: JSON) -> tuple[str, ...]:
    return tuple(string(answer) for answer in items(value))
