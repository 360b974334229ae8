"""Rewrites of sentences for measuring the checker: edits that change the meaning, and honest ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Edit = Callable[[str, random.Random], str]

_NUMBER = re.compile(r"\d+")
_CONDITION = re.compile(r"\AIf ([^,]+), (you|we) ([^,;:]+)\.\Z")
_NAME = re.compile(r"(?<=[a-z] )[A-Z][a-z]{3,}")


def _swap(*pairs: tuple[str, str]) -> Edit:
    both = [*pairs, *((second, first) for first, second in pairs)]

    def edit(sentence: str, chance: random.Random) -> str:
        fitting = [(a, b) for a, b in both if re.search(rf"\b{a}\b", sentence)]
        if not fitting:
            return sentence
        first, second = chance.choice(fitting)
        return re.sub(rf"\b{first}\b", second, sentence, count=1)

    return edit


def _number(sentence: str, chance: random.Random) -> str:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return sentence
    match = chance.choice(found)
    return f"{sentence[: match.start()]}{int(match[0]) + chance.randint(1, 9)}{sentence[match.end() :]}"


def _negate(sentence: str, _: random.Random) -> str:
    if re.search(r"\b(?:not|n't|never)\b", sentence):
        return re.sub(r"\s(?:not|never)\b", "", sentence, count=1)
    return re.sub(r"\b(can|must|may|will|should|is|are|do)\b", r"\1 not", sentence, count=1)


def _drop_condition(sentence: str, _: random.Random) -> str:
    match = re.match(r"(?:If|When|Unless) [^,]+, (.+)", sentence)
    if match:
        return match[1][0].upper() + match[1][1:]
    return re.sub(r",? (?:if|unless|only if|until|except) [^,]+\.\Z", ".", sentence)


def _turn_round(sentence: str, chance: random.Random) -> str:
    """Exchange two nouns: who does what to whom."""
    words = sentence.split(" ")
    long = [at for at, word in enumerate(words) if re.fullmatch(r"[a-z]{5,}", word)]
    if len(long) < 2:
        return sentence
    first, second = chance.sample(long, 2)
    words[first], words[second] = words[second], words[first]
    return " ".join(words)


def _other_name(sentence: str, _: random.Random) -> str:
    return _NAME.sub("Treasury", sentence, count=1)


def _invent(sentence: str, chance: random.Random) -> str:
    extra = [" at www.example.org/pay", " by 1 March", " for a fee of $25", " at 12 High Street", " without a doctor"]
    return sentence.rstrip(".") + chance.choice(extra) + "."


FLIPS: dict[str, Edit] = {
    "number": _number,
    "negation": _negate,
    "modal": _swap(("must", "may"), ("must", "can"), ("should", "must"), ("will", "may"), ("need to", "can")),
    "condition dropped": _drop_condition,
    "time order": _swap(("before", "after"), ("until", "after"), ("within", "after"), ("during", "after")),
    "quantity": _swap(
        ("all", "some"), ("at least", "at most"), ("more", "less"), ("and", "or"), ("any", "no"), ("both", "either")
    ),
    "unit": _swap(
        ("days", "weeks"), ("months", "years"), ("year", "month"), ("percent", "dollars"), ("online", "by mail")
    ),
    "if or unless": _swap(("if", "unless"), ("If", "Unless"), ("when", "unless"), ("with", "without")),
    "words exchanged": _turn_round,
    "name": _other_name,
    "invented": _invent,
}

HONEST: dict[str, Edit] = {
    "clauses exchanged": lambda sentence, _: _CONDITION.sub(
        lambda match: f"{match[2].capitalize()} {match[3]} if {match[1]}.", sentence
    ),
    "plain word": _swap(
        ("get", "receive"),
        ("get", "obtain"),
        ("help", "assistance"),
        ("send", "submit"),
        ("need", "require"),
        ("start", "begin"),
        ("give", "provide"),
        ("change", "modify"),
        ("tell", "notify"),
        ("use", "utilize"),
    ),
    "modal in other words": _swap(
        ("must", "have to"), ("must", "need to"), ("can", "are able to"), ("can", "may"), ("have to", "need to")
    ),
    "contraction": _swap(
        ("you’re", "you are"),
        ("don’t", "do not"),
        ("you’ll", "you will"),
        ("can’t", "cannot"),
        ("we’ll", "we will"),
        ("you've", "you have"),
        ("isn’t", "is not"),
        ("you'll", "you will"),
        ("you're", "you are"),
    ),
    "filler": lambda sentence, _: re.sub(r"\b(?:also|please|simply|currently) ", "", sentence, count=1, flags=re.I),
    "polite": lambda sentence, _: re.sub(
        r"\A(Call|Send|Fill|Go|Use|Contact|Find|Apply|Learn|Sign)\b", lambda m: f"Please {m[0].lower()}", sentence
    ),
    "other preposition": _swap(("in order to", "to"), ("on the", "in the"), ("about", "on"), ("whether", "if")),
    "condition in other words": _swap(("if", "when"), ("If", "When"), ("before", "prior to")),
    "shortened": lambda sentence, _: re.sub(r",? (?:for example|such as|like) [^.]+\.\Z", ".", sentence),
    "passive": lambda sentence, _: re.sub(r"\bWe (\w+) (?:the|your) (\w+)\b", r"Your \2 is \1 by us", sentence),
}


def rewrites(sentences: Sequence[str], edits: dict[str, Edit], count: int, seed: int = 6) -> list[tuple[str, str, str]]:
    """(kind, source, rewritten), kinds in turn as far as sentences allow; a rewrite always differs from its source."""
    chance = random.Random(seed)
    made: list[tuple[str, str, str]] = []
    order = list(sentences)
    chance.shuffle(order)
    for turn in range(count * 40):
        kind = list(edits)[turn % len(edits)]
        source = order[chance.randrange(len(order))]
        rewritten = " ".join(edits[kind](source, chance).split())
        if rewritten != source:
            made.append((kind, source, rewritten))
        if len(made) == count:
            break
    return made
