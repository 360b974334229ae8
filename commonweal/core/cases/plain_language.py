"""Whether a text is plain enough for everyone: short sentences, short words, nothing officialese.

The limits follow common plain-language guidance: at most 25 words in a sentence, 15 on average. For English texts; the
translations of one that passes follow docs/translating.md.
"""

from __future__ import annotations

import re

LONGEST_SENTENCE = 25
LONGEST_AVERAGE = 15
LONGEST_WORD = 14
OFFICIALESE = frozenset(
    "aforementioned hereby herein herewith heretofore hereinafter notwithstanding pursuant thereof therein thereto "
    "whereas utilise utilize commence terminate endeavour facilitate forthwith henceforth".split()
)


def complaints(text: str) -> list[str]:
    """What makes `text` hard to read, in words; empty when it is plain."""
    sentences = [words for part in re.split(r"[.!?]+\s|[.!?]+$|\n", text) if (words := re.findall(r"[\w'’-]+", part))]
    found = [
        f"{len(words)} words in one sentence, at most {LONGEST_SENTENCE}: {' '.join(words[:6])} ..."
        for words in sentences
        if len(words) > LONGEST_SENTENCE
    ]
    everything = [word for words in sentences for word in words]
    if sentences and len(everything) / len(sentences) > LONGEST_AVERAGE:
        found.append(
            f"{len(everything) / len(sentences):.0f} words in a sentence on average, at most {LONGEST_AVERAGE}"
        )
    found += [f"a long word: {word}" for word in everything if len(word) > LONGEST_WORD]
    return found + [f"officialese: {word}" for word in everything if word.lower() in OFFICIALESE]
