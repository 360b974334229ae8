"""Learn the numbers of `parameters_*.json` from open questions: the gates, the ranker, the answer model.

    python -m commonweal.services.assistant.engine.train FOLDER [MODELS]

FOLDER holds the VA pages, the open Doc2Dial dialogues and Welfare-QA. French dialogues, the FAQ and the 400 measured
Korean questions are never read here. Figures on the VA dialogues themselves come from cross-validation by page.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine import deciding, finding, open_data, parameters
from commonweal.services.assistant.engine.finding import GATE_SIGNALS, SIGNALS
from commonweal.services.assistant.engine.index import Entry
from commonweal.services.assistant.engine.models import Mode, Models, load, mode_of
from commonweal.services.assistant.engine.open_data import Case, Questions

Floats = NDArray[np.float64]
FOLDS = 5
QUOTED = -3.0
"""The weight of a passage that was already quoted. Set by hand: page labels cannot teach it."""
_RIDGE_RANKER, _RIDGE_LOGISTIC = 0.1, 0.02


@dataclass(frozen=True)
class Example:
    """A case with its candidates and their raw signals."""

    case: Case
    entries: tuple[Entry, ...]
    raw: Floats
    words: finding.Words
    gate_signals: Floats
    right: NDArray[np.bool_]
    shifted: bool = False


def looked_up(questions: Questions, case: Case, *, shifted: bool = False) -> Example:
    """Candidates and raw signals of a case."""
    words, entries, raw, before = finding.look(questions.index, case.turns, questions.language, questions.vectors)
    right = np.array([questions.hit(entry.passage.key, entry.passage.page, case) for entry in entries], dtype=bool)
    return Example(case, tuple(entries), raw, words, finding.gate_signals_of(words, raw, before), right, shifted)


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


def learn_logistic(names: Sequence[str], rows: Floats, labels: Floats, weights: Floats | None = None) -> dict[str, Any]:
    """Ridge logistic regression on standardised signals, as the file keeps it."""
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, rows, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(there, rows - mean, 0) ** 2).sum(axis=0) / count)
    scale = np.where(spread < 1e-4, 1.0, spread)  # what never varies, such as another mode's signals
    standard = np.column_stack([np.clip(np.nan_to_num((rows - mean) / scale), -4, 4), np.ones(len(rows))])
    share = (np.ones(len(rows)) if weights is None else weights) / (len(rows) if weights is None else weights.sum())
    penalty = np.array([_RIDGE_LOGISTIC] * rows.shape[1] + [0.0])
    learnt = np.zeros(standard.shape[1])
    for _ in range(30):  # Newton
        chances = 1 / (1 + np.exp(-standard @ learnt))
        gradient = standard.T @ (share * (chances - labels)) + penalty * learnt
        curve = (standard * (share * chances * (1 - chances))[:, None]).T @ standard + np.diag(penalty + 1e-9)
        learnt -= np.linalg.solve(curve, gradient)
    return {
        "bias": round(float(learnt[-1]), 5),
        "signals": {
            name: {"mean": round(float(m), 5), "scale": round(float(s), 5), "weight": round(float(w), 5)}
            for name, m, s, w in zip(names, mean, scale, learnt[:-1], strict=True)
        },
    }


def learn_gate(examples: Sequence[Example]) -> dict[str, Any]:
    """Dialogues as they went on against dialogues glued together."""
    later = [example for example in examples if len(example.raw) and not example.case.first()]
    rows = np.array([example.gate_signals for example in later])
    labels = np.array([0.0 if example.shifted else 1.0 for example in later])
    balance = np.where(labels == 1, 0.5 / max(1, labels.sum()), 0.5 / max(1, (1 - labels).sum()))
    return learn_logistic(GATE_SIGNALS, rows, labels, balance)


def learn_ranker(
    examples: Sequence[Example], gate: parameters.Logistic, share: Callable[[Example], float]
) -> dict[str, float]:
    """Weights that make the right passages' joint softmax likely (any passage of the right page counts)."""
    usable = [example for example in examples if example.right.any() and not example.right.all()]
    signals = [finding.signals_of(example.raw, gate.probability(example.gate_signals)) for example in usable]
    parts = np.array([share(example) for example in usable])
    parts /= parts.sum()
    everything = np.vstack(signals)
    spread_of = everything.std(axis=0)
    scale = np.where(spread_of < 1e-4, 1.0, spread_of)
    # A flat array with the start of each question lets one step be a few whole-array operations.
    flat = everything / scale
    starts = np.cumsum([0] + [len(rows) for rows in signals[:-1]])
    lengths = np.array([len(rows) for rows in signals])
    owner = np.repeat(np.arange(len(signals)), lengths)
    right = np.concatenate([example.right for example in usable])
    weights = np.zeros(flat.shape[1])
    fixed = SIGNALS.index("quoted_value")
    weights[fixed] = QUOTED * scale[fixed]
    unused = [SIGNALS.index(f"{name}_value") for name in finding.COSINES]
    momentum, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, 601):  # Adam
        scores = flat @ weights
        likely = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        all_share = likely / np.add.reduceat(likely, starts)[owner]
        good = likely * right
        good_share = good / np.add.reduceat(good, starts)[owner]
        gradient = flat.T @ ((all_share - good_share) * parts[owner]) + _RIDGE_RANKER * weights
        gradient[fixed] = 0.0
        gradient[unused] = 0.0
        momentum = 0.9 * momentum + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        weights -= 0.05 * (momentum / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-9)
    return {name: round(float(weight), 5) for name, weight in zip(SIGNALS, weights / scale, strict=True)}


def fold_of(group: str, groups: Sequence[str]) -> int:
    """The fold of a page: pages dealt out in order."""
    return sorted(set(groups)).index(group) % FOLDS


def va_examples(questions: Questions) -> list[Example]:
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


def share_of(examples: Sequence[Example]) -> Callable[[Example], float]:
    """Each dialogue weighs its square root of cases, so that ten long ones do not outvote the rest."""
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.case.dialogue] = counts.get(example.case.dialogue, 0) + 1
    return lambda example: counts[example.case.dialogue] ** -0.5


def learn(examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, float]]:
    """Gate and ranker of these examples."""
    gate = learn_gate(examples)
    return gate, learn_ranker(examples, parameters.logistic(gate), share_of(examples))


def in_order(
    example: Example, ranker: dict[str, float], gate: parameters.Logistic, hidden: frozenset[str] = frozenset()
) -> tuple[list[Entry], Floats, Floats]:
    """Candidates, best first, with scores and signals, as if the hidden pages were not indexed."""
    kept = [at for at, entry in enumerate(example.entries) if entry.passage.page not in hidden]
    signals = finding.signals_of(example.raw[kept], gate.probability(example.gate_signals))
    scores = signals @ np.array(list(ranker.values()))
    order = np.argsort(-scores, kind="stable")
    return [example.entries[kept[at]] for at in order], scores[order], signals[order]


def answer_signals(
    example: Example, ranker: dict[str, float], gate: parameters.Logistic, hidden: frozenset[str] = frozenset()
) -> Floats:
    """Signals for the answer model; zeros where nothing was found."""
    entries, scores, signals = in_order(example, ranker, gate, hidden)
    if not entries:
        return np.zeros(len(deciding.ANSWER_SIGNALS))
    return deciding.signals_of_list(entries, scores, signals, example.words, example.case.turns[-1].text)


def learn_answer(
    ours: Sequence[Example],
    others: Sequence[Example],
    gate: parameters.Logistic,
    ranker: dict[str, float],
) -> dict[str, Any]:
    """The answer model: questions that our pages answer (1) against their page removed and other agencies' (0)."""
    groups = (
        (1.0, 0.5, [answer_signals(example, ranker, gate) for example in ours]),
        (0.0, 0.2, [answer_signals(example, ranker, gate, example.case.gold) for example in ours]),
        (0.0, 0.3, [answer_signals(example, ranker, gate) for example in others]),
    )
    rows = [row for _, _, signals in groups for row in signals]
    labels = np.array([label for label, _, signals in groups for _ in signals])
    shares = [share / len(signals) for _, share, signals in groups for _ in signals]
    return learn_logistic(deciding.ANSWER_SIGNALS, np.array(rows), labels, np.array(shares))


def other_examples(folder: Path, questions: Questions) -> list[Example]:
    """Questions for other agencies, resident's turns only."""
    return [looked_up(questions, case.by_resident()) for case in open_data.other_agencies(folder)]


def strayed_examples(folder: Path, questions: Questions, seed: int = 2) -> list[Example]:
    """First questions for other agencies after turns of one of our dialogues: nothing here answers them."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw
    ours = [case for case in questions.cases if not case.first()]
    strayed = []
    for case in open_data.other_agencies(folder):
        before = chance.choice(ours)
        turns = (*before.turns[:-1], case.turns[0])
        strayed.append(Case(before.dialogue, before.group, turns, frozenset()).by_resident())
    return [looked_up(questions, case, shifted=True) for case in strayed]


def answerable(examples: Sequence[Example]) -> list[Example]:
    """What teaches the answer model that a page answers: a right page among the candidates, no change of subject."""
    return [example for example in examples if not example.shifted and example.right.any()]


def modes_of(folder: Path | None) -> list[Models]:
    """No model, MiniLM alone, and both: as far as a folder of models has them."""
    best = mode_of(folder) if folder else Mode.NONE
    modes = list(Mode)
    return [load(folder or Path(), mode) for mode in modes[: modes.index(best) + 1]]


def train(folder: Path, models: Models) -> dict[str, Any]:
    """The parameters of a mode, as its file keeps them."""
    questions = open_data.va(folder).with_models(models, folder / "va")
    examples = va_examples(questions)
    if models.mode is not Mode.MINILM:  # which does not read Korean
        korean = open_data.korean(folder)[0].with_models(models, folder / "korean")
        examples += [looked_up(korean, case) for case in korean.cases]
    gate, ranker = learn(examples)
    foreign = other_examples(folder, questions)
    return {
        "about": "Learnt by commonweal.services.assistant.engine.train from Doc2Dial (CC BY 3.0) and Welfare-QA (MIT).",
        "ranker": ranker,
        "history": gate,
        "continues": learn_gate([*examples, *strayed_examples(folder, questions)]),
        "answer": learn_answer(answerable(examples), foreign, parameters.logistic(gate), ranker),
    }


def main() -> None:
    """Train on the folder, for every mode that the folder of models (second argument) allows."""
    folder, *more = map(Path, sys.argv[1:])
    for models in modes_of(more[0] if more else None):
        file = parameters.FILES[models.mode]
        file.write_text(json.dumps(train(folder, models), indent=1) + "\n")
        print(f"wrote {file.name}")


if __name__ == "__main__":
    main()
