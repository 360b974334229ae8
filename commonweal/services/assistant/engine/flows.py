"""Decision flows as readable TOML files: question, options, next step, outcome with its source and owner.

title = "Can I get the bus pass?"
language = "en"
owner = "Transport office"
start = "age"

[question.age]
text = "How old are you?"
options = { under = "Under 65", over = "65 or older" }
next = { under = "disabled", over = "yes" }
fact = "age"                             # optional: what a register may know already,
means = { under = [0, 64], over = [65, 150] }   # and the option that it means: a number, from and to, true or false
rule = "Bus pass rules, section 2"       # why it is asked

[outcome.yes]
text = "You can get the bus pass."
source = "pages/bus-pass.md#who"
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

Fact = bool | int
"""What is known about a person without asking: whether something holds, or a number."""
Meaning = bool | int | tuple[int, int]


@dataclass(frozen=True)
class Question:
    """A question with its options; `next` names a question or an outcome for each option.

    A known `fact` answers it: with the option that `means` its value (a range holds both its ends).
    """

    id: str
    text: str
    options: Mapping[str, str]
    next: Mapping[str, str]
    rule: str
    fact: str = ""
    means: Mapping[str, Meaning] = field(default_factory=dict)

    def option_of(self, fact: Fact | None) -> str | None:
        """The option that a known fact means; None for none."""
        return next((option for option, meaning in self.means.items() if _fits(fact, meaning)), None)


@dataclass(frozen=True)
class Outcome:
    """Where a flow ends: what holds, by which source."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class Flow:
    """A decision flow; `version` is the SHA-256 of its file."""

    title: str
    language: str
    owner: str
    start: str
    questions: Mapping[str, Question]
    outcomes: Mapping[str, Outcome]
    version: str


@dataclass(frozen=True)
class Step:
    """One answered question, as the result explains it."""

    question: str
    option: str
    rule: str
    known: bool
    """Answered from a fact that was known, so never asked."""


@dataclass(frozen=True)
class Place:
    """Where a person stands in a flow: exactly one of `question` and `outcome`, and how they came there."""

    question: Question | None
    outcome: Outcome | None
    trace: tuple[Step, ...]

    @property
    def deciding(self) -> Step | None:
        """The last step: the rule that decided."""
        return self.trace[-1] if self.outcome and self.trace else None


class BadFlow(ValueError):
    """A flow that cannot be used; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def parse(text: str) -> Flow:
    """Read and validate a flow file. Raises BadFlow with every problem found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFlow([f"The file is not TOML: {error}."]) from None
    problems = [
        f"The flow needs {name} as text." for name in ("title", "language", "owner", "start") if not _text(data, name)
    ]
    questions, outcomes = {}, {}
    for id, entry in _tables(data, "question", problems):
        problems += [f"Question {id} needs {name}." for name in ("text", "rule") if not _text(entry, name)]
        options, following = entry.get("options"), entry.get("next")
        if not _names(options) or not _names(following) or set(options) != set(following):
            problems.append(f"Question {id} needs options and next with the same keys, each with a text.")
            continue
        means = entry.get("means", {})
        if bool(_text(entry, "fact")) != bool(means) or not _meanings(means) or not set(means) <= set(options):
            problems.append(
                f"Question {id}: fact goes with means, which gives options a number, [from, to], true or false."
            )
            continue
        questions[id] = Question(
            id, _text(entry, "text"), options, following, _text(entry, "rule"), _text(entry, "fact"),
            {option: (one[0], one[1]) if isinstance(one, list) else one for option, one in means.items()},
        )  # fmt: skip
    for id, entry in _tables(data, "outcome", problems):
        problems += [f"Outcome {id} needs {name}." for name in ("text", "source") if not _text(entry, name)]
        if id in questions:
            problems.append(f"{id} is both a question and an outcome.")
        outcomes[id] = Outcome(id, _text(entry, "text"), _text(entry, "source"))
    flow = Flow(
        _text(data, "title"), _text(data, "language"), _text(data, "owner"), _text(data, "start"), questions, outcomes,
        hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    problems += _problems(flow)
    if problems:
        raise BadFlow(problems)
    return flow


def run(flow: Flow, answers: Mapping[str, str], known: Mapping[str, Fact] | None = None) -> Place:
    """Follow the answers (question id -> option) and known facts as far as they lead.

    Answers to questions that are not on the way are ignored, so going back and choosing anew needs no clean-up.
    An answer given now goes before a known fact. Raises KeyError for an option that the question does not have.
    """
    known = known or {}
    trace: list[Step] = []
    at = flow.start
    while at in flow.questions:
        question = flow.questions[at]
        given = answers.get(at)
        option = given if given is not None else question.option_of(known.get(question.fact))
        if option is None:
            return Place(question, None, tuple(trace))
        if option not in question.options:
            raise KeyError(f"Question {at} has no option {option}.")
        trace.append(Step(at, option, question.rule, given is None))
        at = question.next[option]
    return Place(None, flow.outcomes[at], tuple(trace))


def mermaid(flow: Flow) -> str:
    """The flow as the text of a Mermaid flowchart."""
    ids = {id: f"n{number}" for number, id in enumerate([*flow.questions, *flow.outcomes])}
    lines = ["flowchart TD"]
    lines += [f'  {ids[id]}{{"{_label(question.text)}"}}' for id, question in flow.questions.items()]
    lines += [f'  {ids[id]}(["{_label(outcome.text)}"])' for id, outcome in flow.outcomes.items()]
    lines += [
        f'  {ids[id]} -->|"{_label(question.options[option])}"| {ids[target]}'
        for id, question in flow.questions.items()
        for option, target in question.next.items()
    ]
    return "\n".join(lines) + "\n"


def _problems(flow: Flow) -> Iterator[str]:
    places = {*flow.questions, *flow.outcomes}
    if flow.start and flow.start not in places:
        yield f"The flow starts at {flow.start}, which is not there."
    for question in flow.questions.values():
        for option, target in question.next.items():
            if target not in places:
                yield f"Option {option} of question {question.id} leads to {target}, which is not there."
    reached, cycles = _walk(flow)
    yield from (f"Nothing leads to {id}." for id in sorted(places - reached))
    yield from (f"Question {id} leads back to itself." for id in sorted(cycles))


def _walk(flow: Flow) -> tuple[set[str], set[str]]:
    """What the start reaches, and the questions where a way comes back to itself."""
    done: set[str] = set()
    cycles: set[str] = set()
    stack: list[tuple[str, bool]] = [(flow.start, False)]
    open_now: set[str] = set()
    while stack:
        id, leaving = stack.pop()
        if leaving:
            open_now.discard(id)
            done.add(id)
        elif id in open_now:
            cycles.add(id)
        elif id not in done:
            open_now.add(id)
            stack.append((id, True))
            question = flow.questions.get(id)
            stack += [(target, False) for target in question.next.values()] if question else []
    return done, cycles


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _names(value: object) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and bool(value) and all(isinstance(text, str) and text for text in value.values())


def _meanings(value: object) -> TypeGuard[dict[str, bool | int | list[int]]]:
    return isinstance(value, dict) and all(
        isinstance(meaning, int)
        or (isinstance(meaning, list) and len(meaning) == 2 and all(isinstance(end, int) for end in meaning))
        for meaning in value.values()
    )


def _fits(fact: Fact | None, meaning: Meaning) -> bool:
    if isinstance(fact, bool) or isinstance(meaning, bool) or fact is None:
        return fact is meaning
    return meaning[0] <= fact <= meaning[1] if isinstance(meaning, tuple) else fact == meaning


def _tables(data: Mapping[str, object], name: str, problems: list[str]) -> Iterator[tuple[str, Mapping[str, object]]]:
    tables = data.get(name, {})
    if not isinstance(tables, dict) or not tables:
        problems.append(f"The flow needs at least one {name}.")
        return
    for id, entry in tables.items():
        if isinstance(entry, dict):
            yield id, entry
        else:
            problems.append(f"{name} {id} is not a table.")


def _label(text: str) -> str:
    return (
        text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("\n", " ")
    )
