"""What each threshold would mean, from what officers judged and from the test questions as they come out now."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from commonweal.services.assistant import answering, models
from commonweal.services.assistant.values import Point, Tried

STEPS = tuple(round(step * 0.05, 2) for step in range(1, 20))  # thresholds of the curve
NORMAL_95 = 1.96  # standard deviations that hold 95 of 100


def curve(questions: Sequence[Tried], also: Sequence[float] = ()) -> tuple[list[Point], int]:
    """For each threshold, how much would be answered and how often wrongly; and how many judgements stand behind it.

    Of an answer that was not given it is not known which page it would have quoted: it counts only where no page
    answers. A test question counts always, as it is asked anew. What was reckoned with other models does not count.
    """
    mode = answering.mode_in_force()
    rows = models.Judgement.objects.filter(mode=mode).values_list("chance", "quoted", "verdict")
    known = [(chance, verdict == "answers", verdict != "none") for chance, quoted, verdict in rows
             if quoted or verdict == "none"]  # fmt: skip
    known += [(0.0 if asked.held else asked.chance, asked.finds_it, bool(asked.expected))
              for asked in questions if asked.mode == mode]  # fmt: skip
    return [_point(known, threshold) for threshold in sorted({*STEPS, *also})], len(known)


def _point(known: Sequence[tuple[float, bool, bool]], threshold: float) -> Point:
    shown = [(right, answerable) for chance, right, answerable in known if chance >= threshold]
    possible = sum(answerable for _chance, _right, answerable in known)
    covered, wrong = sum(answerable for _right, answerable in shown), sum(not right for right, _answerable in shown)
    return Point(
        threshold, covered / possible if possible else 0.0, wrong / len(shown) if shown else 0.0, len(shown), wrong,
        *_between(wrong, len(shown)),
    )  # fmt: skip


def _between(times: int, of: int) -> tuple[float, float]:
    """Where the true share lies, 95 times of 100 (Wilson 1927; Brown, Cai and DasGupta 2001, for few of them)."""
    if not of:
        return 0.0, 1.0
    share, square = times / of, NORMAL_95**2
    middle, spread = share + square / (2 * of), NORMAL_95 * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of)), min(1.0, (middle + spread) / (1 + square / of))
