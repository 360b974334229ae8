"""Deciding whether to answer: alarm first, then a calibrated chance that the best passage's page really answers.

The chance comes from a logistic model over signals of the whole candidate list. Two thresholds, which an operator sets
on their own curve, cut it into answered, partly answered and not known; the subjects of an editable directory of
agencies say whose question it is when ours it is not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.asking import holds, kinds_of
from commonweal.services.assistant.engine.finding import COSINES, SIGNALS, Found, Turn, Words, find
from commonweal.services.assistant.engine.index import Entry, Index
from commonweal.services.assistant.engine.parameters import Parameters
from commonweal.services.assistant.engine.passages import Passage, Span, word_count
from commonweal.services.assistant.engine.safety import Alarm, alarm
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]
MOST_ANSWER_WORDS = 60
_CONTINUES = 0.45
"""From which chance the last turn goes on with what was said before."""
_MOST_COMPARED = 8
_RANKED, _KIND, _HEADED = 0.06, 0.5, 0.15
"""Of the choice within a page: what the ranker's score, the kind of thing asked for and the heading weigh beside the
share of the question's words. Set by hand."""
_NUMBER = re.compile(r"\d[\d.,]*")
_SHOWN = (
    "last_whole_sum", "last_lead_sum", "last_page_sum", "last_covered_value", "last_page_covered_value",
    "last_pairs_value",     "ever_best_sum", "title_said_value", "title_said_ever_value",
)  # fmt: skip
ANSWER_SIGNALS = (
    *_SHOWN, "score_top", "score_over_next_page", "score_over_tenth", "score_over_mean", "known", "unknown_words",
    "question_length", "best_covered", "ever_known", "ever_page_covered", "rarest_covered", "numbers_missing",
    "strangers_after", "uncovered_after", *(f"top_{name}" for name in COSINES), "best_minilm_last", "best_e5_last",
    "over_tenth_minilm_last", "over_tenth_e5_last", "near_top", "near_user_top", "near_over_next_page",
)  # fmt: skip


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
class Thresholds:
    """From which chance a question is answered, and from which partly; the operator's choice."""

    answered: float = 0.5
    partly: float = 0.3


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
    thresholds: Thresholds = Thresholds(),
    others: Sequence[Agency] = (),
    vectors: Vectors | None = None,
) -> Decision:
    """Answer the last turn by quotation, or say honestly why not. `others` are agencies whose subjects are not ours."""
    alarmed = alarm(dialogue[-1].text)
    if alarmed:
        return Decision(Outcome.ALARM, 0.0, alarm=alarmed)
    found = find(index, dialogue, language, parameters, vectors)
    if len(dialogue) > 1 and parameters.continues.probability(found.gate_signals) < _CONTINUES:
        # What was said before must not carry a question that leaves the subject.
        found = find(index, dialogue[-1:], language, parameters, vectors)
    chance = parameters.answer.probability(answer_signals(found, dialogue[-1].text)) if found.entries else 0.0
    agency = agency_of(dialogue[-1].text, language, others)
    if agency and chance < max(thresholds.answered, 0.8):
        return Decision(Outcome.OUT_OF_SCOPE, chance, agency=agency)
    if chance < thresholds.partly:
        return Decision(Outcome.NOT_KNOWN, chance)
    quoted = quotation(found, dialogue[-1].text)
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


def quotation(found: Found, question: str) -> Quotation:
    """The neighbouring sentences of the best page, at most 60 words, that hold most of what was asked.

    A page is found as a whole; which of its passages answers depends on what kind of thing the question asks for.
    """
    page = found.entries[0].page_number
    of_page = [(e, s) for e, s in zip(found.entries, found.scores, strict=True) if e.page_number == page]
    choices = [
        (_RANKED * float(score - found.scores[0]) + value, -at, quoted)
        for at, (entry, score) in enumerate(of_page[:_MOST_COMPARED])
        for value, quoted in [_best_window(entry, found.words, question)]
    ]
    return max(choices, key=lambda choice: choice[:2])[2]


def _best_window(entry: Entry, words: Words, question: str) -> tuple[float, Quotation]:
    passage = entry.passage
    start = passage.sentences[0].start
    texts = [passage.text[span.start - start : span.end - start] for span in passage.sentences]
    wanted = {**{word: 0.5 * weight for word, weight in words.earlier.items()}, **words.last}
    worth = {word: weight * words.idf.get(word, 0.0) for word, weight in wanted.items()}
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


def answer_signals(found: Found, question: str) -> Floats:
    """Signals for the answer model, in the order of ANSWER_SIGNALS, of a list with at least one candidate."""
    return signals_of_list(found.entries, found.scores, found.signals, found.words, question)


def signals_of_list(entries: Sequence[Entry], scores: Floats, signals: Floats, words: Words, question: str) -> Floats:
    """The same for candidates already put in order."""
    column = {name: at for at, name in enumerate(SIGNALS)}
    top = entries[0]
    elsewhere = [
        float(score) for entry, score in zip(entries, scores, strict=True) if entry.page_number != top.page_number
    ]
    beyond = elsewhere[0] if elsewhere else float(scores[-1])
    page = {word for entry in entries if entry.page_number == top.page_number for word in entry.whole}
    ever: Mapping[str, float] = {**words.agent, **words.earlier, **words.last}
    rare = max(words.idf.values(), default=1.0) or 1.0
    weight = {word: words.idf.get(word, 0.0) or rare for word in ever}
    total = sum(weight.values()) or 1.0
    rarest = sorted(words.last, key=lambda word: -weight[word])[:4]
    asked = sum(weight[word] for word in words.last) or 1.0
    numbers = set(_NUMBER.findall(question))
    unknown = sum(not words.idf[word] for word in words.last)
    rarest_covered = sum(word in page for word in rarest) / max(1, len(rarest))
    went_before = float(bool(words.earlier or words.agent))
    own = {name: signals[:, column[f"{name}_last_value"]] for name in ("minilm", "e5")}
    # A model that is not there, or does not read the language, says nothing: nan, not a cosine of 0.
    spoke = {name: 1.0 if values.any() else np.nan for name, values in own.items()}
    near = signals[:, column["near_value"]]
    next_page = [float(at) for entry, at in zip(entries, near, strict=True) if entry.page_number != top.page_number]
    return np.array([
        *(float(signals[0, column[name]]) for name in _SHOWN),
        float(scores[0]),
        float(scores[0]) - beyond,
        float(scores[0] - scores[min(9, len(scores) - 1)]),
        float(scores[0] - scores.mean()),
        words.known,
        unknown / max(1, len(words.last)),
        math.log1p(len(words.last)),
        sum(weight[word] for word in words.last if word in top.whole) / asked,
        sum(weight[word] for word in ever if words.idf.get(word)) / total,
        sum(weight[word] for word in ever if word in page) / total,
        rarest_covered,
        float(bool(numbers - set(_NUMBER.findall(top.passage.text)))),
        went_before * min(unknown, 3),
        went_before * (1 - rarest_covered),
        *(float(signals[0, column[f"{name}_value"]]) * spoke[name.split("_")[0]] for name in COSINES),
        *(float(own[name].max()) * spoke[name] for name in own),
        *(float(own[name].max() - np.sort(own[name])[-min(10, len(near))]) * spoke[name] for name in own),
        float(near[0]),
        float(signals[0, column["near_user_value"]]),
        float(near[0]) - max(next_page, default=float(near.min())),
    ])  # fmt: skip
