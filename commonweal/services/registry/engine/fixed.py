"""Files of records with a copybook, as z/OS writes them (DFSMS: Using Data Sets, "Record formats"), in little memory.

F and FB: records of one length, one after another. V: each with a record descriptor word before it. VB: blocks of
those, each with a block descriptor word. `lines`: one record in each line, spaces at its end left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO

from commonweal.services.registry.engine import cobol
from commonweal.services.registry.engine.copybook import Item, Layout, Place
from commonweal.services.registry.engine.mapping import ColumnMapping
from commonweal.services.registry.engine.rows import BadMapping, Problem, Raw

_SUBSCRIPTED = re.compile(r"([^()]+?)\s*(?:\(\s*(\d+(?:\s*,\s*\d+)*)\s*\))?")
FIT = "the file is cut, or the copybook does not fit"


class Broken(ValueError):
    """The records cannot be told apart from here on."""


def raw_rows(file: IO[bytes], mapping: ColumnMapping) -> Iterator[Raw | list[Problem]]:
    """The records of a file, their mapped items as texts.

    Reading stops with a problem where the records cannot be told apart any more. Raises BadMapping when a mapped item
    is not in the copybook.
    """
    layout = mapping.layout
    if layout is None:
        raise BadMapping("a file of records needs a `copybook`")
    reader = _Reader(layout, mapping)
    number = 0
    try:
        for number, data in enumerate(_framed(file, mapping, layout), 1):
            if (row := reader.row(number, data)) is not None:
                yield row
    except Broken as error:
        yield [Problem(number + 1, "record", f"{error}; reading stopped here", stops=True)]


class _Reader:
    """Finds the mapped items in each record."""

    def __init__(self, layout: Layout, mapping: ColumnMapping) -> None:
        self._layout, self._encoding = layout, mapping.encoding
        self._names = list(mapping.only) + mapping.named
        self._only = list(mapping.only.values())
        self._padding = " ".encode(mapping.encoding) if mapping.records == "lines" else b""
        self._fixed: list[Place | None] = [_named(name, layout.places()) for name in self._names]
        self._reach = max(place.end for place in self._fixed if place)
        self._longest, self._shortest = layout.longest, layout.shortest

    def row(self, number: int, data: bytes) -> Raw | list[Problem] | None:
        """One record's row; None for one that the mapping passes over."""
        if self._padding:
            data = data.ljust(self._longest, self._padding)
        try:
            places = self._places(data)
        except cobol.BadValue as error:
            return [Problem(number, "record", str(error))]
        if places is None:
            says = f"has {len(data)} bytes, the copybook {self._shortest} to {self._longest}; {FIT}"
            return [Problem(number, "record", says)]
        texts: list[str] = []
        problems = []
        for name, place in zip(self._names, places, strict=True):
            try:
                texts.append(self._text(place, data))
            except cobol.BadValue as error:
                problems.append(Problem(number, name, str(error)))
                texts.append("")
            if len(texts) == len(self._only) and texts != self._only and not problems:
                return None
        return problems or Raw(number, texts[len(self._only) :])

    def _text(self, place: Place | None, data: bytes) -> str:
        """What stands at a place of this record; nothing where its table is shorter."""
        if place is None:
            return ""
        return cobol.written(place.item, cobol.value(place.item, data[place.start : place.end], self._encoding))

    def _places(self, data: bytes) -> list[Place | None] | None:
        """Where the mapped items stand in this record; None when its length does not fit."""
        if not self._shortest <= len(data) <= self._longest:
            return None
        if not self._layout.counters:
            return self._fixed if self._reach <= len(data) else None
        places = self._layout.places(self._count(data))
        fits = self._padding or len(self._layout.records) > 1 or len(data) == max(place.end for place in places)
        return self._find(places) if fits else None

    def _count(self, data: bytes) -> Callable[[Item, list[Place]], int]:
        """How often the tables of this record occur, by what its own counters say."""

        def count(table: Item, before: list[Place]) -> int:
            place = next(found for found in reversed(before) if found.item.name == table.depending)
            times = cobol.value(place.item, data[place.start : place.end], self._encoding)
            if times is None or isinstance(times, str) or not table.least <= times <= table.most:
                says = f"holds {times}; {table.name} occurs {table.least} to {table.most} times"
                raise cobol.BadValue(f"{table.depending} {says}; {FIT}")
            return int(times)

        return count

    def _find(self, places: list[Place]) -> list[Place | None]:
        standing = {(place.path, place.subscripts): place for place in places}
        return [standing.get((place.path, place.subscripts)) if place else None for place in self._fixed]


def _named(name: str, places: list[Place]) -> Place:
    """The place that a mapping means by `ITEM`, `GROUP.ITEM` or `ITEM(2)`. Raises BadMapping."""
    matched = _SUBSCRIPTED.fullmatch(name.upper())
    if matched is None:
        raise BadMapping(f"{name!r} is not the name of an item; write ITEM, GROUP.ITEM or ITEM(2)")
    *groups, last = matched[1].split(".")
    subscripts = tuple(int(n) for n in (matched[2] or "").split(",") if n)
    found = [
        place
        for place in places
        if place.item.name == last and place.subscripts == subscripts and set(groups) <= set(place.path)
    ]
    if len(found) == 1:
        return found[0]
    known = sorted({f"{place.item.name}{'(1)' if place.subscripts else ''}" for place in places} - {"FILLER"})
    if not found:
        raise BadMapping(f"the copybook has no item {name!r}; it has: {', '.join(known)[:500]}")
    raise BadMapping(f"the copybook has {len(found)} items {name!r}; write the group before it, as GROUP.{last}")


def _framed(file: IO[bytes], mapping: ColumnMapping, layout: Layout) -> Iterator[bytes]:
    """The records' bytes. Raises Broken, BadMapping."""
    match mapping.records:
        case "F" | "FB":
            return _of_one_length(file, layout.longest)
        case "V":
            return _described(file.read)
        case "VB":
            return _blocked(file)
        case _:
            return _in_lines(file, mapping, layout)


def _of_one_length(file: IO[bytes], length: int) -> Iterator[bytes]:
    while data := file.read(length):
        if len(data) < length:
            raise Broken(f"has {len(data)} of {length} bytes; {FIT}")
        yield data


def _described(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while word := read(4):
        length = int.from_bytes(word[:2], "big") - 4
        if len(word) < 4 or word[2:] != b"\0\0" or length < 1:
            raise Broken(f"begins with {word.hex()}, no record descriptor word; check `records`, or {FIT}")
        data = read(length)
        if len(data) < length:
            raise Broken(f"has {len(data)} of {length} bytes; {FIT}")
        yield data


def _blocked(file: IO[bytes]) -> Iterator[bytes]:
    while word := file.read(4):
        length = int.from_bytes(word[:2], "big") - 4
        if len(word) < 4 or word[2:] != b"\0\0" or length < 5:
            raise Broken(f"follows {word.hex()}, no block descriptor word; check `records`, or {FIT}")
        block = memoryview(file.read(length))
        if len(block) < length:
            raise Broken(f"stands in a block of {len(block)} of {length} bytes; {FIT}")
        yield from _described(_Part(block).read)


class _Part:
    """Reads a block as a file is read."""

    def __init__(self, block: memoryview) -> None:
        self._rest = block

    def read(self, size: int) -> bytes:
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)


def _in_lines(file: IO[bytes], mapping: ColumnMapping, layout: Layout) -> Iterator[bytes]:
    if any(place.item.usage != "display" for place in layout.places()):
        raise BadMapping("the copybook has numbers in binary, which lines cannot hold; set `records` to what they are")
    ends = [b"\x15", b"\x25"] if mapping.encoding in cobol.EBCDIC else [b"\n"]
    longest, rest = layout.longest + 2, b""
    while True:
        chunk = file.read(65_536)
        rest += chunk.replace(ends[-1], ends[0])
        *lines, rest = rest.split(ends[0])
        if not chunk and rest:
            lines, rest = [rest], b""
        for line in lines:
            data = line.rstrip(b"\x0d")
            if len(data) > longest:
                raise Broken(f"is longer than {layout.longest} bytes; {FIT}")
            yield data
        if not chunk:
            return
        if len(rest) > longest:
            raise Broken(f"is longer than {layout.longest} bytes; {FIT}")
