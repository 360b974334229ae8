"""Emergency and safeguarding are seen before any search, in four languages."""

from __future__ import annotations

import pytest

from commonweal.services.assistant.engine.safety import alarm
from tests.services.assistant.alarm_sentences import ALARMS, ORDINARY, lines


@pytest.mark.parametrize("language", ALARMS)
def test_alarms_are_caught(language: str) -> None:
    said = lines(ALARMS[language])
    missed = [sentence for sentence in said if alarm(sentence) is None]
    assert len(missed) <= 0.02 * len(said), missed


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_questions_raise_no_alarm(language: str) -> None:
    assert [sentence for sentence in lines(ORDINARY[language]) if alarm(sentence)] == []


def test_kind_is_told() -> None:
    assert alarm("I want to die").kind == "self_harm"
    assert alarm("Il y a le feu !").kind == "emergency"
    assert alarm("Mi marido me pega").kind == "violence"
    assert alarm("الجيران يضربون أطفالهم").kind == "child"


def test_marks_case_and_spaces_make_no_difference() -> None:
    assert alarm("J'AI ETE   VIOLEE")
    assert alarm("j’ai été violée")


def test_a_harmless_phrase_does_not_hide_an_alarm_beside_it() -> None:
    assert alarm("Where do I buy a smoke alarm?") is None
    assert alarm("The smoke alarm rings and the kitchen is on fire").kind == "emergency"
