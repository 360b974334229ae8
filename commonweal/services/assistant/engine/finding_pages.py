"""Which pages a question is compared with: those that its words and the models name, beside the sample.

Without this every question would read every passage: at 100,000 pages that takes seconds.
"""

from __future__ import annotations

import numpy as np

from commonweal.services.assistant.engine.bags import Bags
from commonweal.services.assistant.engine.finding_words import Words
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.meaning import Meanings

_MOST_PAGES, _MOST_PASSAGES = 200, 300


def bags_of(index: Index, words: Words, meanings: Meanings) -> Bags:
    """The bags of the sample and of the pages likeliest by the last turn or by the whole dialogue, asking for the
    words that somebody said."""
    numbers = [word.number for word in words.known.values()]
    bags = index.sample().asking(numbers)
    if bags.sampled == words.totals.pages:
        return bags
    likely = _by_words(index, words) | _by_meaning(index, meanings)
    return bags.and_also(index.bags(sorted(likely - set(bags.pages.tolist()))).asking(numbers))


def _by_words(index: Index, words: Words) -> set[int]:
    views = (words.last, words.ever())
    scores = np.zeros((len(views), index.last_page() + 1), np.float32)
    for word, known in words.known.items():
        pages, worth = index.pages_with(known.number)
        for view, said in zip(scores, views, strict=True):
            if word in said:
                view[pages] += np.float32(said[word] * words.rarity[word]) * worth
    most = min(_MOST_PAGES, scores.shape[1])
    likely: list[int] = np.argpartition(-scores, most - 1)[:, :most].ravel().tolist()
    return set(likely)


def _by_meaning(index: Index, meanings: Meanings) -> set[int]:
    likely: set[int] = set()
    for meaning in (meaning for of in meanings.of.values() for meaning in of):
        far = -np.nan_to_num(meaning.passages, nan=-1.0)
        nearest = np.argpartition(far, min(_MOST_PASSAGES, len(far) - 1))[:_MOST_PASSAGES]
        likely.update(index.pages_of_rows()[nearest].tolist())
    return likely - {0}
