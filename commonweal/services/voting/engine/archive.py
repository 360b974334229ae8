"""The `.bel` file: an old-style tar of hashed data and a chain of events, byte for byte (guide 3.3; specification,
section "Public data").

Every byte of a record is determined by its contents, so reading rebuilds each header and compares. Reading streams:
only the members since the last event are held.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from commonweal.services.voting.engine.encoding import (
    JSON,
    canonical,
    decimal,
    fields,
    number,
    parse,
    read,
    string,
    without_absent,
)
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.refusal import Reason, Refused

BLOCK = 512
HEADER_NAME = "BELENIOS"
VERSION = 1


class EventType(StrEnum):
    """The steps of an election."""

    SETUP = "Setup"
    BALLOT = "Ballot"
    END_BALLOTS = "EndBallots"
    ENCRYPTED_TALLY = "EncryptedTally"
    SHUFFLE = "Shuffle"
    END_SHUFFLES = "EndShuffles"
    PARTIAL_DECRYPTION = "PartialDecryption"
    RESULT = "Result"


_FOLLOWS: dict[EventType | None, tuple[EventType, ...]] = {
    None: (EventType.SETUP,),
    EventType.SETUP: (EventType.BALLOT, EventType.END_BALLOTS),
    EventType.BALLOT: (EventType.BALLOT, EventType.END_BALLOTS),
    EventType.END_BALLOTS: (EventType.ENCRYPTED_TALLY,),
    EventType.ENCRYPTED_TALLY: (EventType.SHUFFLE, EventType.END_SHUFFLES, EventType.PARTIAL_DECRYPTION),
    EventType.SHUFFLE: (EventType.SHUFFLE, EventType.END_SHUFFLES),
    EventType.END_SHUFFLES: (EventType.PARTIAL_DECRYPTION,),
    EventType.PARTIAL_DECRYPTION: (EventType.PARTIAL_DECRYPTION, EventType.RESULT),
    EventType.RESULT: (),
}
_DATA_BEFORE = {
    EventType.SETUP: 4,
    EventType.BALLOT: 1,
    EventType.END_BALLOTS: 0,
    EventType.ENCRYPTED_TALLY: 2,
    EventType.SHUFFLE: 2,
    EventType.END_SHUFFLES: 0,
    EventType.PARTIAL_DECRYPTION: 2,
    EventType.RESULT: 1,
}


@dataclass(frozen=True)
class Event:
    """One link of the chain. `parent` and `payload` are hexadecimal SHA-256 hashes."""

    parent: str | None
    height: int
    type: EventType
    payload: str | None

    @classmethod
    def from_json(cls, value: JSON) -> Event:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("height", "type"), ("parent", "payload"))
        if value["type"] not in list(EventType):
            raise Refused(Reason.MALFORMED, "event type", ", ".join(EventType), value["type"])
        parent = string(value["parent"]) if "parent" in value else None
        payload = string(value["payload"]) if "payload" in value else None
        return cls(parent, number(value["height"]), EventType(value["type"]), payload)

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return without_absent(
            {"parent": self.parent, "height": self.height, "type": str(self.type), "payload": self.payload}
        )


@dataclass(frozen=True)
class Setup:
    """The hashes of the three things that an election stands on."""

    election: str
    trustees: str
    credentials: str

    @classmethod
    def from_json(cls, value: JSON) -> Setup:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("election", "trustees", "credentials"))
        return cls(string(value["election"]), string(value["trustees"]), string(value["credentials"]))

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {"election": self.election, "trustees": self.trustees, "credentials": self.credentials}


@dataclass(frozen=True)
class Owned:
    """Which trustee, counted from 1, made the shuffle or partial decryption with this hash."""

    owner: int
    payload: str

    @classmethod
    def from_json(cls, value: JSON) -> Owned:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("owner", "payload"))
        return cls(number(value["owner"]), string(value["payload"]))

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {"owner": self.owner, "payload": self.payload}


@dataclass(frozen=True)
class Checkpoint:
    """What an observer keeps of a record: the height and hash of an event they saw."""

    height: int
    digest: str


@dataclass(frozen=True)
class Member:
    """A data member: its hexadecimal hash, its bytes, and where they start in the file."""

    digest: str
    content: bytes
    offset: int


@dataclass(frozen=True)
class Step:
    """An event and the data that it rests on."""

    event: Event
    digest: str
    data: tuple[Member, ...]


# Writing


def header(timestamp: int) -> bytes:
    """The content of the first member. `timestamp` in seconds since 1970 UTC becomes every member's mtime."""
    return canonical({"version": VERSION, "timestamp": str(timestamp)})


def member(name: str, content: bytes, timestamp: int) -> bytes:
    """The blocks of one member."""
    return header_block(name, len(content), timestamp) + content + bytes(-len(content) % BLOCK)


def header_block(name: str, size: int, timestamp: int) -> bytes:
    """The 512 bytes before a member's content."""
    block = bytearray(BLOCK)
    block[: len(name)] = name.encode("ascii")
    block[100:107], block[108:115], block[116:123] = b"0000644", b"0000000", b"0000000"
    block[124:135], block[136:147] = b"%011o" % size, b"%011o" % timestamp
    block[148:156] = b" " * 8
    block[156] = ord("0")
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


class Writer:
    """Appends to a record: data, then the event that rests on it."""

    def __init__(self, stream: BinaryIO, timestamp: int, head: Checkpoint | None = None) -> None:
        """Begins a record with its header member, or goes on after `head` at the end of a stream that has it.

        `timestamp` in seconds since 1970 UTC, the same for the whole record.
        """
        self._stream = stream
        self._timestamp = timestamp
        self.head = head
        if head is None:
            stream.write(member(HEADER_NAME, header(timestamp), timestamp))

    def data(self, content: bytes) -> str:
        """Appends a data member and returns its hash."""
        digest = sha256_hex(content)
        self._stream.write(member(f"{digest}.data.json", content, self._timestamp))
        return digest

    def event(self, kind: EventType, payload: str | None = None) -> Checkpoint:
        """Appends an event linked to the last one and returns the new head."""
        parent, height = (self.head.digest, self.head.height + 1) if self.head else (None, 0)
        content = canonical(Event(parent, height, kind, payload).as_json())
        digest = sha256_hex(content)
        self._stream.write(member(f"{digest}.event.json", content, self._timestamp))
        self.head = Checkpoint(height, digest)
        return self.head


# Reading


def steps(stream: BinaryIO, last: Step | None = None) -> Iterator[Step]:
    """The events of a record in order, each with its data, the chain checked on the way.

    With `last` the stream holds, behind the header, only what follows that step. Raises Refused for a byte that a
    writer would not have written, a false hash, parent, height, order or payload.
    """
    pending: list[Member] = []
    for suffix, item in _members(stream):
        if suffix == "data":
            pending.append(item)
            continue
        try:
            last = _link(last, item, tuple(pending))
        except Refused as refused:
            raise refused.within(f"event {0 if last is None else last.event.height + 1}") from None
        pending = []
        yield last
    if pending:
        raise Refused(Reason.CHAIN_ORDER, "end of file", "an event after the data", "data without event")


def _link(last: Step | None, item: Member, data: tuple[Member, ...]) -> Step:
    event = read(Event.from_json, item.content)
    parent, height = (last.digest, last.event.height + 1) if last else (None, 0)
    if event.parent != parent:
        raise Refused(Reason.CHAIN_PARENT, "parent", parent, event.parent)
    if event.height != height:
        raise Refused(Reason.CHAIN_HEIGHT, "height", height, event.height)
    allowed = _FOLLOWS[last.event.type if last else None]
    if event.type not in allowed:
        raise Refused(Reason.CHAIN_ORDER, "type", " or ".join(allowed) or "the end", event.type)
    if len(data) != _DATA_BEFORE[event.type]:
        raise Refused(Reason.CHAIN_ORDER, event.type, f"{_DATA_BEFORE[event.type]} data members", len(data))
    payload = data[-1].digest if data else None
    if event.payload != payload:
        raise Refused(Reason.CHAIN_PAYLOAD, event.type, payload, event.payload)
    return Step(event, item.digest, data)


def _members(stream: BinaryIO) -> Iterator[tuple[str, Member]]:
    """Each member after the header, as ("data" or "event", member)."""
    end = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    name, first = _member(stream, end, None)
    if name != HEADER_NAME:
        raise Refused(Reason.ARCHIVE_FORMAT, "byte 0", HEADER_NAME, name)
    timestamp = _timestamp(first.content)
    stream.seek(0)
    _member(stream, end, timestamp)
    while stream.tell() < end:
        position = stream.tell()
        name, item = _member(stream, end, timestamp)
        suffix = name[64:]
        if suffix not in (".data.json", ".event.json"):
            raise Refused(Reason.ARCHIVE_FORMAT, f"byte {position}", "a hash and .data.json or .event.json", name)
        digest = sha256_hex(item.content)
        if name[:64] != digest:
            raise Refused(Reason.ARCHIVE_HASH, f"byte {position}", digest, name[:64])
        yield suffix[1:-5], Member(digest, item.content, item.offset)


def _timestamp(content: bytes) -> int:
    value = fields(parse(content), ("version", "timestamp"))
    if value["version"] != VERSION:
        raise Refused(Reason.UNSUPPORTED, HEADER_NAME, f"archive version {VERSION}", value["version"])
    timestamp = decimal(string(value["timestamp"]))
    if timestamp >= 8**11 or content != header(timestamp):
        raise Refused(Reason.ARCHIVE_FORMAT, HEADER_NAME, "a canonical header", content)
    return timestamp


def _member(stream: BinaryIO, end: int, timestamp: int | None) -> tuple[str, Member]:
    """The member that starts here, its header compared with a rebuilt one as soon as the timestamp is known."""
    position = stream.tell()
    block = stream.read(BLOCK)
    try:
        name, size = block[:100].rstrip(b"\0").decode("ascii"), int(block[124:135], 8)
        if size < 0:
            raise ValueError
    except ValueError:
        raise Refused(Reason.ARCHIVE_FORMAT, f"byte {position}", "the header of a member", "something else") from None
    if timestamp is not None and block != header_block(name, size, timestamp):
        wanted = "a header with the fixed mode, owner and time"
        raise Refused(Reason.ARCHIVE_FORMAT, f"byte {position}", wanted, f"another header of {name}")
    padded = size + -size % BLOCK
    if position + BLOCK + padded > end:
        raise Refused(Reason.ARCHIVE_FORMAT, f"byte {position}", f"{padded} bytes after the header", "the end of file")
    content = stream.read(size)
    if any(stream.read(padded - size)):
        raise Refused(Reason.ARCHIVE_FORMAT, f"byte {position}", "padding of zeros", "other bytes")
    return name, Member("", content, position + BLOCK)
