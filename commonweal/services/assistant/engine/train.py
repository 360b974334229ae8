"""Make `parameters_*.json` from open data: python -m commonweal.services.assistant.engine.train FOLDER [MODELS]

FOLDER holds the VA pages and the open Doc2Dial dialogues; the demo town's are ours. French dialogues, the FAQ and the
Korean questions are never read here. Figures on the VA dialogues themselves come from cross-validation by page.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine import deciding, finding, open_data, parameters
from commonweal.services.assistant.engine.finding import GATE_SIGNALS, Look, softmax
from commonweal.services.assistant.engine.finding_pages import bags_of
from commonweal.services.assistant.engine.finding_words import Turn, words_of
from commonweal.services.assistant.engine.index import embedded_text
from commonweal.services.assistant.engine.meaning import meanings_of
from commonweal.services.assistant.engine.models import (
    PROJECTIONS,
    TOKEN_DIMENSIONS,
    Mode,
    Model,
    Models,
    load,
    mode_of,
)
from commonweal.services.assistant.engine.open_data import Case, Questions
from commonweal.services.assistant.engine.parameters import Parameters

Floats = NDArray[np.float64]
FOLDS = 5
_RIDGE = 0.01
_SHIFTED = 0.25
"""How much of the dialogues that teach the gate change their subject. Residents' change it less often, but a page of
the old subject is the worse mistake."""
_TOWN = 0.3
"""How much of them are about the demo town, whose pages have little in common; the VA's are all about one agency."""
_TOWN_SHIFTED = {Mode.NONE: 0.3, Mode.MINILM: 0.15, Mode.BOTH: 0.1}
"""The same of the town's: more where the gate misses more of them (docs/assistant.md)."""
_SHARPNESS = np.arange(0.5, 3.01, 0.1)
_ROUNDS = 12
_GOES_ON = {Mode.NONE: 3.0, Mode.MINILM: 7.0, Mode.BOTH: 9.0}
"""Odds that a later turn stays with what we answer. Set by hand: residents' nearly all do, but without a model the
town's questions off the subject would pass."""
_THRESHOLDS = {Mode.NONE: (0.4, 0.16), Mode.MINILM: (0.7, 0.4), Mode.BOTH: (0.75, 0.6)}
"""From which chances a question is answered, and partly. Set by hand: without a model where 95 % of the VA's questions
are answered; with models higher, since in a town of 70 pages they are surer than among 240 (docs/assistant.md)."""


@dataclass(frozen=True)
class Example:
    """A case looked up, and looked up once more as if its right pages were not there."""

    case: Case
    look: Look
    without: Look | None
    right: NDArray[np.bool_]
    """Which pages of the look are right."""
    shifted: bool = False


def looked_up(questions: Questions, case: Case, *, shifted: bool = False) -> Example:
    """Look up a case."""
    index, turns = questions.index, case.turns
    words, meanings = words_of(index, turns, questions.language), meanings_of(questions.vectors, index, turns)
    bags = bags_of(index, words, meanings)
    found = finding.view(turns, words, bags, meanings)
    if found is None:
        raise ValueError("The index has no pages.")
    numbers = frozenset(index.numbers_of_pages(case.gold).values())
    right = np.isin(found.last.pages, list(numbers))
    without = finding.view(turns, words, bags.without(numbers), meanings) if right.any() and not shifted else None
    return Example(case, found, without, right, shifted)


def shifts(cases: Sequence[Case], seed: int = 1) -> list[Case]:
    """First questions put after another dialogue: the subject changes. Made within the given cases only."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw
    last_of: dict[str, Case] = {case.dialogue: case for case in cases}
    made = []
    for case in cases:
        if case.first():
            others = [other for other in last_of.values() if not other.gold & case.gold]
            made.append(Case(case.dialogue, case.group, chance.choice(others).turns + case.turns, case.gold))
    return made


def learn_logistic(
    names: Sequence[str],
    rows: Floats,
    labels: Floats,
    weights: Floats,
    *,
    ridge: float,
    never_against: Sequence[str] = (),
) -> dict[str, Any]:
    """Ridge logistic regression on standardised signals, as the file keeps it; nan says nothing either way.

    `labels` may be chances. A signal of `never_against` whose weight would be negative is left out.
    """
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, rows, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(there, rows - mean, 0) ** 2).sum(axis=0) / count)
    scale = np.where(spread < 1e-4, 1.0, spread)  # what never varies, such as another mode's signals
    standard = np.column_stack([np.clip(np.nan_to_num((rows - mean) / scale), -4, 4), np.ones(len(rows))])
    learnt = _newton(standard, labels, weights / weights.sum(), ridge)
    wrong = [at for at, name in enumerate(names) if name in never_against and learnt[at] < 0]
    if wrong:
        standard[:, wrong] = 0.0
        learnt = _newton(standard, labels, weights / weights.sum(), ridge)
    return {
        "bias": round(float(learnt[-1]), 5),
        "signals": {
            name: {"mean": round(float(m), 5), "scale": round(float(s), 5), "weight": round(float(w), 5)}
            for name, m, s, w in zip(names, mean, scale, learnt[:-1], strict=True)
        },
    }


def _newton(standard: Floats, labels: Floats, share: Floats, ridge: float) -> Floats:
    """Weights, the bias last, which the ridge spares."""
    penalty = np.array([ridge] * (standard.shape[1] - 1) + [0.0])
    learnt = np.zeros(standard.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-standard @ learnt))
        gradient = standard.T @ (share * (likely - labels)) + penalty * learnt
        curve = (standard * (share * likely * (1 - likely))[:, None]).T @ standard + np.diag(penalty + 1e-9)
        learnt -= np.linalg.solve(curve, gradient)
    return learnt


def learn_history(va: Sequence[Example], town: Sequence[Example], mode: Mode) -> tuple[float, dict[str, Any]]:
    """Sharpness and gate that make the right pages likely, by expectation and maximisation.

    Which of the two views should have held is not known; what each says of the right page tells how likely it was.
    """
    examples = [*va, *town]
    share = np.concatenate([(1 - _TOWN) * _shares(va, _SHIFTED), _TOWN * _shares(town, _TOWN_SHIFTED[mode])])
    later = np.array([example.look.gate_signals is not None for example in examples])
    rows = np.array([example.look.gate_signals for example in examples if example.look.gate_signals is not None])

    def right_by(view: Callable[[Look], Floats], sharpness: float) -> Floats:
        return np.array([softmax(view(example.look), sharpness)[example.right].sum() for example in examples])

    by_sharpness = {
        float(at): (right_by(lambda look: look.last.ranking, at), right_by(lambda look: look.dialogue.ranking, at))
        for at in _SHARPNESS
    }
    goes_on = np.where(later, 0.8, 0.0)
    sharpness, gate = 1.0, {}
    for _ in range(_ROUNDS):
        likelihood = {
            at: float(share @ np.log((1 - goes_on) * last + goes_on * whole + 1e-9))
            for at, (last, whole) in by_sharpness.items()
        }
        sharpness = max(likelihood, key=lambda at: likelihood[at])
        last, whole = by_sharpness[sharpness]
        held = goes_on * whole / ((1 - goes_on) * last + goes_on * whole + 1e-9)
        gate = learn_logistic(GATE_SIGNALS, rows, held[later], share[later], ridge=_RIDGE)
        model = parameters.logistic(gate)
        goes_on[later] = [model.probability(row) for row in rows]
    return round(sharpness, 2), gate


def learn_continues(
    examples: Sequence[Example], strayed: Sequence[Example], learnt: Parameters, odds: float
) -> dict[str, Any]:
    """Dialogues as they went on, some with another of our subjects, against those that strayed from all we answer.

    `odds`: how many times likelier the first are where it is used.
    """
    later = [e for e in examples if e.look.gate_signals is not None and e.right.any()]
    groups = ((0.45, [e for e in later if not e.shifted]), (0.15, [e for e in later if e.shifted]), (0.4, strayed))
    rows = np.array([_continues_signals(e.look, learnt) for _, group in groups for e in group])
    weights = np.concatenate([np.full(len(group), share / max(1, len(group))) for share, group in groups])
    labels = np.array([float(group is not strayed) for _, group in groups for _ in group])
    model = learn_logistic(deciding.CONTINUES_SIGNALS, rows, labels, weights, ridge=_RIDGE)
    return {**model, "bias": round(model["bias"] + math.log(odds), 5)}


def _continues_signals(look: Look, learnt: Parameters) -> Floats:
    """In the order of CONTINUES_SIGNALS, of a dialogue of several turns."""
    whole = deciding.answer_signals(look, learnt)
    alone = deciding.answer_signals(deciding.last_turn_alone(look), learnt)
    assert look.gate_signals is not None  # noqa: S101 - several turns
    return deciding.continues_signals(look, look.gate_signals, alone - whole, learnt)


def examples_of(questions: Questions) -> list[Example]:
    """User turns with and without the agent's turns, and changes of subject."""
    by_resident = [case.by_resident() for case in questions.cases]
    examples = [looked_up(questions, case) for case in (*questions.cases, *by_resident)]
    groups = [case.group for case in questions.cases]
    for fold in range(FOLDS):
        inside = [case for case in questions.cases if fold_of(case.group, groups) == fold]
        for case in shifts(inside):
            examples.append(looked_up(questions, case, shifted=True))
            examples.append(looked_up(questions, case.by_resident(), shifted=True))
    return examples


def town_examples(models: Models, folder: Path) -> list[Example]:
    """The town's dialogues, with the passage between two turns that the first of them finds on the right page."""
    questions = open_data.town().with_models(models, folder / "town")
    found = {case.turns: _found_on_page(questions, case) for case in questions.cases}

    def answered(case: Case) -> Case:
        before = [turn for at in range(1, len(case.turns)) for turn in (case.turns[at - 1], found[case.turns[:at]])]
        return replace(case, turns=(*before, case.turns[-1]))

    return examples_of(replace(questions, cases=tuple(map(answered, questions.cases))))


def _found_on_page(questions: Questions, case: Case) -> Turn:
    """The nearest passage of the right page, as the machine says it."""
    looked = finding.look(questions.index, case.turns[-1:], questions.language, questions.vectors)
    if looked is None:
        raise ValueError("The town has no pages.")
    nearness = looked.last
    right = np.isin(nearness.pages, list(questions.index.numbers_of_pages(case.gold).values()))[nearness.page_of]
    row = nearness.rows[np.where(right, nearness.passages, -np.inf).argmax()]
    (entry,) = questions.index.entries([int(row)])
    return Turn("agent", entry.passage.text)


def other_examples(folder: Path, questions: Questions) -> list[Example]:
    """Questions for other agencies, resident's turns only."""
    return [looked_up(questions, case.by_resident()) for case in open_data.other_agencies(folder)]


def strayed_examples(folder: Path, questions: Questions, seed: int = 2) -> list[Example]:
    """First questions for other agencies after turns of one of our dialogues: nothing here answers them."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw
    ours = [case for case in questions.cases if not case.first()]
    strayed = []
    for case in filter(Case.first, open_data.other_agencies(folder)):
        before = chance.choice(ours)
        turns = (*before.turns[:-1], *case.turns)
        strayed.append(Case(before.dialogue, before.group, turns, frozenset()).by_resident())
    return [looked_up(questions, case, shifted=True) for case in strayed]


def fold_of(group: str, groups: Sequence[str]) -> int:
    """The fold of a page: pages dealt out in order."""
    return sorted(set(groups)).index(group) % FOLDS


def _shares(examples: Sequence[Example], of_shifted: float) -> Floats:
    """What each of them counts for in the gate's learning; together one."""
    share = np.array([_share_of(examples)(example) for example in examples])
    shifted = np.array([example.shifted for example in examples])
    share[shifted] *= of_shifted / (1 - of_shifted) * share[~shifted].sum() / share[shifted].sum()
    whole: Floats = share / share.sum()
    return whole


def _share_of(examples: Sequence[Example]) -> Callable[[Example], float]:
    """Each dialogue weighs its square root of cases, so that ten long ones do not outvote the rest."""
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.case.dialogue] = counts.get(example.case.dialogue, 0) + 1
    return lambda example: counts[example.case.dialogue] ** -0.5


def learn_answer(ours: Floats, removed: Floats, others: Floats) -> dict[str, Any]:
    """The answer model, from signals: questions that our pages answer (1) against the same with their page removed and
    those for other agencies (0)."""
    groups = ((1.0, 0.5, ours), (0.0, 0.2, removed), (0.0, 0.3, others))
    labels = np.concatenate([np.full(len(rows), label) for label, _, rows in groups])
    shares = np.concatenate([np.full(len(rows), share / len(rows)) for _, share, rows in groups])
    names = deciding.ANSWER_SIGNALS
    rows = np.vstack([ours, removed, others])
    return learn_logistic(names, rows, labels, shares, ridge=_RIDGE, never_against=("known", "covered"))


def learn_answer_from(ours: Sequence[Example], others: Sequence[Example], learnt: Parameters) -> dict[str, Any]:
    """The answer model, from answerable questions and those for other agencies."""
    looks = [e.look for e in ours], [e.without for e in ours if e.without], [e.look for e in others]
    return learn_answer(*(answer_signals(of, learnt) for of in looks))


def answer_signals(looks: Iterable[Look], learnt: Parameters) -> Floats:
    """Signals for the answer model, shape (looks, signals)."""
    return np.array([deciding.answer_signals(look, learnt) for look in looks])


def answerable(examples: Sequence[Example]) -> list[Example]:
    """What teaches the answer model that a page answers: no change of subject."""
    return [example for example in examples if not example.shifted and example.right.any()]


def learn(
    questions: Questions,
    examples: Sequence[Example],
    town: Sequence[Example],
    others: Sequence[Example],
    strayed: Sequence[Example],
) -> dict[str, Any]:
    """All learned numbers of these examples, as the file keeps them."""
    mode = questions.vectors.models.mode if questions.vectors else Mode.NONE
    sharpness, history = learn_history(examples, town, mode)
    thresholds = dict(zip(("answered", "partly"), _THRESHOLDS[mode], strict=True))
    found = {"sharpness": sharpness, "history": history}
    finding_only = parameters.from_json({**found, "continues": history, "answer": history, "thresholds": thresholds})
    return {
        **found,
        "continues": learn_continues(examples, strayed, finding_only, _GOES_ON[mode]),
        "answer": learn_answer_from(answerable(examples), others, finding_only),
        "thresholds": thresholds,
    }


def modes_of(folder: Path | None) -> list[Models]:
    """No model, MiniLM alone, and both: as far as a folder of models has them."""
    best = mode_of(folder) if folder else Mode.NONE
    modes = list(Mode)
    return [load(folder or Path(), mode) for mode in modes[: modes.index(best) + 1]]


def project_tokens(questions: Questions, model: Model) -> Floats:
    """The 64 dimensions that keep most of what the tokens of every fifth passage say (principal components)."""
    rows = np.flatnonzero(questions.index.pages_of_rows()).tolist()[::5]
    texts = [embedded_text(entry.passage) for entry in questions.index.entries(rows)]
    vectors = np.concatenate([model.states(model.passage, text)[2] for text in texts])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.linalg.eigh(vectors.T @ vectors)[1][:, : -TOKEN_DIMENSIONS - 1 : -1].astype(np.float16)


def train(folder: Path, models: Models) -> dict[str, Any]:
    """The parameters of a mode, as its file keeps them."""
    questions = open_data.va(folder).with_models(models, folder / "va")
    others, strayed = other_examples(folder, questions), strayed_examples(folder, questions)
    return {
        "about": "Learnt by commonweal.services.assistant.engine.train from Doc2Dial (CC BY 3.0) and the demo town.",
        **learn(questions, examples_of(questions), town_examples(models, folder), others, strayed),
    }


def main() -> None:
    """Train on the folder, for every mode that the folder of models (second argument) allows."""
    folder, *more = map(Path, sys.argv[1:])
    modes = modes_of(more[0] if more else None)
    for model in modes[-1].models:
        np.save(PROJECTIONS[model.name], project_tokens(open_data.va(folder), model))
    for models in modes:
        file = parameters.FILES[models.mode]
        file.write_text(json.dumps(train(folder, models), indent=1) + "\n")
        print(f"wrote {file.name}")


if __name__ == "__main__":
    main()
