"""Pages are cut, indexed, found and quoted word for word; a question without an answer gets none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.identity.actors import the_node
from commonweal.services.assistant import search
from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.deciding import Agency, Outcome, answer
from commonweal.services.assistant.engine.finding import Turn, find
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.parameters import shipped
from commonweal.services.assistant.engine.passages import MOST_WORDS, Page, passages_of, word_count
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES

BINS = Page(
    "bins",
    "Bins and recycling",
    "## Missed collection\n\nReport a missed bin within **2 working days**. We come back by Friday.\n\n"
    "## Garden waste\n\nA garden waste bin costs £48 a year. [Order a bin](/bins/order).\n",
)
BUS = Page(
    "bus",
    "Free bus pass",
    "<h2 id='who'>Who can get a bus pass</h2><p>You can get a free bus pass if you are 65 or older.</p>"
    "<script>ignore()</script><h2>How to apply</h2><p>Send a photo and proof of age to the transport office.</p>",
    format="html",
)
LIBRARY = Page("library", "Libraries", "## Opening hours\n\nThe library is open from 9 to 17.\n")
TOWN = (BINS, BUS, LIBRARY)


@pytest.fixture
def index() -> Index:
    index = Index()
    index.replace(TOWN)
    return index


def ask(index: Index, *said: str, language: str = "en") -> list[str]:
    return find(index, [Turn("user", text) for text in said], language, shipped()).pages()


def test_a_page_that_went_leaves_no_word_behind(index: Index) -> None:
    index.replace([Page("gone", "Gone", "## Bins\n\nA bin that nobody collected. A zyx.")])
    index.replace([Page("bins", BINS.title, "Nothing yet."), BINS])
    index.remove("gone")
    fresh = Index()
    fresh.replace([BUS, LIBRARY, BINS])
    words = {word for page in TOWN for word in analyse(page.readable().text, "en").folded} | {"zyx", "gone", "noth"}
    assert index.totals() == fresh.totals()
    assert index.words(words).keys() == fresh.words(words).keys()
    for word, known in index.words(words).items():
        other = fresh.words([word])[word]
        assert (known.lead, known.whole) == (other.lead, other.whole), word
        ours, theirs = index.pages_with(known.number), fresh.pages_with(other.number)
        assert sorted(ours[1].tolist()) == sorted(theirs[1].tolist()), word
        assert set(index.bags(ours[0].tolist()).pages.tolist()) == set(ours[0].tolist()), "all of these pages are there"


def test_among_many_pages_the_likeliest_are_compared_and_the_right_one_comes_first(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.replace(Page(f"street-{n}", f"Street {n}", f"## Works\n\nThe bus stops at number {n}.") for n in range(60))
    questions = ["When is the library open?", "How do I apply for a bus pass?", "What does a garden waste bin cost?"]
    before = [ask(index, question)[0] for question in questions]
    assert before == ["library", "bus", "bins"]
    monkeypatch.setattr("commonweal.services.assistant.engine.index._SAMPLE", 8)
    monkeypatch.setattr("commonweal.services.assistant.engine.finding_pages._MOST_PAGES", 3)
    index.replace(TOWN)  # a change: the sample is drawn anew
    assert [ask(index, question)[0] for question in questions] == before
    assert len(ask(index, questions[0])) < 20
    looked = find(index, [Turn("user", questions[1])], "en", shipped()).look
    assert looked is not None
    usual = set(looked.last.rows[looked.last.typical].tolist())
    assert usual == set(index.sample().rows.tolist()), "what is usual is learnt from the sample, not from the likeliest"
    assert len(usual) < len(looked.last.rows) < index.totals().passages


def test_a_page_without_text_is_no_page_to_find(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index.replace([Page("empty", "Bus pass", "")])
    assert ask(index, "Who can get a bus pass?")[0] == "bus"
    monkeypatch.setattr("commonweal.services.assistant.engine.index._SAMPLE", 3)
    index.replace([Page("void", "Bus pass", "{{ x }}")])
    assert "empty" not in ask(index, "Who can get a bus pass?")
    assert ask(Index(), "Who can get a bus pass?") == []


def test_passages_know_their_headings_and_anchor() -> None:
    missed, garden = passages_of(BINS)
    assert (missed.headings, missed.anchor) == (("Missed collection",), "missed-collection")
    assert garden.text == "A garden waste bin costs £48 a year. Order a bin."
    assert passages_of(BUS)[0].anchor == "who"


@given(
    st.lists(st.sampled_from(["## A b", "Ünï cödé. Next one!", "- item", "<p>x</p>", "今日は。明日", "{{ x }}", ""]))
)
def test_every_sentence_is_a_verbatim_span_of_the_readable_text(parts: list[str]) -> None:
    page = Page("p", "t", "\n\n".join(parts))
    text = page.readable().text
    for passage in passages_of(page):
        assert word_count(passage.text) <= MOST_WORDS or len(passage.sentences) == 1
        for span in passage.sentences:
            start, end = span.bytes_of(text)
            assert text.encode()[start:end].decode() == span.of(text)
            assert span.of(text) in passage.text


def test_finds_by_words_in_other_forms(index: Index) -> None:
    assert ask(index, "my bin collections were missed")[0] == "bins"
    assert ask(index, "when do libraries open")[0] == "library"


def test_the_history_carries_a_short_turn_but_not_into_another_subject(index: Index) -> None:
    assert ask(index, "I want a bus pass", "how do I apply?")[0] == "bus"
    five = ["garden waste bin price", "and a missed bin?", "is it every week?", "which bin for glass?", "thanks"]
    assert ask(index, *five, "who can get a free bus pass")[0] == "bus"


def test_a_changed_page_is_found_as_it_is_now(index: Index) -> None:
    index.replace([Page("bins", BINS.title, BINS.source.replace("£48", "£52"))])
    decision = answer(index, [Turn("user", "How much does a garden waste bin cost?")], "en", shipped())
    assert "£52" in decision.quotations[0].passage.text
    assert index.totals().pages == 3


def test_without_the_page_there_is_no_answer_and_with_it_again_there_is(index: Index) -> None:
    question = [Turn("user", "Who can get a free bus pass?")]
    assert answer(index, question, "en", shipped()).outcome is Outcome.ANSWERED
    index.remove("bus")
    assert answer(index, question, "en", shipped()).outcome is Outcome.NOT_KNOWN
    index.replace([BUS])
    assert answer(index, question, "en", shipped()).outcome is Outcome.ANSWERED


def test_the_answer_is_quoted_word_for_word(index: Index) -> None:
    (quoted,) = answer(index, [Turn("user", "Who can get a free bus pass?")], "en", shipped()).quotations
    text = BUS.readable().text
    assert " ".join(span.of(text) for span in quoted.spans) == "You can get a free bus pass if you are 65 or older."


def test_an_alarm_goes_before_the_search(index: Index) -> None:
    decision = answer(index, [Turn("user", "I missed my bin and I want to die")], "en", shipped())
    assert decision.outcome is Outcome.ALARM
    assert decision.quotations == ()


def test_another_agency_is_named(index: Index) -> None:
    tax = Agency("Tax authority", ("income tax", "tax return"))
    decision = answer(index, [Turn("user", "How do I file my tax return?")], "en", shipped(), others=[tax])
    assert (decision.outcome, decision.agency) == (Outcome.OUT_OF_SCOPE, tax)


def test_query_syntax_is_only_text(index: Index) -> None:
    for text in ('bin" OR "', "NEAR(bin, 2) AND *", "lead:bin ^ -", "''", "\x00 ☃"):
        ask(index, text)


def test_an_index_file_keeps_its_pages(tmp_path: Path) -> None:
    index = Index(tmp_path / "words.sqlite3")
    index.replace(TOWN)
    index.close()
    assert ask(Index(tmp_path / "words.sqlite3"), "bus pass")[0] == "bus"


def test_a_question_sees_one_state_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody publishes and withdraws while it is looked up."""
    monkeypatch.setattr("commonweal.services.assistant.engine.index._SAMPLE", 1)  # so that postings are read
    path = tmp_path / "words.sqlite3"
    index, elsewhere = Index(path), Index(path)
    index.replace(TOWN)
    last_page = Index.last_page

    def while_others_write(self: Index) -> int:
        highest = last_page(self)
        elsewhere.replace([Page("new", "A new bus pass", "## Bus pass\n\nA bus pass of another kind.")])
        elsewhere.remove("bus")
        return highest

    monkeypatch.setattr(Index, "last_page", while_others_write)
    assert ask(index, "bus pass")[0] == "bus"
    monkeypatch.undo()
    assert ask(index, "bus pass")[0] == "new"


def test_what_is_indexed_stays_when_the_rest_fails(room: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 1)
    publishing.publish(the_node("command"), PAGES)
    indexed: list[str] = []
    replace = Index.replace

    def failing_once(self: Index, pages: Iterable[Page]) -> None:
        (page,) = pages
        if len(indexed) == 2:
            indexed.append("failed")
            raise OSError("no space left")
        replace(self, [page])
        indexed.append(page.id)

    monkeypatch.setattr(Index, "replace", failing_once)
    with pytest.raises(OSError, match="no space"):
        search.index("en")
    assert search.index("en").totals().pages == len(PAGES)
    assert indexed == [PAGES[0].slug, PAGES[1].slug, "failed", PAGES[2].slug]


def test_whoever_indexes_many_pages_hears_how_far_it_is(room: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 2)
    publishing.publish(the_node("command"), PAGES)
    told: list[str] = []
    search.index("en", told.append)
    assert told == ["indexed 2 of 3 pages in en", "indexed 3 of 3 pages in en"]


def test_languages_have_their_own_words() -> None:
    assert analyse("L’école été", "fr").exact == ("école", "été")
    assert analyse("ecole", "fr").folded == analyse("école", "fr").folded
    assert analyse("지원금을", "ko").folded == ("지원", "원금", "금을")
    assert analyse("المَدرسَةِ", "ar").folded == analyse("المدرسة", "ar").folded
    assert analyse("日本語", "ja").folded == ("日本", "本語")
    assert analyse("ภาษาไทย", "th").exact == ("ภาษาไทย",)


def test_a_question_typed_without_accents_finds_the_page() -> None:
    index = Index()
    index.replace(
        [Page("ecole", "École", "L’inscription à l’école élémentaire.", "fr"), Page("eau", "Eau", "L’eau.", "fr")]
    )
    assert ask(index, "inscription a l ecole elementaire", language="fr")[0] == "ecole"
