"""The question sets that train and measure the assistant: the demo town's, ours, and open ones of a folder.

Only files that are there are read; `benchmarks/assistant_va.py` names the others. French dialogues and the official FAQ
are for measuring only, never for training: the first states no licence, the second none either.
"""

from __future__ import annotations

import csv
import html
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from commonweal.services.assistant.engine.finding_words import Turn
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.models import Models
from commonweal.services.assistant.engine.passages import Page, Passage, Span, passages_of, word_count
from commonweal.services.assistant.engine.reading import front_matter
from commonweal.services.assistant.engine.vectors import Vectors

FILES = {
    "va": ("va_pages.json", "doc2dial_open.json"),
    "korean": ("welfare_ko.csv",),
    "french": ("dialdoc_fr_passages.json", "dialdoc_dev.json"),
    "faq": ("CPF_raw_QA.json",),
}
_FEWEST_WORDS = 50
_ROOM = Path(__file__).parents[1]


class Dialogue(TypedDict):
    """A dialogue of Doc2Dial, as far as we read it."""

    dial_id: str
    turns: list[dict[str, str]]


@dataclass(frozen=True)
class Case:
    """A dialogue up to a resident's turn. `gold`: ids of right pages, or keys of right passages.

    `group` is what must stay on one side of a split: the page or programme that the dialogue is about.
    """

    dialogue: str
    group: str
    turns: tuple[Turn, ...]
    gold: frozenset[str]

    def first(self) -> bool:
        """Whether this is the dialogue's first question."""
        return len(self.turns) == 1

    def by_resident(self) -> Case:
        """The same without what the agent said."""
        return Case(self.dialogue, self.group, tuple(turn for turn in self.turns if turn.role == "user"), self.gold)


@dataclass(frozen=True)
class Questions:
    """An index with the cases to find in it."""

    language: str
    index: Index
    cases: tuple[Case, ...]
    by_passage: bool = False
    vectors: Vectors | None = None

    def with_models(self, models: Models, file: Path) -> Questions:
        """The same with vectors by those models that read the language, kept in a file for the next time."""
        reading = models.reading(self.language)
        if not reading.models:
            return self
        vectors = Vectors(reading, file.with_suffix(f".{models.mode}.vectors"))
        vectors.fill(self.index)
        return replace(self, vectors=vectors)

    def hit(self, found: str, page: str, case: Case) -> bool:
        """Whether a found passage (its key and page) is right for a case."""
        return (found if self.by_passage else page) in case.gold


def missing(folder: Path) -> dict[str, list[str]]:
    """Sets whose files are not in the folder, with the names of those files."""
    lacking = {name: [file for file in files if not (folder / file).is_file()] for name, files in FILES.items()}
    return {name: files for name, files in lacking.items() if files}


def va_pages(folder: Path) -> list[Page]:
    """The VA.gov pages with at least 50 words."""
    pages = [
        Page(path, page["heading"] or page["title"], page["body"], description=page["desc"])
        for path, page in json.loads((folder / "va_pages.json").read_text()).items()
    ]
    return [page for page in pages if sum(word_count(passage.text) for passage in passages_of(page)) >= _FEWEST_WORDS]


def va(folder: Path) -> Questions:
    """Doc2Dial's open VA dialogues against VA.gov pages: every user turn is a case."""
    pages = va_pages(folder)
    index = Index()
    index.replace(pages)
    kept = {page.id for page in pages}
    titles: dict[str, set[str]] = {}
    for path, page in json.loads((folder / "va_pages.json").read_text()).items():
        for name in ("title", "heading", "display"):
            if page[name] and path in kept:
                titles.setdefault(_plain_title(page[name]), set()).add(path)
    cases = []
    for document, dialogues in _dialogues(folder)["va"].items():
        gold = titles.get(_plain_title(document))
        if gold:
            for dialogue in dialogues:
                cases += list(_turns(dialogue, min(gold), frozenset(gold)))
    return Questions("en", index, tuple(cases))


def town() -> Questions:
    """The demo town's English pages with our own dialogues about them, residents' turns only."""
    index = Index()
    index.replace(_town_page(file) for file in sorted((_ROOM / "demo_guidance/en").glob("*.md")))
    cases = []
    for line in (_ROOM / "demo_dialogues.txt").read_text().splitlines():
        page, *said = line.split(" | ")
        turns = tuple(Turn("user", text) for text in said)
        cases += [Case(f"town/{page}", f"town/{page}", turns[: at + 1], frozenset({page})) for at in range(len(turns))]
    return Questions("en", index, tuple(cases))


def _town_page(file: Path) -> Page:
    facts, source = front_matter(file.read_text())
    return Page(file.stem, facts["title"], source, description=facts.get("description", ""))


def other_agencies(folder: Path) -> list[Case]:
    """Every resident's turn of the open dialogues with other agencies; `group` is the agency."""
    return [
        case
        for agency, documents in _dialogues(folder).items()
        if agency != "va"
        for dialogues in documents.values()
        for dialogue in dialogues
        for case in _turns(dialogue, agency, frozenset())
    ]


def korean(folder: Path, seed: int = 6, measured: int = 400) -> tuple[Questions, Questions]:
    """Welfare-QA: (training, measuring). 400 questions drawn by seed measure; training never sees their programmes.

    Each programme is a page of at most 8 answers, none of them the answer to a question that is asked.
    """
    with (folder / "welfare_ko.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw
    order = list(range(len(rows)))
    chance.shuffle(order)
    asked = set(order[:measured])
    held_out = {rows[at]["Documents"] for at in asked}
    spare = [at for at in order[measured:] if rows[at]["Documents"] not in held_out][:measured]
    index = Index()
    answers: dict[str, list[str]] = {}
    for at, row in enumerate(rows):
        kept = answers.setdefault(row["Documents"], [])
        if at not in asked and at not in spare and len(kept) < 8:
            kept.append(row["Answer"])
    index.replace(
        Page(name, "", "".join(f"<p>{html.escape(answer)}</p>" for answer in kept), "ko", "html")
        for name, kept in answers.items()
    )

    def cases(chosen: list[int]) -> tuple[Case, ...]:
        return tuple(
            Case(
                str(at),
                rows[at]["Documents"],
                (Turn("user", rows[at]["Question"]),),
                frozenset({rows[at]["Documents"]}),
            )
            for at in chosen
        )

    return Questions("ko", index, cases(spare)), Questions("ko", index, cases(order[:measured]))


def french(folder: Path) -> Questions:
    """DialDoc French: the dialogue's next passage. A passage with the same text is as right as the marked one."""
    index = Index()
    by_page: dict[str, list[tuple[str, str]]] = {}
    for line in json.loads((folder / "dialdoc_fr_passages.json").read_text()):
        text, heading, title = _passage_parts(line)
        by_page.setdefault(title, []).append((heading, text))
    keys: dict[str, set[str]] = {}
    for title, parts in by_page.items():
        passages = [
            Passage(title, at, "fr", title, (heading,) if heading else (), "", text, (Span(0, len(text)),))
            for at, (heading, text) in enumerate(parts)
        ]
        index.replace_passages(Page(title, title, "", "fr"), passages)
        for passage in passages:
            keys.setdefault(passage.text, set()).add(passage.key)
    cases = []
    for number, line in enumerate((folder / "dialdoc_dev.json").read_text().splitlines()):
        row = json.loads(line)
        if row["lang"] == "<fr>":
            text, _, title = _passage_parts(row["positive"].removesuffix(" <fr>"))
            turns = _newest_first(row["query"].removesuffix("<fr>"))
            cases.append(Case(str(number), title, turns, frozenset(keys.get(text, ()))))
    return Questions("fr", index, tuple(cases), by_passage=True)


def faq(folder: Path) -> Questions:
    """The CPF Board's FAQ: each question to its own answer; question texts are not indexed."""
    index = Index()
    rows = json.loads((folder / "CPF_raw_QA.json").read_text())
    index.replace(
        Page(str(at), "", f"<p>{html.escape(row['answer'])}</p>", "en", "html") for at, row in enumerate(rows)
    )
    same: dict[str, set[str]] = {}
    for at, row in enumerate(rows):
        same.setdefault(row["answer"], set()).add(str(at))
    return Questions(
        "en",
        index,
        tuple(
            Case(str(at), str(at), (Turn("user", row["question"]),), frozenset(same[row["answer"]]))
            for at, row in enumerate(rows)
        ),
    )


def _dialogues(folder: Path) -> dict[str, dict[str, list[Dialogue]]]:
    data: dict[str, dict[str, list[Dialogue]]] = json.loads((folder / "doc2dial_open.json").read_text())["dial_data"]
    return data


def _turns(dialogue: Dialogue, group: str, gold: frozenset[str]) -> Iterator[Case]:
    said: list[Turn] = []
    for turn in dialogue["turns"]:
        said.append(Turn(turn["role"], turn["utterance"]))
        if turn["role"] == "user":
            yield Case(dialogue["dial_id"], group, tuple(said), gold)


def _plain_title(title: str) -> str:
    title = re.sub(r"#\d+_\d+\Z", "", title).replace("’", "'").replace("‘", "'")
    return " ".join(re.sub(r"\|\s*veterans affairs", "", title, flags=re.I).lower().split())


def _passage_parts(line: str) -> tuple[str, str, str]:
    """Text, heading and page title of one line of DialDoc's passages (text // headings // title // domain)."""
    parts = [part.strip() for part in line.split(" // ")]
    text, headings, title = parts[0], parts[1:-2], parts[-2] if len(parts) > 2 else ""
    return text, " ".join(headings).replace("[modifier | modifier le code]", "").strip(), title


def _newest_first(query: str) -> tuple[Turn, ...]:
    parts = re.split(r"<(last_turn|agent|user)>", query)[1:]
    said = [
        Turn("agent" if role == "agent" else "user", text.strip())
        for role, text in zip(parts[::2], parts[1::2], strict=True)
    ]
    return tuple(reversed(said))
