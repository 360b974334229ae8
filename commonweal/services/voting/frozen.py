"""The frozen setup of an election: one plan whose hash stands in the node's log, and what it binds.

Every role holds the same package and checks it for itself; none of them needs the node's database. Knows no Django.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.archive import Setup
from commonweal.services.voting.engine.credentials import CredentialList
from commonweal.services.voting.engine.election import CRYPTO_VERSION, Election
from commonweal.services.voting.engine.encoding import (
    JSON,
    boolean,
    canonical,
    encoded,
    fields,
    items,
    members,
    number,
    parse,
    require_canonical,
    string,
)
from commonweal.services.voting.engine.group import Point
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.passes import key_of
from commonweal.services.voting.engine.record import check_setup
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.trustees import Trustees

VERSION = 1
LEAST_INTERVAL = 5  # seconds between two batches of the board
DAY = 86_400
RESEND = "the same code, until the close"
LATE_CHANGES = "whoever leaves the roll gets no pass; nobody joins it"
_FIELDS = (
    "version", "crypto_version", "uuid", "setup", "opens", "closes", "board_every", "box", "node", "bundle",
    "pass_key", "shuffles", "binding", "resend", "late_changes", "machines", "order", "texts",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What nobody may change after the freeze.

    `opens` and `closes` are instants; `board_every` the seconds between two batches of the board; `box` and `node` are
    web origins; `bundle` the hash of the booth; `pass_key` the JSON Web Key of the passes; `shuffles` how many
    different trustees must shuffle (0 without ranked questions); `machines` one mark for each role, see `machine_mark`;
    `order` for each question whether answers are shown as `listed` or as `drawn` for each voter; `texts` the questions
    in other languages; `receipt_key` is what the ballot server signs receipts with, "" if it gives none.
    """

    uuid: str
    setup: Setup
    opens: datetime
    closes: datetime
    board_every: int
    box: str
    node: str
    bundle: str
    pass_key: dict[str, str]
    shuffles: int
    binding: bool
    machines: Mapping[str, str]
    order: tuple[str, ...]
    texts: Mapping[str, Any]
    receipt_key: str = ""

    @classmethod
    def from_json(cls, value: JSON) -> Plan:
        """Raises Refused."""
        value = fields(value, _FIELDS, ("receipt_key",))
        rules = (value["version"], value["crypto_version"], value["resend"], value["late_changes"])
        if rules != (VERSION, CRYPTO_VERSION, RESEND, LATE_CHANGES):
            raise Refused(Reason.UNSUPPORTED, "plan", (VERSION, CRYPTO_VERSION, RESEND, LATE_CHANGES), rules)
        return cls(
            uuid=string(value["uuid"]),
            setup=Setup.from_json(value["setup"]),
            opens=_instant(value["opens"]),
            closes=_instant(value["closes"]),
            board_every=number(value["board_every"]),
            box=string(value["box"]),
            node=string(value["node"]),
            bundle=string(value["bundle"]),
            pass_key=members(value["pass_key"]),
            shuffles=number(value["shuffles"]),
            binding=boolean(value["binding"]),
            machines=members(value["machines"]),
            order=tuple(string(rule) for rule in items(value["order"])),
            texts=members(value["texts"]),
            receipt_key=group.text(group.key_point(value["receipt_key"])) if "receipt_key" in value else "",
        )

    def as_json(self) -> JSON:
        """Fields in the order of `_FIELDS`, then the receipt key if there is one."""
        value: dict[str, JSON] = {
            "version": VERSION,
            "crypto_version": CRYPTO_VERSION,
            "uuid": self.uuid,
            "setup": self.setup.as_json(),
            "opens": _written(self.opens),
            "closes": _written(self.closes),
            "board_every": self.board_every,
            "box": self.box,
            "node": self.node,
            "bundle": self.bundle,
            "pass_key": self.pass_key,
            "shuffles": self.shuffles,
            "binding": self.binding,
            "resend": RESEND,
            "late_changes": LATE_CHANGES,
            "machines": dict(self.machines),
            "order": list(self.order),
            "texts": dict(self.texts),
        }
        return value | ({"receipt_key": self.receipt_key} if self.receipt_key else {})

    def content(self) -> bytes:
        """The bytes whose SHA-256 stands in the node's log."""
        return canonical(self.as_json())

    @property
    def digest(self) -> str:
        """SHA-256 of the content, 64 hexadecimal digits."""
        return sha256_hex(self.content())

    @property
    def booth(self) -> str:
        """Where voters vote."""
        return f"{self.box}/booth/{self.uuid}/"

    @property
    def low_stakes(self) -> bool:
        """Whether several roles share a machine, so that whoever rules it rules them all."""
        marks = list(self.machines.values())
        return len(set(marks)) < len(marks)

    def state(self, now: datetime) -> str:
        """`waiting` before it opens, then `open`, then `closed`."""
        return "waiting" if now < self.opens else "open" if now < self.closes else "closed"

    def check(self) -> None:
        """Raises Refused(ELECTION_RULES) for times that cannot be."""
        if not self.opens < self.closes:
            raise Refused(Reason.ELECTION_RULES, "closes", "an instant after the opening", _written(self.closes))
        if self.board_every < LEAST_INTERVAL:
            raise Refused(Reason.ELECTION_RULES, "board_every", f"{LEAST_INTERVAL} seconds or more", self.board_every)


@dataclass(frozen=True)
class Package:
    """The plan with the contents that it binds, as the administrator gives it to every role."""

    plan: Plan
    election: Election
    trustees: Trustees
    credentials: CredentialList

    @classmethod
    def read(cls, content: bytes) -> Package:
        """The package, every hash and key in it checked. Raises Refused, naming what does not fit."""
        value = fields(parse(content), ("plan", "election", "trustees", "credentials"))
        texts = {name: encoded(text) for name, text in value.items()}
        plan = Plan.from_json(parse(texts["plan"]))
        require_canonical(plan.as_json(), texts["plan"])
        found = Setup(*(sha256_hex(texts[name]) for name in ("election", "trustees", "credentials")))
        if found != plan.setup:
            raise Refused(Reason.FROZEN, "setup", plan.setup, found)
        package = cls(
            plan,
            Election.read(texts["election"]),
            Trustees.read(texts["trustees"]),
            CredentialList.read(texts["credentials"]),
        )
        package.check()
        return package

    @classmethod
    def load(cls, path: Path) -> Package:
        """The package in a file. Raises Refused, OSError."""
        return cls.read(path.read_bytes())

    def check(self) -> None:
        """Raises Refused unless the whole could be an election."""
        self.plan.check()
        if self.election.uuid != self.plan.uuid:
            raise Refused(Reason.FROZEN, "uuid", self.plan.uuid, self.election.uuid)
        check_setup(self.election, self.trustees, self.credentials)
        if bool(self.election.ranked) != bool(self.plan.shuffles):
            raise Refused(Reason.ELECTION_RULES, "shuffles", "some exactly where a question is ranked", "otherwise")
        _ = self.pass_key

    def content(self) -> bytes:
        """The bytes of the file."""
        texts = {
            "plan": self.plan.content(),
            "election": self.election.content(),
            "trustees": self.trustees.content(),
            "credentials": self.credentials.content(),
        }
        return canonical({name: text.decode() for name, text in texts.items()})

    @cached_property
    def receipt_key(self) -> Point | None:
        """The key that signs receipts; None where the ballot server gives none."""
        return group.point(self.plan.receipt_key) if self.plan.receipt_key else None

    @cached_property
    def pass_key(self) -> rsa.RSAPublicKey:
        """The key that signed the passes."""
        return key_of(self.plan.pass_key)

    @cached_property
    def fingerprint(self) -> str:
        """phi of the election."""
        return self.election.fingerprint()


def setup_of(election: Election, trustees: Trustees, credentials: CredentialList) -> Setup:
    """The three hashes of the record's Setup."""
    return Setup(*(sha256_hex(part.content()) for part in (election, trustees, credentials)))


def machine_mark(uuid: str) -> str:
    """Tells, within one election, whether two roles ran on the same machine; says nothing else about it."""
    return hmac.digest(_machine(), f"voting|{uuid}".encode(), "sha256").hex()[:32]


def load_json(paths: Sequence[Path]) -> list[Any]:
    """The JSON values in these files. Raises OSError, ValueError."""
    return [json.loads(path.read_text("utf-8")) for path in paths]


def _machine() -> bytes:
    path = Path("/etc/machine-id")
    if path.exists() and (known := path.read_bytes().strip()):
        return known
    import uuid

    return hashlib.sha256(str(uuid.getnode()).encode()).digest()


def _instant(words: JSON) -> datetime:
    try:
        instant = datetime.fromisoformat(string(words))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refused(Reason.MALFORMED, "instant", "a time with its zone, like 2026-05-01T06:00:00Z", words)
    return instant.astimezone(UTC)


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
