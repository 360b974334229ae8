"""The rewriting checker: a rewritten sentence passes only if one quoted sentence says the same, else it is dropped.

It reads form, not meaning, and so errs towards dropping. A sentence passes when, against one source sentence:
numbers, dates, links and addresses stand beside the same words; names are the same; negations, modals, conditions,
quantities and comparisons are the same; every other word is in the source or is its listed plain equivalent; no telling
word of the source is missing; and within each clause the words keep their order (who does what to whom).
In a language without a word list only verbatim sentences pass.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.passages import sentences

FILE = Path(__file__).with_name("checking_words.json")
_TOKEN = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)/[\w-]+(?:/[\w-]*)+"
    r"|[$€£¥]?\s?\d[\d.,:/\u00a0-]*\d\s?%?|[$€£¥]?\d\s?%?|[^\W\d_]+(?:['’-][^\W\d_]+)*\d*|[,;:()—–]"
)
_CLAUSE_MARKS = frozenset(",;:()—–،؛")


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence may be shown; `reasons` says what did not match the closest source sentence."""

    passes: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Lexicon:
    critical: dict[str, str]
    """Word -> its class, such as "not" or "must"."""
    silent: frozenset[str]
    """Words that may come and go."""
    equivalents: dict[str, str]
    breaks: frozenset[str]
    """Classes that open a clause."""


@dataclass(frozen=True)
class _Read:
    """A sentence taken apart: critical words by class, exact tokens with their neighbours, clauses of content words."""

    critical: Counter[str]
    exact: Counter[str]
    beside: frozenset[tuple[str, str]]
    bound: frozenset[tuple[str, str]]
    clauses: tuple[tuple[str, ...], ...]

    @property
    def content(self) -> Counter[str]:
        return Counter(word for clause in self.clauses for word in clause)


def check(sentence: str, sources: Sequence[str], language: str) -> Verdict:
    """Whether a rewritten sentence says what one of the source sentences says."""
    if any(_bare(sentence) == _bare(source) for source in sources):
        return Verdict(True)
    lexicon = _lexicon(language.partition("-")[0].lower())
    if lexicon is None:
        return Verdict(False, ("not verbatim, in a language without a word list",))
    read = _read(sentence, language, lexicon)
    reasons = [_differences(read, _read(source, language, lexicon)) for source in sources if source.strip()]
    if not reasons:
        return Verdict(False, ("no source",))
    closest = min(reasons, key=len)
    return Verdict(not closest, tuple(closest))


def checked(text: str, quoted: Iterable[str], language: str) -> tuple[str, ...]:
    """The sentences of a rewritten text that may be shown, in order; `quoted` are the spans it was made from."""
    sources = [span.of(quote) for quote in quoted for span in sentences(quote)]
    said = [span.of(text) for line in text.split("\n") for span in sentences(line) for text in (line,)]
    return tuple(sentence for sentence in said if check(sentence, sources, language).passes)


def _differences(read: _Read, source: _Read) -> list[str]:
    found = []
    if read.exact != source.exact:
        found.append("numbers, links or addresses differ")
    elif not read.beside <= source.beside:
        found.append("a number stands beside another word")
    changed = (read.critical - source.critical) + (source.critical - read.critical)
    found += [f"{name} differs" for name in sorted(changed)]
    if not read.bound <= source.bound:
        found.append("a negation, modal or condition stands beside another word")
    content, said = read.content, source.content
    found += [f"adds {word}" for word in sorted(set(content) - set(said))]
    found += [f"leaves out {word}" for word in sorted(set(said) - set(content))]
    order = {word: at for at, word in reversed(list(enumerate(w for clause in source.clauses for w in clause)))}
    for clause in read.clauses:
        places = [order[word] for word in clause if said.get(word) == 1 and content[word] == 1]
        if places != sorted(places):
            found.append("the words of a clause change places")
            break
    return found


def _read(sentence: str, language: str, lexicon: _Lexicon) -> _Read:
    critical: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    beside: set[tuple[str, str]] = set()
    bound: set[tuple[str, str]] = set()
    clauses: list[list[str]] = [[]]
    number = opened = ""
    for word in _words(sentence, lexicon):
        if word in _CLAUSE_MARKS:
            clauses.append([])
            number = ""
            continue
        name = lexicon.critical.get(word)
        if name:
            critical[name] += 1
            if name in lexicon.breaks:
                clauses.append([])
            opened, number = name, ""
        elif any(character.isdigit() for character in word) or "@" in word or "/" in word:
            value = _value(word)
            exact[value] += 1
            if opened:
                bound.add((opened, value))
            number, opened = value, ""
        elif word not in lexicon.silent:
            stem = _stem(lexicon.equivalents.get(word, word), language)
            clauses[-1].append(stem)
            if number:
                beside.add((number, stem))
            if opened:
                bound.add((opened, stem))
            number = opened = ""
    return _Read(
        critical, exact, frozenset(beside), frozenset(bound), tuple(tuple(clause) for clause in clauses if clause)
    )


def _words(sentence: str, lexicon: _Lexicon) -> list[str]:
    """Tokens in lower case, contractions taken apart, phrases of the lists joined by a space."""
    text = sentence.replace("’", "'").replace("،", ",").replace("؛", ";")
    text = re.sub(r"[\u064b-\u0652\u0640]", "", text)
    tokens: list[str] = []
    for match in _TOKEN.finditer(text):
        word = match[0].strip().lower()
        tokens += _contraction(word)
    joined: list[str] = []
    at = 0
    while at < len(tokens):
        for length in (4, 3, 2):
            phrase = " ".join(tokens[at : at + length])
            if len(tokens) - at >= length and (
                phrase in lexicon.critical or phrase in lexicon.equivalents or phrase in lexicon.silent
            ):
                joined.append(phrase)
                at += length
                break
        else:
            joined.append(tokens[at])
            at += 1
    return joined


def _contraction(word: str) -> list[str]:
    if word.endswith("n't") or word == "cannot":
        return [{"ca": "can", "cannot": "can", "wo": "will"}.get(word.removesuffix("n't"), word[:-3]), "not"]
    for ending, whole in (("'re", "are"), ("'ll", "will"), ("'ve", "have"), ("'d", "would"), ("'m", "am")):
        if word.endswith(ending):
            return [word.removesuffix(ending), whole]
    match = re.fullmatch(r"(l|d|n|s|c|j|m|t|qu|jusqu|lorsqu|puisqu)'(.+)", word)
    if match:
        return [{"n": "ne", "qu": "que"}.get(match[1], match[1]), match[2]]
    return [word]


def _value(word: str) -> str:
    """A number or link in one form: no space inside, no mark behind."""
    return re.sub(r"\s", "", word).rstrip(".,:-")


def _stem(word: str, language: str) -> str:
    return " ".join(analyse(word, language).folded)


def _bare(sentence: str) -> str:
    return " ".join(sentence.split()).rstrip(" .")


@cache
def _lexicon(language: str) -> _Lexicon | None:
    data = json.loads(FILE.read_text()).get(language)
    if data is None:
        return None
    critical = {word: name for name, words in data["critical"].items() for word in words}
    equivalents = {word: plain for plain, words in data["equivalents"].items() for word in words}
    return _Lexicon(critical, frozenset(data["silent"]), equivalents, frozenset(data["breaks"]))
