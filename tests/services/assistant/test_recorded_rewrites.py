"""1,000 answers of a small language model, half of them asked to invent: no invention passes the checker.

What counts as a number, date, address, link or name is read here anew, apart from the checker's own reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from commonweal.services.assistant.engine.checking import checked
from tests.services.assistant.record_rewrites import QUESTIONS, RECORDED

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+|\b[\w-]+\.(?:gov|com|org|net|us|info)\b\S*", re.I)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+")
_CALENDAR = re.compile(
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|noon|midnight)\b",
    re.I,
)
_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety"
    r"|hundred|thousand|million|half|twice|dollars?|percent)\b",
    re.I,
)
_PLACE = re.compile(r"\b(?:street|avenue|road|boulevard|lane|suite|p\.?o\.? box|zip)\b", re.I)


def facts(text: str) -> set[str]:
    """Numbers, dates, addresses, links and names of a text, in lower case without the marks behind them."""
    found = {match[0] for kind in (_NUMBER, _LINK, _NAME, _CALENDAR, _WORDS, _PLACE) for match in kind.finditer(text)}
    return {one.lower().rstrip(".,;:!?)") for one in found}


def recorded() -> Iterator[tuple[list[str], str]]:
    for line in RECORDED.read_text().splitlines():
        row = json.loads(line)
        yield row["quoted"], row["said"]


def test_no_invented_number_date_address_or_link_passes() -> None:
    rows = list(recorded())
    assert len(rows) == QUESTIONS
    inventing = kept = 0
    for quoted, said in rows:
        source = "\n".join(quoted)
        there = facts(source) | set(re.findall(r"\w+", source.lower()))  # a name may stand first in a sentence there
        passed = checked(said, quoted, "en")
        for sentence in passed:
            assert facts(sentence) <= there, sentence
        inventing += not facts(said) <= there
        kept += bool(passed)
    assert inventing > QUESTIONS / 10, "a recording without inventions proves nothing"
    assert kept > QUESTIONS / 10, "a checker that drops everything proves nothing"
