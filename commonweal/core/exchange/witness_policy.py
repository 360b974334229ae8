"""Which cosignatures make a checkpoint valid (C2SP tlog-policy): witnesses, groups of them, and a quorum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from commonweal.core.ledger.verify import ED25519_COSIGNATURE, ML_DSA_44, VerificationError, VerifierKey

FILE = "witnesses.policy"
NONE = "none"


class BadWitnessPolicy(ValueError):
    """A policy that cannot be read; the text names the line."""


@dataclass(frozen=True)
class NamedWitness:
    """A witness in a policy; `url` is its submission prefix, "" when it is only verified."""

    name: str
    vkey: VerifierKey
    url: str


@dataclass(frozen=True)
class Group:
    """`least` of `members`, which are witnesses or groups."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class WitnessPolicy:
    """A whole policy."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, NamedWitness]
    groups: Mapping[str, Group]
    quorum: str

    def satisfied(self, cosigners: Iterable[VerifierKey]) -> bool:
        """Whether cosignatures of these keys are enough."""
        keys = {(key.kind, key.key) for key in cosigners}
        names = {name for name, one in self.witnesses.items() if (one.vkey.kind, one.vkey.key) in keys}
        return self.quorum == NONE or self._stands(self.quorum, names)

    def _stands(self, name: str, names: set[str]) -> bool:
        if name in self.witnesses:
            return name in names
        group = self.groups[name]
        return sum(self._stands(member, names) for member in group.members) >= group.least


def load(home: Path) -> WitnessPolicy | None:
    """The node's policy, or None when it asks no witnesses. Raises BadWitnessPolicy."""
    path = home / FILE
    return parse(path.read_text("utf-8")) if path.exists() else None


def parse(text: str) -> WitnessPolicy:
    """Read a policy. Raises BadWitnessPolicy."""
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            reader.line(words)
        except (BadWitnessPolicy, VerificationError, ValueError) as error:
            raise BadWitnessPolicy(f"line {number}: {error}") from error
    if reader.quorum is None:
        raise BadWitnessPolicy("there is no quorum line")
    return WitnessPolicy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, NamedWitness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._log(VerifierKey.parse(vkey))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._witness(name, VerifierKey.parse(vkey), url[0] if url else "")
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise BadWitnessPolicy(f"{words[0]!r} is no line of a policy")

    def _log(self, key: VerifierKey) -> None:
        if any(key.key == other.key for other in self.logs):
            raise BadWitnessPolicy("this log is listed already")
        self.logs.append(key)

    def _witness(self, name: str, key: VerifierKey, url: str) -> None:
        self._new(name)
        if key.kind not in {ED25519_COSIGNATURE, ML_DSA_44}:
            raise BadWitnessPolicy("a witness has a key for cosignatures (type 4 or 6)")
        if any(key.key == other.vkey.key for other in self.witnesses.values()):
            raise BadWitnessPolicy("this witness is listed already")
        self.witnesses[name] = NamedWitness(name, key, url.rstrip("/"))

    def _group(self, name: str, least: str, members: list[str]) -> None:
        self._new(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise BadWitnessPolicy(f"{member!r} is not defined above")
            if member in self._members:
                raise BadWitnessPolicy(f"{member!r} is in a group already")
            self._members.add(member)
        count = {"all": len(members), "any": 1}.get(least) or (int(least) if least.isdigit() else 0)
        if not 1 <= count <= len(members):
            raise BadWitnessPolicy(f"{least!r} of {len(members)} cannot be")
        self.groups[name] = Group(name, count, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise BadWitnessPolicy("there is a quorum line already")
        if name != NONE and name not in self.witnesses and name not in self.groups:
            raise BadWitnessPolicy(f"{name!r} is not defined above")
        self.quorum = name

    def _new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise BadWitnessPolicy(f"the name {name!r} is taken")
