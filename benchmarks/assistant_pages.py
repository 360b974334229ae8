"""The enquiry assistant at 100,000 pages without a model: time to index, time to answer, memory of who only answers.

The pages are made by a seeded generator: sentences of the VA pages under new titles, every page keeping mostly to one
subject, with made-up names and rare words whose frequencies fall as words' do. Questions are the open dialogues'
resident's turns. `python -m benchmarks.assistant_pages PAGES` makes another number of pages.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.table import report
from commonweal.services.assistant.engine import deciding, finding, open_data, parameters
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.passages import Page, passages_of

FOLDER = Path(os.environ.get("COMMONWEAL_OPEN_DATA", Path(__file__).parents[2] / "shared/data/assistant"))
PAGES = 100_000
AT_ONCE = 1_000
QUESTIONS = 150
_SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r", "s")]
_RARE_WORDS = 300_000
_OWN_SHARE, _RENAMED = 0.8, 0.04


def made_pages(count: int, seed: int = 6) -> Iterator[Page]:
    """Pages like the VA's in length and words, none the same as another; the id begins with the page it was made of."""
    chance = random.Random(seed)
    sources = [(page.id, page.title, passages_of(page)) for page in open_data.va_pages(FOLDER)]
    everything = [passage for _id, _title, passages in sources for passage in passages]
    for number in range(count):
        origin, title, passages = chance.choice(sources)
        parts = [f"# {_renamed(title, chance)} in {_rare_word(chance)}"]
        for own in passages:
            passage = own if chance.random() < _OWN_SHARE else chance.choice(everything)
            start = passage.sentences[0].start
            sentences = [passage.text[span.start - start : span.end - start] for span in passage.sentences]
            chance.shuffle(sentences)
            parts += [f"## {' '.join(passage.headings[-1:])}", _renamed(" ".join(sentences), chance)]
        yield Page(f"{origin}#{number}", parts[0].removeprefix("# "), "\n\n".join(parts))


def _renamed(text: str, chance: random.Random) -> str:
    return " ".join(_rare_word(chance) if chance.random() < _RENAMED else word for word in text.split(" "))


def _rare_word(chance: random.Random) -> str:
    """A made-up word; the n-th is about n times as rare as the first."""
    rank = int(_RARE_WORDS ** chance.random())
    word = ""
    while rank:
        rank, at = divmod(rank, len(_SYLLABLES))
        word += _SYLLABLES[at]
    return (word or "ba").capitalize()


def fill(path: Path, count: int) -> dict[str, float]:
    """Index so many pages in a file, telling how far it is."""
    index, pages, taken = Index(path), made_pages(count), 0.0
    for done in range(0, count, AT_ONCE):
        some = list(islice(pages, AT_ONCE))
        started = time.perf_counter()
        index.replace(some)
        taken += time.perf_counter() - started
        if (done + AT_ONCE) % 10_000 == 0:
            print(f"  indexed {done + AT_ONCE:,} of {count:,} pages in {taken:.0f} s", file=sys.stderr, flush=True)
    return {"seconds": taken, "passages": index.totals().passages, "memory": _memory()}


def ask(path: Path) -> dict[str, float]:
    """Answer the questions from the file; then change a page, and ask once more."""
    learnt = parameters.shipped()
    cases = [case.by_resident() for case in open_data.va(FOLDER).cases][:QUESTIONS]
    index = Index(path)

    def answered(at: int) -> float:
        started = time.perf_counter()
        deciding.answer(index, cases[at].turns, "en", learnt)
        return 1000 * (time.perf_counter() - started)

    first = answered(0)
    times = [answered(at) for at in range(len(cases))]
    found = [finding.find(index, case.turns, "en", learnt).pages()[0] for case in cases]
    right = [page.partition("#")[0] in case.gold for page, case in zip(found, cases, strict=True)]
    started = time.perf_counter()
    index.replace([Page(found[0], "Another title", "## New\n\nWords that are new.")])
    changed = 1000 * (time.perf_counter() - started)
    return {
        "first": first, "median": statistics.median(times), "p95": float(np.percentile(times, 95)), "most": max(times),
        "changed": changed, "after": answered(0), "memory": _memory(), "right": 100 * statistics.mean(right),
    }  # fmt: skip


def _memory() -> float:
    """The most that this process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(*arguments: str) -> dict[str, float]:
    """A step in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.assistant_pages", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main() -> int:
    """Fill, ask, and print."""
    what = sys.argv[1:2]
    if what == ["fill"]:
        print(json.dumps(fill(Path(sys.argv[2]), int(sys.argv[3]))))
        return 0
    if what == ["ask"]:
        print(json.dumps(ask(Path(sys.argv[2]))))
        return 0
    if "va" in open_data.missing(FOLDER):
        print("The VA pages and dialogues are needed; set COMMONWEAL_OPEN_DATA.", file=sys.stderr)
        return 1
    count = int(what[0]) if what else PAGES
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "words.sqlite3"
        filled = _apart("fill", str(file), str(count))
        asked = _apart("ask", str(file))
        size = file.stat().st_size / 1e6
    report(
        "assistant_pages",
        [
            (f"indexing {count:,} pages, {filled['passages']:,} passages", f"{filled['seconds']:.0f} s", "<= 1,800 s"),
            ("  the file", f"{size:,.0f} MB", ""),
            ("  memory of who indexes", f"{filled['memory']:.0f} MB", ""),
            ("answer, p50 / p95", f"{asked['median']:.0f} / {asked['p95']:.0f} ms", "p95 <= 500 ms"),
            ("  the slowest", f"{asked['most']:.0f} ms", ""),
            ("  the first of a process", f"{asked['first']:.0f} ms", ""),
            (f"made of the right page, the first of {QUESTIONS}", f"{asked['right']:.1f} %", ""),
            ("one page changed", f"{asked['changed']:.0f} ms", "<= 1 s"),
            ("  the next answer", f"{asked['after']:.0f} ms", ""),
            ("  memory of who answers", f"{asked['memory']:.0f} MB", ""),
        ],
        ours=asked["p95"],
        unit="ms an answer, p95",
        goal=500,
        peer=None,
        peer_name="",
        conditions=f"{count:,} made pages, no model, one process on one core",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
