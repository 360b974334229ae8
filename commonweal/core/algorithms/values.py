"""The frozen values of this room: the public record of an algorithm, and one piece of advice that it gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from commonweal.core.cases.values import CaseType
from commonweal.core.policy.actions import Words

Phase = Literal["development", "pilot", "production", "retired"]


@dataclass(frozen=True)
class Data:
    """Data that an algorithm was made with or works on: what it is, where it comes from, from when to when."""

    name: Words
    says: Words
    source: Words
    period: Words = ""


@dataclass(frozen=True)
class Quality:
    """How well an algorithm does for one group of people: `value` from 0 to 1, measured over so many `cases`."""

    group: Words
    measure: Words
    value: float
    cases: int


@dataclass(frozen=True)
class Risk:
    """What can go wrong, and what is done against it."""

    says: Words
    against: Words


@dataclass(frozen=True)
class Change:
    """A version, since when it is used, and what is new in it."""

    version: str
    since: date
    says: Words


@dataclass(frozen=True)
class Algorithm:
    """The record of an algorithm in use, with the fields of ATRS 2.1 (their names there: published.py).

    `owner` is the code of the agency that answers for it, `responsible` the role that does so in person. `changes` has
    the newest version first; `quality` names everyone, and each group for which it could differ. `adverse` is the kind
    of case that its advice becomes when it would worsen somebody's position; without one it cannot give such advice.
    """

    name: str
    title: Words
    summary: Words
    owner: str
    responsible: Words
    contact: str
    phase: Phase
    scope: Words
    benefit: Words
    before: Words
    alternatives: Words
    method: Words
    place: Words
    gives: Words
    scale: Words
    oversight: Words
    training: Words
    appeals: Words
    data: tuple[Data, ...]
    measured: date
    quality: tuple[Quality, ...]
    risks: tuple[Risk, ...]
    impact: Words
    changes: tuple[Change, ...]
    model: Words = ""
    supplier: Words = ""
    adverse: CaseType | None = None

    @property
    def version(self) -> str:
        """The version in use."""
        return self.changes[0].version


@dataclass(frozen=True)
class Advice:
    """What an algorithm said about somebody, why, and from what. `record` is the SHA-256 of its record then, in hex."""

    id: str
    algorithm: str
    version: str
    record: str
    about: str
    says: str
    reasons: tuple[str, ...]
    inputs: tuple[str, ...]
    adverse: bool
    given: datetime


@dataclass(frozen=True)
class PublishedRecord:
    """A record as it stands in the public log: hash of the document in hex, and the version that it describes."""

    hash: str
    version: str
