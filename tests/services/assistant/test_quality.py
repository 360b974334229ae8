"""The town's own guidance: right page, right sentence, and silence where it says nothing (shipped parameters)."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from commonweal.services.assistant.engine.deciding import Decision, answer
from commonweal.services.assistant.engine.finding import Turn, find
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.marks import with_marks
from commonweal.services.assistant.engine.parameters import shipped
from commonweal.services.assistant.engine.passages import Page
from commonweal.services.assistant.guidance import engine_page
from commonweal.services.assistant.publishing.folder import read_folder
from tests.services.assistant.town_questions import OFF_SUBJECT, PAGES, SENTENCES, UNANSWERED, rows

GUIDANCE = Path(__file__).parents[3] / "commonweal/services/assistant/demo_guidance"


@pytest.fixture(scope="module")
def town() -> Index:
    index = Index()
    index.replace(engine_page(page) for page in read_folder(GUIDANCE) if page.language == "en")  # type: ignore[arg-type]
    return index


def ask(town: Index, *said: str) -> Decision:
    return answer(town, [Turn("user", text) for text in said], "en", shipped())


def quoted(decision: Decision) -> str:
    if not decision.quotations:
        return ""
    (quotation,) = decision.quotations
    passage, start = quotation.passage, quotation.passage.sentences[0].start
    return passage.text[quotation.spans[0].start - start : quotation.spans[-1].end - start]


def test_finds_the_page(town: Index) -> None:
    asked = [(row[0], row[1]) for row in (*rows(SENTENCES), *rows(PAGES))]
    found = [find(town, [Turn("user", question)], "en", shipped()).pages() for question, _ in asked]
    wrong = [question for (question, page), pages in zip(asked, found, strict=True) if pages[:1] != [page]]
    assert len(wrong) <= 4, wrong


@pytest.mark.parametrize("said", ["who are you", "Who is it?", "How are you?", "thanks", "What do I have to do?", "?!"])
def test_a_first_question_without_a_subject_is_not_answered(town: Index, said: str) -> None:
    assert not ask(town, said).quotations
    assert ask(town, "How much is a parking permit for residents?", "What do I have to do for it?").chance > 0


def test_quotes_the_sentence(town: Index) -> None:
    wrong = [question for question, _, words in rows(SENTENCES) if words not in quoted(ask(town, question))]
    assert len(wrong) <= 5, wrong
    assert "45 euros a year" in quoted(ask(town, "How much is a parking permit for residents?"))


def test_is_silent_where_the_town_says_nothing(town: Index) -> None:
    answered = [question for (question,) in rows(UNANSWERED) if ask(town, question).quotations]
    assert len(answered) <= 2, answered


def test_the_history_does_not_carry_a_question_that_leaves_the_subject(town: Index) -> None:
    answered = [said[-1] for said in rows(OFF_SUBJECT) if ask(town, *said).quotations]
    assert len(answered) <= 2, answered
    assert not ask(town, *rows(OFF_SUBJECT)[0]).quotations


def test_a_question_that_goes_on_with_the_subject_is_answered(town: Index) -> None:
    silent = [said[1] for said in rows(OFF_SUBJECT) if not ask(town, *said[:2]).quotations]
    assert len(silent) <= 3, silent


def test_a_question_on_another_subject_finds_its_own_page(town: Index) -> None:
    asked = [(row[0], row[1]) for row in (*rows(SENTENCES), *rows(PAGES))]
    found, before = [], asked[-1]
    for question, page in asked[::-1]:
        if before[1] != page:
            turns = [Turn("user", before[0]), Turn("user", question)]
            found.append(find(town, turns, "en", shipped()).pages()[0] == page)
        before = question, page
    assert sum(found) >= 0.75 * len(found)


def test_a_short_turn_still_follows_the_subject(town: Index) -> None:
    (one, two, _), answers = rows(OFF_SUBJECT)[0], ("45 euros",)
    assert answers[0] in quoted(ask(town, one, two))


@pytest.mark.parametrize(
    ("language", "question"), [("fr", "j'ai perdu ma carte d'identité"), ("es", "perdí mi carné de identidad")]
)
def test_marks_may_be_left_out(language: str, question: str) -> None:
    index = Index()
    index.replace(engine_page(page) for page in read_folder(GUIDANCE) if page.language == language)  # type: ignore[arg-type]
    bare = "".join(c for c in unicodedata.normalize("NFD", question) if not unicodedata.combining(c))
    marked, unmarked = (answer(index, [Turn("user", text)], language, shipped()) for text in (question, bare))
    assert unmarked == marked
    assert find(index, [Turn("user", bare)], language, shipped()).pages()[0] == "lost-identity-card"


def test_only_whole_words_get_marks_back() -> None:
    index = Index()
    index.replace([Page("card", "La carte", "La carte d'identité et l'activité.", "fr")])
    (turn,) = with_marks(index, [Turn("user", "réactivite, identite, carte")], "fr")
    assert turn.text == "réactivite, identité, carte"
