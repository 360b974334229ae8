"""Finding the passage that answers the last turn of a dialogue: candidates, signals, a gate for the history, a ranker.

Candidates come from the word index. Every signal is relative to the question and the corpus, none knows a language or
a subject, so one set of learned numbers for each mode (`parameters_*.json`, made by `train`) serves all pages.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.index import Entry, Index, inverse_document_frequency
from commonweal.services.assistant.engine.meaning import NAMES, TEXTS, Meaning, meaning_of
from commonweal.services.assistant.engine.parameters import Parameters
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]

_K1, _B = 1.2, 0.75
_DECAY = 0.85
"""How much less an earlier turn counts than the one after it."""
_FEEDBACK_PASSAGES, _FEEDBACK_WORDS = 5, 12


@dataclass(frozen=True)
class Turn:
    """What the resident (`user`) or the assistant or officer (`agent`) said."""

    role: str
    text: str


@dataclass(frozen=True)
class Words:
    """The words of a dialogue with their weights: the last turn, the resident's earlier turns, the agent's turns."""

    last: Mapping[str, float]
    exact: Mapping[str, float]
    earlier: Mapping[str, float]
    agent: Mapping[str, float]
    idf: Mapping[str, float]
    """Of the folded words; 0 for a word that no passage has."""
    exact_idf: Mapping[str, float]
    known: float
    """Share of the last turn's words, each weighed as if rare, that some passage has."""


@dataclass(frozen=True)
class Found:
    """The candidates, best first, with score and signals; `gate` is how far the history belongs to the last turn."""

    entries: tuple[Entry, ...]
    scores: Floats
    signals: Floats
    """Shape (candidates, len(SIGNALS))."""
    words: Words
    gate: float
    gate_signals: Floats

    def pages(self) -> list[str]:
        """Ids of the pages by their best passage."""
        return list(dict.fromkeys(entry.passage.page for entry in self.entries))


def find(
    index: Index, dialogue: Sequence[Turn], language: str, parameters: Parameters, vectors: Vectors | None = None
) -> Found:
    """Rank passages for the last turn, which must be the resident's. Raises ValueError for an empty dialogue."""
    words, entries, raw, before = look(index, dialogue, language, vectors)
    gate_signals = gate_signals_of(words, raw, before)
    gate = parameters.gate(gate_signals)
    signals = signals_of(raw, gate)
    scores = parameters.score(signals) if entries else np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    return Found(tuple(entries[at] for at in order), scores[order], signals[order], words, gate, gate_signals)


COSINES = ("minilm_last", "minilm_user", "minilm_full", "e5_last", "e5_user", "e5_full")
"""Each model's own cosines: for the answer model only, since cosines do not compare between models."""
RAW = (
    "last_whole", "last_lead", "last_page", "last_exact", "last_covered", "last_page_covered", "last_pairs",
    "earlier_page", "earlier_best", "earlier_lead", "agent_page", "agent_best", "agent_lead", "ever_best", "ever_page",
    "title_said", "title_said_ever", "feedback", "feedback_page", "position", "length", "quoted",
    "near", "near_page", "near_user", "near_full", *COSINES,
)  # fmt: skip
"""Raw signals. What the history says counts for the page as a whole (`best`: its best passage), never for the passage
that was already quoted."""
_HISTORY = frozenset(name for name in RAW if name.split("_")[0] in ("earlier", "agent", "ever")) | {
    "title_said_ever", "near_user", "near_full",
}  # fmt: skip
_BM25 = frozenset(name for name in RAW if name.split("_")[0] in ("last", "earlier", "agent", "ever")) - {
    "last_covered", "last_page_covered", "last_pairs",
}  # fmt: skip
_NEAR = ("near", "near_page", "near_user", "near_full")
_KINDS = {**dict.fromkeys(_BM25, ("sum", "part")), **dict.fromkeys(_NEAR, ("value", "gap", "rank"))}
SIGNALS = tuple(f"{name}_{kind}" for name in RAW for kind in _KINDS.get(name, ("value",)))
GATE_SIGNALS = (
    "last_said_before", "last_information", "last_length", "history_information", "best_page_by_history",
    "history_page_by_last", "same_best_page", "last_best_part", "known", "strangers", "minilm_before", "e5_before",
)  # fmt: skip
_MOST_CANDIDATES = 240
_FEWEST_SEARCHED, _MOST_SEARCHED = 4, 16
_COMMON = math.log(10)
"""Words in more than about a tenth of the passages cost the most time and tell the least."""


def look(
    index: Index, dialogue: Sequence[Turn], language: str, vectors: Vectors | None = None
) -> tuple[Words, list[Entry], Floats, Floats]:
    """The candidates of a dialogue with their raw signals, shape (candidates, len(RAW)).

    Last comes each model's cosine of the last turn with what was said before, nan where there is none.
    """
    if not dialogue:
        raise ValueError("A dialogue needs at least one turn.")
    words = words_of(index, dialogue, language)
    said = _strongest(words.last, words.idf)
    before = _strongest(_merged(words.earlier, words.agent), words.idf)
    everything = _strongest(_merged(words.last, words.earlier, words.agent), words.idf)
    last_pages = dict(index.pages_matching(said, 300))
    earlier_pages = dict(index.pages_matching(_strongest(words.earlier, words.idf), 300))
    agent_pages = dict(index.pages_matching(_strongest(words.agent, words.idf), 300))
    numbers = [number for number, _ in index.passages_matching(said, "whole", 50)]
    numbers += [number for number, _ in index.passages_matching(said, "lead", 15)]
    if before:
        numbers += [number for number, _ in index.passages_matching(everything, "whole", 40)]
    together: dict[int, float] = dict(last_pages)
    for pages in (earlier_pages, agent_pages):
        for page, score in pages.items():
            together[page] = together.get(page, 0.0) + 0.5 * score
    best_pages = sorted(together, key=lambda page: -together[page])[:5]
    numbers += [number for page in best_pages for number in index.passages_of_pages([page])[:12]]
    meaning = meaning_of(vectors, index, [(turn.role, turn.text) for turn in dialogue]) if vectors else None
    if meaning:
        nearest = [
            row for text, most in (("last", 40), ("user", 20), ("full", 20)) for row in meaning.best_rows(text, most)
        ]
        numbers = [*nearest, *numbers]
    entries = index.entries(list(dict.fromkeys(numbers))[:_MOST_CANDIDATES]) if numbers else []
    raw = _raw(index, entries, words, dialogue, (last_pages, earlier_pages, agent_pages))
    if meaning and vectors and entries:
        _add_meaning(raw, entries, meaning, vectors)
    return words, entries, raw, meaning.before if meaning else np.full(len(NAMES), np.nan)


def words_of(index: Index, dialogue: Sequence[Turn], language: str) -> Words:
    """The weighted words of a dialogue; the last turn is the question."""
    analysed = [analyse(turn.text, language) for turn in dialogue]
    earlier: dict[str, float] = {}
    agent: dict[str, float] = {}
    weight = 1.0
    for turn, analysis in zip(reversed(dialogue[:-1]), reversed(analysed[:-1]), strict=True):
        into = agent if turn.role == "agent" else earlier
        for word in set(analysis.folded):
            into[word] = max(into.get(word, 0.0), weight)
        if turn.role == "user":
            weight *= _DECAY
    last = dict.fromkeys(analysed[-1].folded, 1.0)
    exact = dict.fromkeys(analysed[-1].exact, 1.0)
    count = len(index)
    idf = _idf(index, {*last, *earlier, *agent}, "whole", count)
    rare = inverse_document_frequency(count, 0) if count else 1.0
    unknown = sum(rare for word in last if not idf[word])
    told = sum(idf[word] for word in last)
    return Words(last, exact, earlier, agent, idf, _idf(index, exact, "exact", count), told / ((told + unknown) or 1.0))


def _idf(
    index: Index, words: Sequence[str] | set[str] | Mapping[str, float], column: str, count: int
) -> dict[str, float]:
    frequencies = index.document_frequencies(words, column)
    return {
        word: inverse_document_frequency(count, containing) if containing else 0.0
        for word, containing in frequencies.items()
    }


def _raw(
    index: Index, entries: Sequence[Entry], words: Words, dialogue: Sequence[Turn], pages: tuple[dict[int, float], ...]
) -> Floats:
    raw = np.zeros((len(entries), len(RAW)))
    if not entries:
        return raw
    column = {name: at for at, name in enumerate(RAW)}
    mean = index.mean_length()
    before = _merged(words.earlier, words.agent)
    ever = _merged(words.last, before) if before else {}
    every_word = list(_merged(words.last, before))
    whole = _Counted([entry.whole for entry in entries], every_word, mean)
    lead = _Counted([entry.lead for entry in entries], every_word, 12.0)
    exact = _Counted([entry.exact for entry in entries], list(words.exact), mean)
    page_of = np.unique([entry.page_number for entry in entries], return_inverse=True)[1]

    def of_page(values: Floats) -> Floats:
        best = np.zeros(int(page_of.max()) + 1)
        np.maximum.at(best, page_of, values)
        return best[page_of]

    raw[:, column["last_whole"]] = whole.bm25(words.last, words.idf)
    raw[:, column["last_lead"]] = lead.bm25(words.last, words.idf)
    raw[:, column["last_exact"]] = exact.bm25(words.exact, words.exact_idf)
    told = np.array([words.idf[word] if word in words.last else 0.0 for word in whole.words])
    told /= told.sum() or 1.0
    has = whole.times > 0
    raw[:, column["last_covered"]] = has @ told
    anywhere = np.zeros((int(page_of.max()) + 1, len(whole.words)), dtype=bool)
    np.logical_or.at(anywhere, page_of, has)
    raw[:, column["last_page_covered"]] = (anywhere @ told)[page_of]
    for name, said in (("earlier", words.earlier), ("agent", words.agent), ("ever", ever)):
        raw[:, column[f"{name}_best"]] = of_page(whole.bm25(said, words.idf))
        if name != "ever":
            raw[:, column[f"{name}_lead"]] = of_page(lead.bm25(said, words.idf))
    for name, scored in zip(("last", "earlier", "agent"), pages, strict=True):
        raw[:, column[f"{name}_page"]] = [scored.get(entry.page_number, 0.0) for entry in entries]
    if before:
        raw[:, column["ever_page"]] = sum(raw[:, column[f"{name}_page"]] for name in ("last", "earlier", "agent"))
    pairs = _pairs_of(list(words.last))
    quotes = [
        frozenset(analyse(turn.text, entries[0].passage.language).folded) for turn in dialogue if turn.role == "agent"
    ]
    for at, entry in enumerate(entries):
        body = entry.whole[len(entry.lead) :]
        raw[at, column["last_pairs"]] = len(pairs & _pairs_of(body)) / max(1, len(pairs)) if has[at].any() else 0.0
        raw[at, column["title_said"]] = _said(entry, words.last)
        raw[at, column["title_said_ever"]] = _said(entry, ever)
        raw[at, column["position"]] = 1.0 / (1 + entry.passage.ordinal)
        raw[at, column["length"]] = math.log1p(len(entry.whole)) / 5
        distinct = frozenset(body)
        raw[at, column["quoted"]] = max(
            (len(distinct & quote) / max(1, len(distinct)) for quote in quotes), default=0.0
        )
    _add_feedback(raw, entries, words, mean, of_page)
    return raw


def _add_meaning(raw: Floats, entries: Sequence[Entry], meaning: Meaning, vectors: Vectors) -> None:
    """Nearness of passages to the last turn, of their pages to the dialogue; 0, the mean, where there is no vector."""
    column = {name: at for at, name in enumerate(RAW)}
    rows = np.array([entry.number for entry in entries])
    rows[vectors.stale(entries)] = 0  # no passage has number 0
    pages = meaning.pages()
    page_of = np.minimum([entry.page_number for entry in entries], pages.shape[1] - 1)
    raw[:, column["near"]] = np.nan_to_num(meaning.standard[0, rows])
    for name, at in (("near_page", 0), ("near_user", 1), ("near_full", 2)):
        raw[:, column[name]] = pages[at, page_of]
    for name in COSINES:
        model, _, text = name.partition("_")
        raw[:, column[name]] = np.nan_to_num(meaning.cosines[NAMES.index(model), TEXTS.index(text), rows])


class _Counted:
    """How often each of some words occurs in each of some texts, ready for BM25."""

    def __init__(self, texts: Sequence[Sequence[str]], words: Sequence[str], mean: float) -> None:
        self.words = words
        counts = [Counter(text) for text in texts]
        self.times = np.array([[count[word] for word in words] for count in counts], dtype=float).reshape(
            len(texts), len(words)
        )
        lengths = np.array([len(text) for text in texts])[:, None]
        self._part = self.times * (_K1 + 1) / (self.times + _K1 * (1 - _B + _B * lengths / mean))

    def bm25(self, said: Mapping[str, float], idf: Mapping[str, float]) -> Floats:
        """BM25 of each text for weighted words."""
        scores: Floats = self._part @ np.array([said.get(word, 0.0) * idf.get(word, 0.0) for word in self.words])
        return scores


def _add_feedback(
    raw: Floats, entries: Sequence[Entry], words: Words, mean: float, of_page: Callable[[Floats], Floats]
) -> None:
    """Words that the best passages share and the question lacks, scored like a question of their own."""
    column = {name: at for at, name in enumerate(RAW)}
    first = raw[:, column["last_whole"]] + raw[:, column["ever_best"]]
    best = np.argsort(-first, kind="stable")[:_FEEDBACK_PASSAGES]
    weights: dict[str, float] = {}
    for at in best:
        for word, times in Counter(entries[at].whole).items():
            weights[word] = weights.get(word, 0.0) + float(first[at]) * times / len(entries[at].whole)
    chosen = [word for word in sorted(weights, key=lambda word: -weights[word])[:60] if word not in words.last]
    counted = _Counted([entry.whole for entry in entries], chosen, mean)
    rarity = np.log(1 + len(entries) / np.maximum(1, (counted.times > 0).sum(axis=0)))
    scored = sorted(
        ((weights[word] * float(rare), word) for word, rare in zip(chosen, rarity, strict=True)), reverse=True
    )
    strongest = scored[:_FEEDBACK_WORDS]
    total = sum(score for score, _ in strongest) or 1.0
    values = counted.bm25({word: score / total for score, word in strongest}, dict.fromkeys(chosen, 1.0))
    raw[:, column["feedback"]] = values
    raw[:, column["feedback_page"]] = of_page(values)


def signals_of(raw: Floats, gate: float) -> Floats:
    """What the ranker weighs: BM25 sums both as they are and as a part of the best; the history's through the gate."""
    columns = []
    for at, name in enumerate(RAW):
        values = raw[:, at]
        factor = gate if name in _HISTORY else 1.0
        if name in _BM25:
            best = values.max(initial=0.0)
            columns.append(factor * values / 10)
            columns.append(factor * (values / best if best else values))
        elif name in _NEAR:
            columns.append(factor * values / 4)
            columns.append(factor * (values - values.max(initial=-4.0)) / 4)
            columns.append(factor / (1 + np.searchsorted(-np.unique(values)[::-1], -values)) * values.any())
        else:
            columns.append(factor * values)
    return np.column_stack(columns) if columns else np.zeros((0, len(SIGNALS)))


def gate_signals_of(words: Words, raw: Floats, before_cosines: Floats) -> Floats:
    """Does the history belong to the last turn? Signals for the learned gate."""
    column = {name: at for at, name in enumerate(RAW)}
    told = sum(words.idf[word] for word in words.last) or 1e-9
    before = _merged(words.earlier, words.agent)
    repeated = sum(words.idf[word] for word in words.last if word in before) / told
    strangers = min(3, sum(not words.idf[word] for word in words.last)) / 3
    if not len(raw) or not before:
        return np.array([repeated, min(told, 60) / 30, min(len(words.last), 30) / 15, *np.zeros(9)])
    last = raw[:, column["last_whole"]]
    history = raw[:, column["earlier_page"]] + raw[:, column["agent_page"]]
    own = raw[:, column["last_page"]]
    best_history, best_own, best_last = history.max() or 1.0, own.max() or 1.0, last.max()
    return np.array([
        repeated,
        min(told, 60) / 30,
        min(len(words.last), 30) / 15,
        min(sum(words.idf[word] for word in before), 200) / 100,
        float(history[last.argmax()] / best_history),
        float(own[history.argmax()] / best_own),
        float(own.argmax() == history.argmax() or own[history.argmax()] == best_own),
        float(best_last / (told * (_K1 + 1))),
        words.known,
        strangers,
        *before_cosines,
    ])  # fmt: skip


def _said(entry: Entry, words: Mapping[str, float]) -> float:
    """Share of the page title that the resident said."""
    title = set(entry.lead[: max(1, len(entry.passage.title.split()))])
    return sum(word in words for word in title) / len(title) if title else 0.0


def _pairs_of(words: Sequence[str]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(words))


def _merged(*groups: Mapping[str, float]) -> dict[str, float]:
    together: dict[str, float] = {}
    for group in groups:
        for word, weight in group.items():
            together[word] = max(together.get(word, 0.0), weight)
    return together


def _strongest(words: Mapping[str, float], idf: Mapping[str, float]) -> list[str]:
    """The known words that tell most, first; words of every tenth passage only where there is little else."""
    known = sorted((word for word in words if idf.get(word)), key=lambda word: -words[word] * idf[word])
    return [word for at, word in enumerate(known[:_MOST_SEARCHED]) if at < _FEWEST_SEARCHED or idf[word] > _COMMON]
