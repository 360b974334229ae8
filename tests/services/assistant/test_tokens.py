"""Token vectors: kept for each passage's text, read only for that text; a page that has every word's meaning wins."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from commonweal.services.assistant.engine.finding_nearness import nearness_of
from commonweal.services.assistant.engine.finding_pages import bags_of
from commonweal.services.assistant.engine.finding_tokens import compared
from commonweal.services.assistant.engine.finding_words import Turn, words_of, worth_of
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.meaning import Meanings, TextTokens
from commonweal.services.assistant.engine.models import Tokens
from commonweal.services.assistant.engine.passages import Page
from commonweal.services.assistant.engine.tokens import TokenVectors

PAGES = {
    "graves": "# Graves\n\nA burial plot is rented for twenty years.",
    "permits": "# Permits\n\nA permit has a price of forty.",
    "pools": "# Pools\n\nThe pool is open every day.",
}
SAME = {"cost": "price", "grave": "burial"}
VOCABULARY: dict[str, int] = {}


def tokens_of(text: str) -> Tokens:
    """A model that knows some words of the same meaning."""
    found = [(at, word) for at, word in enumerate(text.lower().replace(".", " ").replace("?", " ").split())]
    vectors = np.zeros((len(found), 64), np.int8)
    spans, start = [], 0
    for at, word in found:
        start = text.lower().index(word, start)
        spans.append((start, start + len(word)))
        meaning = SAME.get(word, word)
        vectors[at, VOCABULARY.setdefault(meaning, len(VOCABULARY))] = 127
    return Tokens(np.array(spans), vectors)


@pytest.fixture
def index() -> Index:
    index = Index()
    index.replace(Page(name, "", text) for name, text in PAGES.items())
    return index


def store(path: Path | None = None) -> TokenVectors:
    model: Any = SimpleNamespace(tokens=tokens_of)
    return TokenVectors(model, path)


def test_tokens_are_kept_beside_the_text_they_stand_for(index: Index, tmp_path: Path) -> None:
    store(tmp_path / "tokens").fill(index)
    kept, digests = store(tmp_path / "tokens"), index.digests_of_rows()
    row = int(np.flatnonzero(digests)[0])
    found = kept.of(row, int(digests[row]))
    assert found is not None
    assert found.shape[1] == 64
    assert kept.of(row, int(digests[row]) + 1) is None
    assert kept.of(len(digests) + 5, 1) is None


def test_the_page_that_meets_the_words_in_their_meaning_comes_first(index: Index) -> None:
    kept, question = store(), "Grave?"
    dialogue = [Turn("user", question)]
    words = words_of(index, dialogue, "en")
    near = nearness_of(bags_of(index, words, Meanings({}, {})), words.last, words, {})
    assert near is not None
    asked = {
        name: TextTokens(question, tokens_of(question), kept, index.digests_of_rows()) for name in ("minilm", "e5")
    }
    unmade = compared(near, asked, words.last, words)
    assert list(unmade.ranking) == list(near.ranking), "without tokens of the passages nothing moves"
    assert not unmade.met
    kept.fill(index)
    moved = compared(near, asked, words.last, words)
    right = index.numbers_of_pages(["graves"])["graves"]
    gained = moved.ranking - near.ranking
    assert near.pages[gained.argmax()] == right
    assert moved.met["e5"][gained.argmax()] == pytest.approx(1)
    by_one = compared(near, {"e5": asked["e5"]}, words.last, words)
    assert max(by_one.ranking - near.ranking) < max(gained), "each model has its say"


def test_a_token_is_worth_what_its_word_is(index: Index) -> None:
    text = "is the burial"
    words = words_of(index, [Turn("user", text)], "en")
    worth = worth_of(text, np.array([(0, 2), (2, 6), (6, 13), (13, 14)]), words.last, words)
    assert worth[2] == words.rarity["burial"] > 0, "also with the space before it, as E5's tokens have it"
    assert worth[0] < worth[2]
    assert worth[3] == 0
