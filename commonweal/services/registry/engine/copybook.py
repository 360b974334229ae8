"""A COBOL copybook: which bytes of a record are which data item.

Reads the data description entries of Enterprise COBOL for z/OS (Language Reference, "Data division"): levels,
PICTURE, USAGE, SIGN, REDEFINES, OCCURS with DEPENDING ON, FILLER. Reference format: columns 1-6 are a sequence number,
7 an indicator, 8-72 the text. Level 66 and 88 entries describe no bytes and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

Usage = Literal["display", "binary", "native", "packed", "float", "double", "national"]
USAGES: dict[str, Usage] = {
    "DISPLAY": "display", "COMP": "binary", "COMPUTATIONAL": "binary", "COMP-4": "binary", "COMPUTATIONAL-4": "binary",
    "BINARY": "binary", "COMP-5": "native", "COMPUTATIONAL-5": "native", "COMP-3": "packed",
    "COMPUTATIONAL-3": "packed", "PACKED-DECIMAL": "packed", "COMP-1": "float", "COMPUTATIONAL-1": "float",
    "COMP-2": "double", "COMPUTATIONAL-2": "double", "NATIONAL": "national",
}  # fmt: skip
LONGEST_RECORD = 32_760  # bytes, the most that z/OS writes into one record
MOST_DIGITS = 31
EDITED = frozenset("XA9VPBZE0/,.*+-$CRD")  # what the PICTURE of a number made to be read may hold
MOST_ITEMS = 100_000  # places in one record, so that a hostile copybook cannot fill the memory

_WORD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s'"]+""")
_SYMBOL = re.compile(r"([A-Z0-9*+\-/,.$])(?:\((\d{1,5})\))?")
_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9_-]{0,29})")
_CLAUSES = ("REDEFINES", "PIC", "PICTURE", "USAGE", "OCCURS", "SIGN", "VALUE", "VALUES", "SYNC", "SYNCHRONIZED",
            "LEADING", "TRAILING", "JUST", "JUSTIFIED", "BLANK", *USAGES)  # fmt: skip


class BadCopybook(ValueError):
    """The copybook cannot be used; the text names the line and the remedy."""


@dataclass(frozen=True)
class Picture:
    """A PICTURE: `size` in characters; for numbers how many `digits`, how many of them are decimals (`scale`)."""

    kind: Literal["text", "number", "edited", "national"]
    size: int
    digits: int = 0
    scale: int = 0
    signed: bool = False


@dataclass(frozen=True)
class Item:
    """One data item. A group has items inside and no picture. `least` and `most` tell how often it occurs."""

    level: int
    name: str
    line: int
    picture: Picture | None = None
    usage: Usage = "display"
    own_usage: bool = False
    least: int = 1
    most: int = 1
    occurs: bool = False
    depending: str = ""
    redefines: str = ""
    sign_leads: bool = False
    sign_apart: bool = False
    inside: tuple[Item, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of one occurrence of an item without items inside."""
        if self.usage in ("float", "double"):
            return 4 if self.usage == "float" else 8
        picture = self.picture
        if picture is None:
            raise TypeError(f"{self.name} is a group")
        if picture.kind == "national":
            return 2 * picture.size
        if self.usage == "packed":
            return picture.digits // 2 + 1
        if self.usage in ("binary", "native"):
            return 2 if picture.digits <= 4 else 4 if picture.digits <= 9 else 8
        return picture.size + self.sign_apart


@dataclass(frozen=True)
class Place:
    """Where one occurrence of an item stands: bytes `start` to `end`, the names around it, its subscripts from 1."""

    item: Item
    start: int
    end: int
    path: tuple[str, ...]
    subscripts: tuple[int, ...]


Count = Callable[[Item, list[Place]], int]  # how often a table occurs, by its item and the places before it
Words = Callable[..., str]  # takes the next word of an entry, after any of the fillers that it is given


@dataclass(frozen=True)
class Layout:
    """All records that a copybook describes. Several level 01 entries describe the same bytes."""

    records: tuple[Item, ...]
    counters: frozenset[str] = field(default=frozenset())

    @property
    def shortest(self) -> int:
        """Bytes of the shortest record there can be."""
        return min(_Walk(lambda item, _: item.least).item(record, 0) for record in self.records)

    @property
    def longest(self) -> int:
        """Bytes of the longest record there can be."""
        return max(_Walk(lambda item, _: item.most).item(record, 0) for record in self.records)

    def places(self, count: Count = lambda item, _: item.most) -> list[Place]:
        """Where every item stands. `count` tells how often a table with DEPENDING ON occurs; by default, its most."""
        found = []
        for record in self.records:
            walk = _Walk(count)
            walk.item(record, 0)
            found += walk.found
        return found


@dataclass
class _Walk:
    """Goes through a record from its first byte, and notes the place of every item that has none inside."""

    count: Count
    found: list[Place] = field(default_factory=list)

    def item(self, item: Item, at: int, path: tuple[str, ...] = (), subscripts: tuple[int, ...] = ()) -> int:
        """An item that begins at byte `at`, with all its occurrences. Returns where it ends."""
        path = (*path, item.name)
        for n in range(self.count(item, self.found) if item.depending else item.most):
            numbered = (*subscripts, n + 1) if item.occurs else subscripts
            if item.inside:
                at = self._inside(item, at, path, numbered)
            else:
                self.found.append(Place(item, at, at + item.size, path, numbered))
                at += item.size
            if len(self.found) > MOST_ITEMS:
                raise BadCopybook(f"line {item.line}: {item.name} makes more than {MOST_ITEMS} items in one record")
        return at

    def _inside(self, group: Item, at: int, path: tuple[str, ...], subscripts: tuple[int, ...]) -> int:
        starts: dict[str, int] = {}
        for item in group.inside:
            begin = starts[item.redefines] if item.redefines else at
            starts[item.name] = begin
            at = max(at, self.item(item, begin, path, subscripts))
        return at


def parse(text: str) -> Layout:
    """Read a copybook.

    Raises BadCopybook.
    """
    items = [item for words, line in _entries(text) if (item := _item(words, line))]
    if not items:
        raise BadCopybook("no data item stands in columns 8 to 72; columns 1 to 6 are for sequence numbers")
    if items[0].level != 1:
        items.insert(0, Item(1, "RECORD", items[0].line))
    records = _nested(items)
    names = {place.item.name for place in Layout(records).places()}
    counters = frozenset(item.depending for item in items if item.depending)
    for name in counters:
        if name not in names:
            raise BadCopybook(f"a table depends on {name}, which the copybook does not describe; add it")
    layout = Layout(records, counters)
    if layout.longest > LONGEST_RECORD:
        raise BadCopybook(f"its record has {layout.longest} bytes; at most {LONGEST_RECORD} fit into one")
    return layout


def picture(text: str, line: int = 0) -> Picture:
    """Read a PICTURE character-string, such as `S9(7)V99`. Raises BadCopybook."""
    text = text.upper()
    if _SYMBOL.sub("", text.removeprefix("S")):
        raise BadCopybook(f"line {line}: PIC {text} is not understood")
    symbols = [(symbol, int(times or 1)) for symbol, times in _SYMBOL.findall(text.removeprefix("S"))]
    signed, kinds = text.startswith("S"), {symbol for symbol, _ in symbols}
    size = sum(times for symbol, times in symbols if symbol not in "VP")
    if size == 0 or size > LONGEST_RECORD:
        raise BadCopybook(f"line {line}: PIC {text} has no size that a record could hold")
    if kinds <= set("9VP"):
        return _number(text, symbols, signed, line)
    if signed:
        raise BadCopybook(f"line {line}: PIC {text} has a sign, and is not a number")
    if kinds <= set("XA9"):
        return Picture("text", size)
    if kinds == {"N"}:
        return Picture("national", size)
    if kinds & set("GS"):
        raise BadCopybook(f"line {line}: PIC {text} holds double-byte characters, which cannot be read here")
    if not kinds <= EDITED:
        raise BadCopybook(f"line {line}: PIC {text} is not understood")
    return Picture("edited", size)


def _number(text: str, symbols: list[tuple[str, int]], signed: bool, line: int) -> Picture:
    order = "".join(symbol * times for symbol, times in symbols if times <= MOST_DIGITS)
    digits = order.count("9")
    if not re.fullmatch(r"9+(V9*)?|V?P*9+|V9+|9+P*V?", order) or digits > MOST_DIGITS or len(order) > 2 * MOST_DIGITS:
        raise BadCopybook(f"line {line}: PIC {text} is not a number of at most {MOST_DIGITS} digits")
    if order.endswith(("P", "PV")):
        scale = -order.count("P")
    elif "P" in order:
        scale = digits + order.count("P")
    else:
        scale = len(order.partition("V")[2])
    return Picture("number", digits, digits, scale, signed)


def _entries(text: str) -> Iterator[tuple[list[str], int]]:
    """The words of each entry up to its period, and the line where it begins."""
    words: list[str] = []
    begun = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        line = line.expandtabs(8)  # noqa: PLW2901
        indicator = line[6:7]
        if indicator in ("*", "/") or not line[7:72].strip():
            continue
        if indicator != " ":
            raise BadCopybook(f"line {number}: column 7 holds {indicator!r}; write the entry without continuation")
        for word in _WORD.findall(line[7:72]):
            begun = begun or number
            quoted = word[0] in "'\""
            ends = not quoted and word.endswith(".")
            if bare := word if quoted else word.rstrip(".") if ends else word.rstrip(",;"):
                words.append(bare if quoted else bare.upper())
            if ends and words:
                yield words, begun
                words, begun = [], 0
    if words:
        raise BadCopybook(f"line {begun}: the entry does not end with a period")


def _item(words: list[str], line: int) -> Item | None:
    """One entry as an item, or None for one that describes no bytes."""
    if not words[0].isdigit():
        raise BadCopybook(
            f"line {line}: begins with {words[0]}, not with a level number; "
            "the text stands in columns 8 to 72, and holds data items only"
        )
    level = int(words[0])
    if level in (66, 88):
        return None
    if not 1 <= level <= 49:
        raise BadCopybook(f"line {line}: level {level} is not used in a record; use 01 to 49")
    rest = words[1:]
    name = rest.pop(0) if rest and rest[0] not in _CLAUSES else "FILLER"
    if not _NAME.fullmatch(name):
        raise BadCopybook(f"line {line}: {name} is not a data name")
    item = Item(level, name, line)
    while rest:
        item = _clause(item, rest.pop(0), rest)
    return item


def _clause(item: Item, word: str, rest: list[str]) -> Item:
    """The item with one clause added, whose words are taken from `rest`."""

    def next_word(*fillers: str) -> str:
        _pass_over(rest, *fillers)
        if not rest:
            raise BadCopybook(f"line {item.line}: something is missing after {word}")
        return rest.pop(0)

    match word:
        case "PIC" | "PICTURE":
            item = replace(item, picture=picture(next_word("IS"), item.line))
        case "USAGE":
            named = next_word("IS")
            if named not in USAGES:
                raise BadCopybook(f"line {item.line}: USAGE {named} cannot be read here; usages: {', '.join(USAGES)}")
            item = replace(item, usage=USAGES[named], own_usage=True)
        case _ if word in USAGES:
            item = replace(item, usage=USAGES[word], own_usage=True)
        case "REDEFINES":
            item = replace(item, redefines=next_word())
        case "OCCURS":
            item = _occurs(item, next_word, rest)
        case "SIGN" | "LEADING" | "TRAILING":
            side = next_word("IS") if word == "SIGN" else word
            item = replace(item, sign_leads=side == "LEADING", sign_apart=rest[:1] == ["SEPARATE"])
            _pass_over(rest, "SEPARATE", "CHARACTER")
        case "VALUE" | "VALUES":
            next_word("IS", "ARE", "ALL")
        case "JUST" | "JUSTIFIED":
            _pass_over(rest, "RIGHT")
        case "BLANK":
            next_word("WHEN")
        case "SYNC" | "SYNCHRONIZED":
            raise BadCopybook(f"line {item.line}: SYNC is not read here; write the slack bytes as FILLER")
        case _:
            raise BadCopybook(f"line {item.line}: {word} is not understood; docs/loading.md says what is")
    return item


def _pass_over(rest: list[str], *words: str) -> None:
    while rest and rest[0] in words:
        rest.pop(0)


def _occurs(item: Item, next_word: Words, rest: list[str]) -> Item:
    def number(text: str) -> int:
        if not text.isdigit() or int(text) > LONGEST_RECORD:
            raise BadCopybook(f"line {item.line}: OCCURS {text} is not a number of times that fits")
        return int(text)

    least = most = number(next_word())
    if rest[:1] == ["TO"]:
        rest.pop(0)
        most = number(next_word())
    depending = ""
    while rest and rest[0] in ("TIMES", "DEPENDING", "INDEXED", "ASCENDING", "DESCENDING"):
        match rest.pop(0):
            case "DEPENDING":
                depending = next_word("ON")
            case "TIMES":
                continue
            case _:
                next_word("BY", "KEY", "IS")
    if depending and least == most:
        least = 1
    if most < max(least, 1) or (least != most and not depending):
        raise BadCopybook(f"line {item.line}: OCCURS {least} TO {most} needs a larger second number and DEPENDING ON")
    return replace(item, least=least, most=most, occurs=True, depending=depending)


def _nested(items: list[Item]) -> tuple[Item, ...]:
    """The items as trees, by their levels."""
    records = []
    rest = list(items)
    while rest:
        record, rest = _group(rest, "display", own=False)
        records.append(record)
    for record in records:
        if record.redefines and record.redefines not in {other.name for other in records}:
            raise BadCopybook(f"line {record.line}: {record.name} redefines {record.redefines}, which is not there")
    return tuple(replace(record, redefines="") for record in records)


def _group(items: list[Item], usage: Usage, *, own: bool) -> tuple[Item, list[Item]]:
    """The first item with everything inside it, and the items after that."""
    head, rest = items[0], items[1:]
    if own and not head.own_usage:
        head = replace(head, usage=usage, own_usage=True)
    inside: list[Item] = []
    while rest and rest[0].level > head.level:
        if inside and rest[0].level != inside[0].level:
            raise BadCopybook(f"line {rest[0].line}: level {rest[0].level:02} beside level {inside[0].level:02}")
        item, rest = _group(rest, head.usage, own=head.own_usage)
        if item.redefines and item.redefines not in {other.name for other in inside}:
            raise BadCopybook(
                f"line {item.line}: {item.name} redefines {item.redefines}, which does not stand before it"
            )
        inside.append(item)
    return _whole(replace(head, inside=tuple(inside))), rest


def _whole(item: Item) -> Item:
    """The item, if it describes bytes. Raises BadCopybook."""
    if item.inside:
        if item.picture:
            raise BadCopybook(f"line {item.line}: {item.name} has a PICTURE and items inside; check the level numbers")
        return item
    if item.usage in ("float", "double"):
        return item
    if item.picture is None:
        raise BadCopybook(f"line {item.line}: {item.name} has neither a PICTURE nor items inside")
    kind = item.picture.kind
    if item.usage in ("binary", "native", "packed") and kind != "number":
        raise BadCopybook(f"line {item.line}: {item.name} is {item.usage}, and its PICTURE is not a number")
    if item.usage in ("binary", "native") and item.picture.digits > 18:
        raise BadCopybook(f"line {item.line}: {item.name} has more than 18 digits, too many for a binary number")
    if item.usage == "national" and kind != "national":
        raise BadCopybook(f"line {item.line}: {item.name} is NATIONAL; only PIC N can be read so")
    if item.sign_apart and not item.picture.signed:
        raise BadCopybook(f"line {item.line}: {item.name} has a SIGN and no S in its PICTURE")
    return item
