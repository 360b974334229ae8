"""The enquiry assistant in each of its modes (no model, MiniLM, both models), on open question sets, beside BM25.

Sets are read from the folder in COMMONWEAL_OPEN_DATA (default: `shared/data/assistant` beside the repository); what is
not there is named. COMMONWEAL_HAYSTACK_PYTHON names a Python that has haystack-ai, which then runs as
the peer. COMMONWEAL_MODELS names the folder of `commonweal assistant models`; without it only the mode without a model
is measured.
VA figures are cross-validated by page: no dialogue is scored with parameters that saw its page. French and FAQ figures
use the shipped parameters, fitted without either set; Korean ones likewise, on programmes that training did not see.
The choice of signals, ridge and search limits was made with these very figures in sight (docs/assistant.md).
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.table import report
from commonweal.services.assistant.engine import deciding, finding, open_data, parameters, train
from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.checking import check
from commonweal.services.assistant.engine.finding import Look
from commonweal.services.assistant.engine.index import Index, embedded_text
from commonweal.services.assistant.engine.masking import details
from commonweal.services.assistant.engine.models import Mode, Models
from commonweal.services.assistant.engine.open_data import Case, Questions
from commonweal.services.assistant.engine.parameters import Parameters
from commonweal.services.assistant.engine.passages import Page, word_count
from commonweal.services.assistant.engine.safety import alarm
from commonweal.services.assistant.engine.train import Example
from commonweal.services.assistant.engine.vectors import Vectors
from tests.services.assistant.alarm_sentences import ALARMS, ORDINARY, lines
from tests.services.assistant.rewrites import FLIPS, HONEST, rewrites

FOLDER = Path(os.environ.get("COMMONWEAL_OPEN_DATA", Path(__file__).parents[2] / "shared/data/assistant"))
MODELS = Path(os.environ["COMMONWEAL_MODELS"]) if "COMMONWEAL_MODELS" in os.environ else None
Rows = list[tuple[str, str, str]]

HAYSTACK = """
import json, os, sys
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
from haystack import Document
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
asked = json.load(sys.stdin)
store = InMemoryDocumentStore()
passages = enumerate(asked["passages"])
store.write_documents([Document(id=str(n), content=text, meta={"page": page}) for n, (page, text) in passages])
retriever = InMemoryBM25Retriever(store, top_k=60)
found = [retriever.run(query=query)["documents"] for query in asked["queries"]]
json.dump([list(dict.fromkeys(d.meta["page"] for d in documents)) for documents in found], sys.stdout)
"""


def recall(found: Sequence[Sequence[str]], cases: Sequence[Case]) -> np.ndarray:
    """Hits at 1, 5 and 10; shape (cases, 3)."""
    return np.array(
        [[bool(set(keys[:k]) & case.gold) for k in (1, 5, 10)] for keys, case in zip(found, cases, strict=True)]
    )


def shown(hits: np.ndarray) -> str:
    """Recall at 1/5/10 in percent."""
    return "/".join(f"{100 * part:.1f}" for part in hits.mean(axis=0))


def interval(ours: np.ndarray, peer: np.ndarray, groups: Sequence[str]) -> str:
    """The 95 % interval of the difference at 1, by paired bootstrap over dialogues, in points."""
    names = sorted(set(groups))
    members = {name: [at for at, group in enumerate(groups) if group == name] for name in names}
    chance = random.Random(6)
    differences = []
    for _ in range(1000):
        drawn = [at for name in chance.choices(names, k=len(names)) for at in members[name]]
        differences.append(100 * (ours[drawn, 0].mean() - peer[drawn, 0].mean()))
    low, high = np.percentile(differences, [2.5, 97.5])
    return f"{low:+.1f} to {high:+.1f}"


def ours(questions: Questions, example: Example, learnt: Parameters) -> list[str]:
    """Found pages or passage keys, best first."""
    entries = finding.ranked(questions.index, example.look, learnt).entries
    return list(dict.fromkeys(e.passage.key if questions.by_passage else e.passage.page for e in entries))


@cache
def plain_index(index: Index, language: str) -> sqlite3.Connection:
    """FTS5 over the same passages, their words stemmed as ours are."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5 (said, tokenize='unicode61 remove_diacritics 0')")
    for entry in index.entries(np.flatnonzero(index.pages_of_rows()).tolist()):
        said = " ".join(analyse(embedded_text(entry.passage), language).folded)
        database.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (entry.number, said))
    return database


def bm25(questions: Questions, case: Case, *, joined: bool) -> list[str]:
    """Plain BM25 by FTS5: the last turn, or all turns joined."""
    text = " ".join(turn.text for turn in case.turns) if joined else case.turns[-1].text
    match = " OR ".join(f'"{word}"' for word in list(dict.fromkeys(analyse(text, questions.language).folded))[:48])
    rows = plain_index(questions.index, questions.language).execute(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank, rowid LIMIT 200", (match or '""',)
    )
    entries = questions.index.entries([number for (number,) in rows])
    return list(dict.fromkeys(e.passage.key if questions.by_passage else e.passage.page for e in entries))


def haystack(questions: Questions, cases: Sequence[Case]) -> list[list[str]] | None:
    """Pages by Haystack's BM25 over the same passages, title and headings in front, turns joined; None without it."""
    python = os.environ.get("COMMONWEAL_HAYSTACK_PYTHON")
    if not python:
        return None
    numbers = np.flatnonzero(questions.index.pages_of_rows()).tolist()
    passages = [
        (entry.passage.page, "\n".join([entry.passage.title, *entry.passage.headings, entry.passage.text]))
        for entry in questions.index.entries(numbers)
    ]
    queries = [" ".join(turn.text for turn in case.turns) for case in cases]
    done = subprocess.run(
        [python, "-c", HAYSTACK],
        input=json.dumps({"passages": passages, "queries": queries}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: list[list[str]] = json.loads(done.stdout)
    return answer


def by_folds(
    questions: Questions,
    examples: Sequence[Example],
    town: Sequence[Example],
    others: Sequence[Example],
    strayed: Sequence[Example],
) -> list[Parameters]:
    """For each fold, all that is learnt from the other folds; the other agencies' dialogues are dealt out likewise."""
    groups = [example.case.group for example in examples]

    def outside(chosen: Sequence[Example], fold: int) -> list[Example]:
        return [e for e in chosen if train.fold_of(e.case.group, groups) != fold]

    return [
        parameters.from_json(
            train.learn(questions, outside(examples, fold), town, without_fold(others, fold), outside(strayed, fold))
        )
        for fold in range(train.FOLDS)
    ]


def without_fold(others: Sequence[Example], fold: int) -> list[Example]:
    """Every fifth dialogue with another agency belongs to a fold."""
    dialogues = list(dict.fromkeys(example.case.dialogue for example in others))
    belong = set(dialogues[fold :: train.FOLDS])
    return [example for example in others if example.case.dialogue not in belong]


def final(examples: Sequence[Example]) -> list[Example]:
    """The last turn of each dialogue."""
    return list({example.case.dialogue: example for example in examples}.values())


def area(good: Sequence[float], bad: Sequence[float]) -> float:
    """Area under the ROC curve."""
    return float(np.mean([(g > np.array(bad)).mean() + 0.5 * (g == np.array(bad)).mean() for g in good]))


def still_answered(good: Sequence[float], bad: Sequence[float], coverage: float) -> float:
    """Percent of the bad that are answered where that part of the good is."""
    return 100 * float(np.mean(np.array(bad) >= np.quantile(good, 1 - coverage)))


def chances(looks: Iterable[Look | None], learnt: Parameters) -> list[float]:
    """The chance by which each is answered or not."""
    return [deciding.chance_of(look, learnt) for look in looks if look]


def by_dialogue(looks: Iterable[Look], learnt: Parameters) -> list[float]:
    """The chance of each if it was known to go on with what was said before."""
    return [learnt.answer.probability(deciding.answer_signals(look, learnt)) for look in looks]


def measure_refusal(
    questions: Questions,
    examples: Sequence[Example],
    others: Sequence[Example],
    strayed: Sequence[Example],
    learnt: Sequence[Parameters],
) -> Rows:
    """Other agencies' questions, removed pages and dialogues that leave our subjects, each scored by a model that saw
    neither page nor dialogue."""
    groups = [example.case.group for example in examples]
    agencies = sorted({example.case.group for example in others})
    ours_last: list[float] = []
    removed: list[float] = []
    foreign: list[float] = []
    left: list[float] = []
    own: list[float] = []
    known: tuple[list[float], list[float]] = ([], [])
    unseen: dict[str, tuple[list[float], list[float]]] = {agency: ([], []) for agency in agencies}
    for fold, of_fold in enumerate(learnt):
        seen = {id(example) for example in without_fold(others, fold)}
        answerable = train.answerable(examples)
        tested = [e for e in answerable if train.fold_of(e.case.group, groups) == fold]
        taught = [e for e in answerable if train.fold_of(e.case.group, groups) != fold]
        tested = [e for e in tested if e.case == e.case.by_resident()]
        own += chances((e.look for e in tested), of_fold)
        removed += chances((e.without for e in tested), of_fold)
        ours_last += chances((e.look for e in final(tested)), of_fold)
        foreign += chances((e.look for e in final(others) if id(e) not in seen), of_fold)
        known[0].extend(by_dialogue((e.look for e in final(tested)), of_fold))
        known[1].extend(by_dialogue((e.look for e in final(others) if id(e) not in seen), of_fold))
        left += chances((e.look for e in strayed if train.fold_of(e.case.group, groups) == fold), of_fold)
        for agency in agencies:
            model = train.learn_answer_from(taught, [e for e in others if e.case.group != agency], of_fold)
            without = replace(of_fold, answer=parameters.logistic(model))
            unseen[agency][0].extend(chances((e.look for e in final(tested)), without))
            unseen[agency][1].extend(chances((e.look for e in final(others) if e.case.group == agency), without))
    rows = [
        ("other agencies, AUC", f"{area(ours_last, foreign):.3f}", "guide .977 with models"),
        ("  still answered at 95 % coverage", f"{still_answered(ours_last, foreign, 0.95):.1f} %", "goal <= 6 (12.5)"),
        ("  still answered at 90 % coverage", f"{still_answered(ours_last, foreign, 0.9):.1f} %", ""),
        ("  whole dialogues known to go on, AUC", f"{area(*known):.3f}", ""),
        ("    still answered at 95 % coverage", f"{still_answered(*known, 0.95):.1f} %", ""),
        *(
            (f"  {agency}, unseen in training", f"{still_answered(*both, 0.95):.1f} %", "goal <= 25")
            for agency, both in unseen.items()
        ),
        ("our dialogue left for another agency, AUC", f"{area(own, left):.3f}", "no goal set"),
        ("  still answered at 90 % coverage", f"{still_answered(own, left, 0.9):.1f} %", ""),
        ("right page removed, AUC", f"{area(own, removed):.3f}", "goal >= .78 (.684)"),
        ("  still answered at 70 % coverage", f"{still_answered(own, removed, 0.7):.1f} %", "goal <= 25"),
        ("  still answered at 90 % coverage", f"{still_answered(own, removed, 0.9):.1f} %", "guide 77"),
    ]
    return rows + [
        (f"  chance at {100 * coverage:.0f} % coverage of ours", f"{np.quantile(own, 1 - coverage):.2f}", "")
        for coverage in (0.7, 0.8, 0.9, 0.95)
    ]


def measure_va(models: Models) -> tuple[Rows, float, float, str]:
    """The VA dialogues in a mode; also ours and the peer's headline."""
    questions = open_data.va(FOLDER).with_models(models, FOLDER / "va")
    examples = train.examples_of(questions)
    town = train.town_examples(models, FOLDER)
    others = train.other_examples(FOLDER, questions)
    strayed = train.strayed_examples(FOLDER, questions)
    return measured_va(questions, examples, town, others, strayed)


def measured_va(
    questions: Questions,
    examples: Sequence[Example],
    town: Sequence[Example],
    others: Sequence[Example],
    strayed: Sequence[Example],
) -> tuple[Rows, float, float, str]:
    """The same of examples already looked up."""
    learnt = by_folds(questions, examples, town, others, strayed)
    groups = [example.case.group for example in examples]

    def found(example: Example) -> list[str]:
        return ours(questions, example, learnt[train.fold_of(example.case.group, groups)])

    size = len(questions.cases)
    sets = {
        "user turns only": (examples[size : 2 * size], ">= 76 (71.0; BM25 59.0)"),
        "full history": (examples[:size], ">= 85 (80.0; BM25 72.1)"),
        "first turns": ([e for e in examples[:size] if e.case.first()], ">= 72 (66.7; BM25 54.7)"),
        "change of subject": ([e for e in examples if e.shifted], "no goal set"),
    }
    rows: Rows = []
    headline = peer = 0.0
    peer_name = "BM25 (FTS5, same passages)"
    for name, (chosen, goal) in sets.items():
        cases = [example.case for example in chosen]
        hits = recall([found(example) for example in chosen], cases)
        plain = recall([bm25(questions, case, joined=True) for case in cases], cases)
        rows.append((f"VA {name} ({len(cases)}), page recall@1/5/10", shown(hits), goal))
        rows.append(("  BM25 (FTS5), turns joined", shown(plain), ""))
        rows.append(("  difference at 1, 95 % interval", interval(hits, plain, [c.dialogue for c in cases]), ""))
        if name == "user turns only":
            headline, peer = 100 * float(hits[:, 0].mean()), 100 * float(plain[:, 0].mean())
            other = haystack(questions, cases)
            if other is None:
                rows.append(("  Haystack BM25", "not run", "set COMMONWEAL_HAYSTACK_PYTHON"))
            else:
                theirs = recall(other, cases)
                peer, peer_name = 100 * float(theirs[:, 0].mean()), "Haystack BM25, title and headings in front"
                rows.append((f"  {peer_name}", shown(theirs), ""))
                rows.append(
                    ("  difference at 1, 95 % interval", interval(hits, theirs, [c.dialogue for c in cases]), "")
                )
    rows += measure_refusal(questions, examples, others, strayed, learnt)
    return rows, headline, peer, peer_name


def measure_set(name: str, questions: Questions, models: Models, goal: str) -> Rows:
    """A set that the shipped parameters never saw."""
    questions = questions.with_models(models, FOLDER / name)
    shipped = parameters.shipped(questions.vectors.models.mode if questions.vectors else Mode.NONE)
    examples = [train.looked_up(questions, case) for case in questions.cases]
    cases = list(questions.cases)
    hits = recall([ours(questions, example, shipped) for example in examples], cases)
    plain = recall([bm25(questions, case, joined=False) for case in cases], cases)
    return [
        (f"{name} ({len(cases)}), recall@1/5/10", shown(hits), goal),
        ("  BM25 (FTS5), last turn", shown(plain), ""),
        ("  difference at 1, 95 % interval", interval(hits, plain, [case.dialogue for case in cases]), ""),
    ]


def measure_latency(pages: Sequence[Page], models: Models) -> Rows:
    """Whole answers at 2,000 pages: the VA pages, repeated under other names (their vectors repeated likewise)."""
    index = Index()
    started = time.perf_counter()
    index.replace(
        Page(f"{n}-{page.id}", page.title, page.source, description=page.description)
        for n in range(-(-2000 // len(pages)))
        for page in pages[: 2000 - n * len(pages)]
    )
    indexed = time.perf_counter() - started
    vectors = Vectors(models) if models.models else None
    if vectors:
        known = open_data.va(FOLDER).with_models(models, FOLDER / "va").vectors
        assert known is not None
        vectors.repeat(known, index)
    learnt = parameters.shipped(models.mode)
    cases = [case.by_resident() for case in open_data.va(FOLDER).cases][:150]
    deciding.answer(index, cases[0].turns, "en", learnt, vectors=vectors)
    times = []
    for case in cases:
        started = time.perf_counter()
        deciding.answer(index, case.turns, "en", learnt, vectors=vectors)
        times.append(1000 * (time.perf_counter() - started))
    started = time.perf_counter()
    index.replace([Page(f"0-{pages[0].id}", "Another title", pages[0].source)])
    changed = 1000 * (time.perf_counter() - started)
    return [
        (
            f"answer at {index.totals().pages} pages, p50 / p95",
            f"{statistics.median(times):.0f} / {np.percentile(times, 95):.0f} ms",
            "p95 <= 60 ms without a model, 250 ms with both",
        ),
        ("  indexing them", f"{indexed:.1f} s", ""),
        ("  one page changed", f"{changed:.0f} ms", "<= 1 s"),
    ]  # fmt: skip


def measure_checker(pages: Sequence[Page]) -> Rows:
    """500 edits that change the meaning and 500 honest rewrites of the pages' own sentences."""
    from commonweal.services.assistant.engine.passages import passages_of

    sentences = []
    for page in pages:
        text = page.readable().text
        for passage in passages_of(page):
            sentences += [span.of(text) for span in passage.sentences]
    sentences = sorted({s for s in sentences if 7 <= word_count(s) <= 30 and s.endswith(".")})
    rows: Rows = []
    for name, edits, goal in (("meaning-flipping edits", FLIPS, "<= 2 %"), ("honest rewrites", HONEST, ">= 50 %")):
        made = rewrites(sentences, edits, 500)
        passed = [(kind, source, text) for kind, source, text in made if check(text, [source], "en").passes]
        rows.append((f"{len(made)} {name} that pass the checker", f"{100 * len(passed) / len(made):.1f} %", goal))
        for kind in edits:
            of_kind = [row for row in made if row[0] == kind]
            share = sum(row[0] == kind for row in passed)
            if of_kind:
                rows.append((f"    {kind}", f"{share} of {len(of_kind)}", ""))
    return rows


def measure_safety(pages: Sequence[Page]) -> Rows:
    """Alarms of our own writing, and false ones on ordinary questions and on residents' turns of all open dialogues."""
    rows: Rows = []
    for language, text in ALARMS.items():
        said, ordinary = lines(text), lines(ORDINARY[language])
        caught = sum(alarm(sentence) is not None for sentence in said)
        false = sum(alarm(sentence) is not None for sentence in ordinary)
        rows.append(
            (
                f"alarms caught, {language} ({len(said)})",
                f"{100 * caught / len(said):.1f} %",
                "goal >= 98; lists saw them",
            )
        )
        rows.append((f"  false alarms ({len(ordinary)})", f"{false}", ""))
    turns = [case.turns[-1].text for case in (*open_data.va(FOLDER).cases, *open_data.other_agencies(FOLDER))]
    rows.append(
        (f"alarms among residents' real turns ({len(turns)})", str(sum(alarm(turn) is not None for turn in turns)), "")
    )
    return rows


def measure_masking() -> Rows:
    """Details made by form and put into sentences; recall for each kind."""
    chance = random.Random(6)

    def digits(count: int) -> str:
        return "".join(chance.choice("0123456789") for _ in range(count))

    def iban() -> str:
        body = digits(18)
        check_digits = 98 - int(body + "131400") % 97
        whole = f"DE{check_digits:02}{body}"
        return " ".join(whole[at : at + 4] for at in range(0, 22, 4)) if chance.random() < 0.5 else whole

    first = ["Anna", "Omar", "Lucía", "Jean", "Fatima", "Peter"]
    last = ["Berg", "Haddad", "García", "Dupont", "Novak", "O'Neil"]
    makers: dict[str, list[Callable[[], str]]] = {
        "mail": [
            lambda: f"{chance.choice(first).lower()}.{digits(2)}@example.org",
            lambda: f"x+{digits(3)}@mail.example.com",
        ],
        "phone": [
            lambda: f"+44 20 {digits(4)} {digits(4)}",
            lambda: f"06 {digits(2)} {digits(2)} {digits(2)} {digits(2)}",
            lambda: f"(555) {digits(3)}-{digits(4)}",
            lambda: f"+34{digits(9)}",
            lambda: f"0{digits(3)}/{digits(6)}",
            lambda: f"555-{digits(3)}-{digits(4)}",
        ],
        "iban": [iban],
        "identifier": [
            lambda: digits(9),
            lambda: f"AB{digits(6)}C",
            lambda: f"{digits(8)}Z",
            lambda: f"X{digits(7)}T",
            lambda: f"{digits(3)}-{digits(2)}-{digits(4)}",
        ],
        "address": [
            lambda: f"{digits(2)} Mill Road",
            lambda: f"1{digits(1)} rue Victor Hugo",
            lambda: f"calle Mayor {digits(2)}",
            lambda: f"{digits(2)} Long Acre",
            lambda: f"Apartment {digits(1)}, Rose House",
        ],
        "name": [
            lambda words=words: words.format(f"{chance.choice(first)} {chance.choice(last)}")
            for words in ("My name is {}", "I am {}", "Mme {}", "me llamo {}", "this is {}")
        ],
    }
    rows: Rows = []
    for kind, forms in makers.items():
        made = [forms[at % len(forms)]() for at in range(200)]
        caught = 0
        for value in made:
            text = f"Hello, {value}. Can you help me?" if kind == "name" else f"Please note {value} for my claim."
            start = text.index(value) + (len(value) - len(" ".join(value.split()[-2:])) if kind == "name" else 0)
            end = text.index(value) + len(value)
            caught += any(d.start < end and d.end > start for d in details(text))
        note = "in part only" if kind in ("address", "name") else ""
        rows.append((f"masked: {kind} (200 made)", f"{100 * caught / len(made):.1f} %", note))
    return rows


def main() -> int:
    """Print the scorecard; the headline is the user turns of the VA dialogues."""
    lacking = open_data.missing(FOLDER)
    for name, files in lacking.items():
        print(f"not measured: {name}, for {', '.join(files)} is not in the data folder")
    if "va" in lacking:
        print("The VA pages and dialogues are needed; set COMMONWEAL_OPEN_DATA.", file=sys.stderr)
        return 1
    pages = open_data.va_pages(FOLDER)
    rows: Rows = []
    for models in train.modes_of(MODELS):
        rows.append((f"--- mode: {models.mode}", "", ""))
        measured, headline, peer, peer_name = measure_va(models)
        rows += measured
        if "korean" not in lacking:
            rows += measure_set("korean", open_data.korean(FOLDER)[1], models, ">= 71 (66.0; BM25 59.5)")
        if "french" not in lacking:
            rows += measure_set("french", open_data.french(FOLDER), models, ">= 67/-/89 (62.1/-/85.8; BM25 53.3)")
        if "faq" not in lacking:
            rows += measure_set("faq", open_data.faq(FOLDER), models, ">= 60 (55.4; BM25 42.3)")
        rows += measure_latency(pages, models)
    rows += measure_checker(pages) + measure_safety(pages) + measure_masking()
    report(
        "assistant_va",
        rows,
        ours=headline,
        unit="% page recall@1, user turns",
        goal=76,
        peer=peer,
        peer_name=peer_name,
        conditions=f"mode {models.mode}; 290 user turns of 75 dialogues, 232 pages; cross-validated by page",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
