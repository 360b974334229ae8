"""GOV.UK's tests of smart answers as vectors for a decision flow of ours with the same names of nodes.

`test/support/flow_test_helper.rb` of github.com/alphagov/smart-answers says what each call means. Contexts nest, and
what their `setup` blocks answer adds up. Names match without their final question mark. The texts of outcomes are not
compared: ours are other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from commonweal.services.assistant.engine.flows import Flow, Place, run
from commonweal.services.assistant.engine.ruby_text import (
    Call,
    NotUnderstood,
    Statement,
    Value,
    call,
    statements,
    value,
)

Kind = Literal["start", "next", "question", "outcome", "invalid", "valid"]
KINDS: Mapping[str, Kind] = {
    "assert_rendered_start_page": "start",
    "assert_next_node": "next",
    "assert_rendered_question": "question",
    "assert_no_rendered_question": "question",
    "assert_rendered_outcome": "outcome",
    "assert_no_rendered_outcome": "outcome",
    "assert_invalid_response": "invalid",
    "assert_valid_response": "valid",
}
_GROUPS = frozenset({"context", "class", "module", "describe"})
_TESTS = frozenset({"should", "test", "it"})
_NOTHING = frozenset({"require", "require_relative", "include", "extend", "testing_flow"})
_OTHERWISE = frozenset({"if", "unless", "case", "while", "begin", "for", "def"})
HERE = ""  # the question at which the flow stands then


@dataclass(frozen=True)
class Vector:
    """One assertion: after these answers (question, response; HERE for wherever the flow is) the `node` is reached.

    `beside` is what the test sets besides answers, such as the day that it is: a flow of ours knows nothing of it.
    """

    line: int
    kind: Kind
    answers: tuple[tuple[str, str], ...]
    response: str | None
    node: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A line that is not understood, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Vectors:
    """All that a file of tests says."""

    read: tuple[Vector, ...]
    gaps: tuple[Gap, ...]


def read_tests(text: str) -> Vectors:
    """The vectors of a Ruby file of tests, and what is not understood of it. Raises NotUnderstood for none of it."""
    reader = _Reader()
    try:
        reader.group(statements(text), (), {})
    except RecursionError:
        raise NotUnderstood("is nested too deeply; is an `end` missing?") from None
    return Vectors(tuple(reader.read), tuple(sorted(reader.gaps.values(), key=lambda gap: gap.line)))


def failure(flow: Flow, vector: Vector) -> str:
    """Why a flow does not do what a vector says; "" if it does."""
    answers: dict[str, str] = {}
    names = {_plain(id): id for id in (*flow.questions, *flow.outcomes)}
    try:
        for question, response in vector.answers:
            at = names.get(_plain(question), question) if question else _standing(flow, answers)
            answers[at] = response
        place = run(flow, answers)
        if vector.kind in ("invalid", "valid"):
            return _taken(place, vector, names)
        if vector.response is not None:
            answers[_standing(flow, answers)] = vector.response
            place = run(flow, answers)
    except KeyError as error:
        return str(error.args[0])
    if vector.kind == "start":
        return "" if place.question else "the flow does not begin with a question"
    at = _id(place)
    if _plain(at) != _plain(vector.node):
        return f"leads to {at}, not to {vector.node}"
    if (vector.kind == "question" and place.question is None) or (vector.kind == "outcome" and place.outcome is None):
        return f"{at} is not {'a question' if vector.kind == 'question' else 'an outcome'}"
    return ""


def _taken(place: Place, vector: Vector, names: Mapping[str, str]) -> str:
    """Whether the question takes a response as it should."""
    if place.question is None or _plain(place.question.id) != _plain(vector.node):
        return f"leads to {_id(place)}, not to {vector.node}"
    taken = vector.response in place.question.options
    if taken == (vector.kind == "valid"):
        return ""
    return f"{place.question.id} {'takes' if taken else 'does not take'} {vector.response!r}"


def _standing(flow: Flow, answers: Mapping[str, str]) -> str:
    place = run(flow, answers)
    if place.question is None:
        raise KeyError(f"the flow has ended at {_id(place)} already")
    return place.question.id


def _id(place: Place) -> str:
    return place.question.id if place.question else place.outcome.id if place.outcome else ""


def _plain(name: str) -> str:
    return name.removesuffix("?")


@dataclass
class _Standing:
    """Where one test stands while its statements are read."""

    names: dict[str, Value]
    node: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    broken: str = ""
    """Why the answers are not known any more."""


Setup = tuple[tuple[Statement, ...], Mapping[str, Value]]


class _Reader:
    def __init__(self) -> None:
        self.read: list[Vector] = []
        self.gaps: dict[int, Gap] = {}

    def group(self, body: Sequence[Statement], setups: tuple[Setup, ...], names: Mapping[str, Value]) -> None:
        """Contexts, tests and loops; `setups` are those of the contexts around, outermost first."""
        setups += tuple((one.body, names) for one in body if one.name == "setup")
        for one in body:
            if one.name in _GROUPS:
                self.group(one.body, setups, names)
            elif one.name in _TESTS:
                self._test(one.body, setups, names)
            elif one.given and one.body:
                for given in self._each(one, names):
                    self.group(one.body, setups, given)
            elif one.name not in _NOTHING | {"setup"}:
                self._gap(one.line, f"`{one}` is not read here")

    def _test(self, body: Sequence[Statement], setups: Sequence[Setup], names: Mapping[str, Value]) -> None:
        standing = _Standing({})
        for prepared, around in setups:
            standing.names |= around
            self._run(prepared, standing)
        standing.names |= names
        self._run(body, standing)

    def _run(self, body: Sequence[Statement], standing: _Standing) -> None:
        for one in body:
            if one.name in _OTHERWISE:
                for inner in _asserts(one.body):
                    self._gap(inner.line, f"stands in `{one}`, which is not read")
                standing.broken = standing.broken or f"line {one.line}: `{one}` is not read"
            elif one.given and one.body:
                for given in self._each(one, standing.names):
                    before, standing.names = standing.names, dict(given)
                    self._run(one.body, standing)
                    standing.names = before
            else:
                self._statement(one, standing)
                self._run(one.body, standing)

    def _statement(self, one: Statement, standing: _Standing) -> None:
        try:
            self._meant(one, standing)
        except NotUnderstood as error:
            self._gap(one.line, str(error))
            standing.broken = standing.broken or f"line {one.line}: {error}"

    def _meant(self, one: Statement, standing: _Standing) -> None:
        if one.name in _NOTHING:
            return
        if len(one.tokens) > 2 and one.tokens[1].text == "=":
            standing.names[one.name] = value(list(one.tokens[2:]), standing.names)
        elif one.name == "testing_node":
            standing.node = _text(call(one.tokens, standing.names).values)
        elif one.name == "add_responses":
            given = call(one.tokens, standing.names).named
            standing.answers += [(question, _response(response)) for question, response in given.items()]
        elif one.name == "add_response":
            standing.answers.append((HERE, _text(call(one.tokens, standing.names).values)))
        elif one.name in KINDS:
            self._assertion(one, KINDS[one.name], standing)
        elif one.name.startswith(("assert", "refute", "test_", "should_")):
            self._gap(one.line, f"`{one.name}` is not known here")
        else:
            standing.beside.append(f"line {one.line}: {one}")

    def _assertion(self, one: Statement, kind: Kind, standing: _Standing) -> None:
        if standing.broken:
            self._gap(one.line, f"depends on {standing.broken}")
            return
        response: str | None = None
        node = standing.node
        if kind in ("next", "invalid", "valid"):
            given = call(one.tokens, standing.names)
            response = _given_response(given, kind)
            node = _text(given.values) if kind == "next" else node
        answers = tuple(standing.answers)
        self.read.append(Vector(one.line, kind, answers, response, node, tuple(standing.beside)))
        if response is not None and kind != "invalid":
            standing.answers.append((HERE, response))

    def _each(self, one: Statement, names: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
        """The names in each round of `LIST.each do |name|`."""
        texts = [token.text for token in one.tokens]
        try:
            if texts[-2:] != [".", "each"]:
                raise NotUnderstood(f"`{one}` is not read here")
            rounds = value(list(one.tokens[:-2]), names)
            if isinstance(rounds, str):
                raise NotUnderstood(f"`{one}` goes through no list")
        except NotUnderstood as error:
            self._gap(one.line, str(error))
            for inner in _asserts(one.body):
                self._gap(inner.line, f"depends on line {one.line}: {error}")
            return
        for given in rounds:
            values = (given,) if len(one.given) == 1 or isinstance(given, str) else given
            yield {**names, **dict(zip(one.given, values, strict=False))}

    def _gap(self, line: int, why: str) -> None:
        self.gaps.setdefault(line, Gap(line, why))


def _asserts(body: Sequence[Statement]) -> Iterator[Statement]:
    for one in body:
        if one.name.startswith("assert"):
            yield one
        yield from _asserts(one.body)


def _text(values: Sequence[Value]) -> str:
    if values and isinstance(values[0], str):
        return values[0]
    raise NotUnderstood("a name or a text is missing")


def _given_response(given: Call, kind: Kind) -> str | None:
    if kind == "next":
        return _response(given.named["for_response"]) if "for_response" in given.named else None
    return _response(given.values[0]) if given.values else None


def _response(given: Value) -> str:
    """A response as it is sent: several choices with commas between."""
    return given if isinstance(given, str) else ",".join(_response(one) for one in given)
