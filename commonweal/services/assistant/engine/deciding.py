"""Deciding whether to answer: alarm first, then a calibrated chance that the best passage's page really answers.

The chance comes from a logistic model over signals of the whole candidate list. Two thresholds, which an operator sets
on their own curve, cut it into answered, partly answered and not known; the subjects of an editable directory of
agencies say whose question it is when ours it is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.asking import holds, kinds_of, names_a_subject
from commonweal.services.assistant.engine.finding import GATE_SIGNALS, Found, Look, Turn, find, page_chances, softmax
from commonweal.services.assistant.engine.finding_nearness import standard
from commonweal.services.assistant.engine.finding_words import Words
from commonweal.services.assistant.engine.index import Entry, Index
from commonweal.services.assistant.engine.meaning import NAMES
from commonweal.services.assistant.engine.parameters import Parameters, chance_from
from commonweal.services.assistant.engine.passages import Passage, Span, word_count
from commonweal.services.assistant.engine.safety import Alarm, alarm
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]
MOST_ANSWER_WORDS = 60
_MOST_COMPARED = 8
_RANKED, _KIND, _HEADED = 0.06, 0.5, 0.15
"""Of the choice within a page: what the ranker's score, the kind of thing asked for and the heading weigh beside the
share of the question's words. Set by hand."""
_TENTH = 10
RETRIEVERS = ("words", *NAMES)
ANSWER_SIGNALS = (
    *(f"{name}_{kind}" for name in RETRIEVERS for kind in ("top", "over_tenth", "standard")),
    "page_top", "page_over_next", "page_chance", "page_met", "known", "covered", "length",
)  # fmt: skip
"""Of each retriever the best passage, over the tenth best, and in standard deviations; of the pages the best, over the
next, its chance, and how well E5 finds the words met there; the share of the words that some passage has, that the best
page has; how many there are."""

CONTINUES_SIGNALS = (*GATE_SIGNALS, "last_met", *(f"{name}_alone" for name in ANSWER_SIGNALS))
"""What tells whether the last turn stays with what we answer: the gate's signals, how well MiniLM finds the last turn's
words met on the best page, and what each answer signal gains when the last turn is looked up alone."""


class Outcome(StrEnum):
    """What the resident gets."""

    ANSWERED = "answered"
    PARTLY = "partly answered"
    NEEDS_QUESTION = "needs a question"
    OUT_OF_SCOPE = "out of scope"
    NOT_KNOWN = "not known"
    ALARM = "emergency or safeguarding"
    HANDED_OVER = "handed over"


@dataclass(frozen=True)
class Agency:
    """An agency of the directory with the words of its subjects."""

    name: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Quotation:
    """Verbatim spans of one passage; `text[span.start:span.end]` of the stored version is what is shown."""

    passage: Passage
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Decision:
    """The outcome with its grounds."""

    outcome: Outcome
    chance: float
    quotations: tuple[Quotation, ...] = ()
    agency: Agency | None = None
    alarm: Alarm | None = None


def answer(
    index: Index,
    dialogue: Sequence[Turn],
    language: str,
    parameters: Parameters,
    *,
    others: Sequence[Agency] = (),
    vectors: Vectors | None = None,
) -> Decision:
    """Answer the last turn by quotation, or say honestly why not. `others` are agencies whose subjects are not ours."""
    alarmed = alarm(dialogue[-1].text)
    if alarmed:
        return Decision(Outcome.ALARM, 0.0, alarm=alarmed)
    if len(dialogue) == 1 and not names_a_subject(dialogue[0].text, language):
        return Decision(Outcome.NOT_KNOWN, 0.0)
    found = find(index, dialogue, language, parameters, vectors)
    chance = chance_of(found.look, parameters) if found.look else 0.0
    agency = agency_of(dialogue[-1].text, language, others)
    thresholds = parameters.thresholds
    if agency and chance < max(thresholds.answered, 0.8):
        return Decision(Outcome.OUT_OF_SCOPE, chance, agency=agency)
    if not found.look or chance < thresholds.partly:
        return Decision(Outcome.NOT_KNOWN, chance)
    quoted = quotation(found, found.look, dialogue[-1].text)
    return Decision(Outcome.ANSWERED if chance >= thresholds.answered else Outcome.PARTLY, chance, (quoted,))


def agency_of(text: str, language: str, agencies: Sequence[Agency]) -> Agency | None:
    """The agency most of whose subjects a text names; a subject counts when all its words are said."""
    said = set(analyse(text, language).folded)
    best, most = None, 0
    for agency in agencies:
        named = sum(
            len(words) for words in (set(analyse(s, language).folded) for s in agency.subjects) if words <= said
        )
        if named > most:
            best, most = agency, named
    return best


def quotation(found: Found, looked: Look, question: str) -> Quotation:
    """The neighbouring sentences of the best page, at most 60 words, that hold most of what was asked.

    A page is found as a whole; which of its passages answers depends on what kind of thing the question asks for.
    """
    page = found.entries[0].page_number
    of_page = [(e, s) for e, s in zip(found.entries, found.scores, strict=True) if e.page_number == page]
    choices = [
        (_RANKED * float(score - found.scores[0]) + value, -at, quoted)
        for at, (entry, score) in enumerate(of_page[:_MOST_COMPARED])
        for value, quoted in [_best_window(entry, looked.words, question)]
    ]
    return max(choices, key=lambda choice: choice[:2])[2]


def _best_window(entry: Entry, words: Words, question: str) -> tuple[float, Quotation]:
    passage = entry.passage
    start = passage.sentences[0].start
    texts = [passage.text[span.start - start : span.end - start] for span in passage.sentences]
    wanted = {**{word: 0.5 * weight for word, weight in words.earlier.items()}, **words.last}
    worth = {word: weight * words.rarity[word] for word, weight in wanted.items() if word not in words.unknown}
    total = sum(worth.values()) or 1.0
    headed = set(analyse("\n".join(passage.headings[-1:]), passage.language).folded) if passage.headings else set()
    has = [set(analyse(text, passage.language).folded) for text in texts]
    kinds = kinds_of(question, passage.language)
    held = [sum(holds(kind, text, passage.language) for kind in kinds) for text in texts]
    if kinds and passage.headings:
        about = max(holds(kind, passage.headings[-1], passage.language) for kind in kinds)
    else:
        about = 0.0
    best: tuple[float, int, int] = (-1.0, 0, 1)
    for first in range(len(texts)):
        covered = set(headed)
        length = 0
        for last in range(first, len(texts)):
            length += word_count(texts[last])
            if length > MOST_ANSWER_WORDS and last > first:
                break
            covered |= has[last]
            value = sum(worth[word] for word in covered if word in worth) / total
            value += _KIND * max(held[first : last + 1]) + _HEADED * about
            # Between equals, the longer and the earlier: a sentence alone often lacks its condition.
            best = max(best, (round(value, 6) + 0.01 * (last - first), -first, last + 1))
    return best[0], Quotation(passage, passage.sentences[-best[1] : best[2]])


def chance_of(looked: Look, parameters: Parameters) -> float:
    """The chance that the best page answers.

    What was said before must not carry a question that leaves the subject, nor be lost to one that goes on with it. So
    the odds by the whole dialogue and by the last turn alone are mixed, each as far as it is likely to hold.
    """
    whole = answer_signals(looked, parameters)
    if looked.gate_signals is None:
        return parameters.answer.probability(whole)
    alone = answer_signals(last_turn_alone(looked), parameters)
    signals = continues_signals(looked, looked.gate_signals, alone - whole, parameters)
    goes_on = parameters.continues.probability(signals)
    odds = goes_on * parameters.answer.log_odds(whole) + (1 - goes_on) * parameters.answer.log_odds(alone)
    return chance_from(odds)


def continues_signals(looked: Look, gate: Floats, gained: Floats, parameters: Parameters) -> Floats:
    """In the order of CONTINUES_SIGNALS: the gate's, and what the answer signals gain when the last turn is alone."""
    met = looked.last.met.get("minilm")
    page = page_chances(looked, parameters).argmax()
    last_met = np.nan if met is None else np.nan_to_num(met, nan=np.nanmin(met))[page]
    return np.concatenate([gate, [last_met], gained])


def last_turn_alone(looked: Look) -> Look:
    """The same as if nothing had been said before."""
    words = replace(looked.words, earlier={}, agent={})
    return replace(looked, words=words, dialogue=looked.last, gate_signals=None)


def _by_chance(count: float) -> float:
    """About how many standard deviations the best of so many chance scores stands above their mean.

    What is measured in it means the same for a town of 60 pages and one of 2,000.
    """
    return math.sqrt(2 * math.log(max(count, 2)))


def answer_signals(looked: Look, parameters: Parameters) -> Floats:
    """Signals for the answer model, in the order of ANSWER_SIGNALS.

    A model that is not there, or does not read the language, says nothing: nan.
    """
    words, near = looked.words, looked.dialogue
    signals: list[float] = []
    for name in RETRIEVERS:
        values = near.by.get(name, np.zeros(0))
        there = ~np.isnan(values)
        if there.any():
            ordered = np.sort(values[there])
            tenth, best = ordered[[-min(_TENTH, len(ordered)), -1]]
            highest = standard(values, near.typical).max() / _by_chance(near.among * len(ordered) / len(values))
            signals += [float(best), float(best - tenth), float(highest)]
        else:
            signals += [np.nan] * 3
    ordered = np.sort(near.scores) / _by_chance(near.among)
    ever = words.ever()
    page = int(page_chances(looked, parameters).argmax())
    of_best = looked.bags.words_of(page)
    of_page = frozenset(word for at, word in enumerate(words.known) if at in of_best)
    return np.array([
        *signals,
        float(ordered[-1]),
        float(ordered[-1] - ordered[-2]) if len(ordered) > 1 else 0.0,
        float(softmax(near.scores, parameters.sharpness).max()),
        float(near.met["e5"][page]) if "e5" in near.met else np.nan,
        1 - words.share(ever, words.unknown),
        words.share(ever, of_page),
        math.log1p(len(ever)),
    ])  # fmt: skip
