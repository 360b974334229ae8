"""The rewriting checker drops what changes the meaning and lets an honest rewrite pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.services.assistant.engine.checking import check, checked

RULE = "If you live in the town, you must submit the form within 30 days to the housing office."


@pytest.mark.parametrize(
    "rewritten",
    [
        RULE,
        "You must send the form within 30 days to the housing office if you live in the town.",
        "You have to send the form within 30 days to the housing office, if you live in the town.",
    ],
)
def test_an_honest_rewrite_passes(rewritten: str) -> None:
    assert check(rewritten, [RULE], "en").passes


@pytest.mark.parametrize(
    "rewritten",
    [
        RULE.replace("30", "20"),
        RULE.replace("must", "may"),
        RULE.replace("must", "must not"),
        RULE.replace("If", "Unless"),
        RULE.replace("within", "after"),
        RULE.replace("housing", "tax"),
        "You must submit the form within 30 days to the housing office.",
        "If the town lives in you, you must submit the form within 30 days to the housing office.",
        RULE.replace("the form", "the form at https://example.org/pay"),
        RULE.replace(".", " and £10."),
    ],
)
def test_a_changed_meaning_is_dropped(rewritten: str) -> None:
    verdict = check(rewritten, [RULE], "en")
    assert not verdict.passes
    assert verdict.reasons


def test_a_language_without_a_list_passes_only_word_for_word() -> None:
    assert check("신청하세요.", ["신청하세요."], "ko").passes
    assert not check("신청합니다.", ["신청하세요."], "ko").passes


def test_only_the_sentences_that_match_are_shown() -> None:
    text = "You must send the form within 30 days to the housing office if you live in the town. It costs £5."
    assert checked(text, [RULE], "en") == (text.split(" It", maxsplit=1)[0],)


@given(st.text(max_size=80))
def test_nothing_passes_without_a_source(text: str) -> None:
    assert not check(text, [], "en").passes


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_invented_number_passes(right: int, invented: int) -> None:
    source = f"The fee is {right} euros."
    assert check(f"The fee is {invented} euros.", [source], "en").passes == (right == invented)
