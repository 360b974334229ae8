"""Ruby test text as nested statements: as much of the grammar as tests of flows use, and nothing is ever run.

https://docs.ruby-lang.org/en/master/syntax_rdoc.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Value = str | tuple["Value", ...]
Names = Mapping[str, Value]

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*) | (?P<on>\\\n) | (?P<line>\n) | (?P<space>[ \t\r]+)
    | (?P<words>%[wi](?:\[[^\]]*\]|\([^)]*\)))
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<pattern>/(?:\\.|[^/\\\n])+/[a-z]*)
    | (?P<label>[A-Za-z_]\w*[?!]?:(?!:)) | (?P<symbol>:[A-Za-z_]\w*[?!]?) | (?P<name>@?[A-Za-z_]\w*[?!]?)
    | (?P<number>\d[\d_]*(?:\.\d+)?) | (?P<mark>=>|\\.|.)""",
    re.X | re.S,
)
_INSIDE = re.compile(r"#\{([^}]*)\}")
_ESCAPED = re.compile(r"\\(.)", re.S)
_BRACED = frozenset({"setup", "should", "context", "test"})  # what may have its block in braces
_NESTING = frozenset({"class", "module", "def", "if", "unless", "case", "while", "begin", "for"})


class NotUnderstood(ValueError):
    """Text that is more Ruby than is read here; it says which."""


@dataclass(frozen=True)
class Token:
    """A word of the text."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Statement:
    """A statement; with a block, `body` holds that, and `given` the names that the block takes."""

    tokens: tuple[Token, ...]
    body: tuple[Statement, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.tokens[0].line

    @property
    def name(self) -> str:
        """What is called, or the word that it begins with."""
        return self.tokens[0].text

    def __str__(self) -> str:
        return " ".join(token.text for token in self.tokens)[:80]


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a file, nested."""
    return _Reader(list(_tokens(text))).body()


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind not in ("comment", "on", "space"):
            yield Token(kind, match[0], line)
        line += match[0].count("\n")
    yield Token("line", "\n", line)


@dataclass
class _Reader:
    tokens: list[Token]
    at: int = 0

    def body(self, closing: str = "") -> tuple[Statement, ...]:
        """Statements up to the word that closes them, or the end."""
        found = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "line" or token.text == ";":
                self.at += 1
            elif closing and token.text == closing and token.kind in ("name", "mark"):
                self.at += 1
                break
            else:
                found.append(self._statement(closing))
        return tuple(found)

    def _statement(self, closing: str) -> Statement:
        head: list[Token] = []
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            last = head[-1].text if head else ""
            if token.kind == "line" and not depth and last not in (",", "."):
                break
            if token.text == "}" == closing and head and not depth:
                break
            self.at += 1
            if token.kind == "line":
                continue
            begins = head and token.text == "{" and not depth and (head[0].text in _BRACED or last.startswith("each"))
            if begins or (head and token.kind == "name" and token.text == "do" and not depth):
                return Statement(tuple(head), given=self._given(), body=self.body("}" if begins else "end"))
            if token.kind == "mark":
                depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
            head.append(token)
        if head and head[0].kind == "name" and head[0].text in _NESTING:
            return Statement(tuple(head), self.body("end"))
        return Statement(tuple(head))

    def _given(self) -> tuple[str, ...]:
        """`|a, b|` of a block."""
        bars = [at for at in range(self.at, min(self.at + 20, len(self.tokens))) if self.tokens[at].text == "|"]
        if len(bars) < 2 or bars[0] != self.at:
            return ()
        ends = bars[1]
        found = tuple(token.text for token in self.tokens[self.at + 1 : ends] if token.kind == "name")
        self.at = ends + 1
        return found


@dataclass(frozen=True)
class Call:
    """The arguments of a call: by place, and by name."""

    values: tuple[Value, ...]
    named: Mapping[str, Value]


def call(tokens: tuple[Token, ...], names: Names) -> Call:
    """The arguments of `name a, b: c` or `name(a, b: c)`. Raises NotUnderstood."""
    given = list(tokens[1:])
    if given and given[0].text == "(" and given[-1].text == ")":
        given = given[1:-1]
    values: list[Value] = []
    named: dict[str, Value] = {}
    for part in _split(given):
        if part[0].kind == "label":
            name = part[0].text[:-1]
            named[name] = value(part[1:], names) if len(part) > 1 else _named(name, names)
        elif len(part) > 2 and part[0].kind in ("symbol", "string") and part[1].text in ("=>", ":"):
            named[str(value(part[:1], names))] = value(part[2:], names)
        else:
            values.append(value(part, names))
    return Call(tuple(values), named)


def value(tokens: list[Token], names: Names) -> Value:
    """A text, a symbol, a number, a list of them, or what a name stands for. Raises NotUnderstood."""
    if len(tokens) > 2 and tokens[-2].text == "." and tokens[-1].text in ("to_sym", "to_s"):
        tokens = tokens[:-2]
    first = tokens[0] if tokens else Token("mark", "", 0)
    if len(tokens) == 1 or all(token.kind == "string" for token in tokens):
        match first.kind:
            case "string":
                return "".join(_words(token.text, names) for token in tokens)
            case "symbol":
                return first.text[1:]
            case "number":
                return first.text.replace("_", "")
            case "words":
                return tuple(first.text[3:-1].split())
            case "name":
                return _named(first.text, names)
    if first.text == "[" and tokens[-1].text == "]":
        return tuple(value(part, names) for part in _split(tokens[1:-1]))
    raise NotUnderstood(f"`{' '.join(token.text for token in tokens)[:60]}` is not a plain value")


def _words(text: str, names: Names) -> str:
    inside = text[1:-1]
    if text[0] == "'":
        return inside.replace("\\'", "'")

    def stands_for(match: re.Match[str]) -> str:
        found = _named(match[1].strip(), names)
        if isinstance(found, str):
            return found
        raise NotUnderstood(f"`{match[0]}` is a list")

    return _ESCAPED.sub(r"\1", _INSIDE.sub(stands_for, inside))


def _named(name: str, names: Names) -> Value:
    if name in names:
        return names[name]
    raise NotUnderstood(f"`{name}` is not known here")


def _split(tokens: list[Token]) -> Iterator[list[Token]]:
    """The parts between commas that stand in no bracket."""
    part: list[Token] = []
    depth = 0
    for token in tokens:
        if token.text == "," and not depth:
            if part:
                yield part
            part = []
            continue
        if token.kind == "mark":
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        part.append(token)
    if part:
        yield part
