"""Decision flows: read, validated, run, explained, drawn."""

from __future__ import annotations

import pytest

from commonweal.services.assistant.engine.flows import BadFlow, mermaid, parse, run

PASS = """
title = "Can I get the bus pass?"
language = "en"
owner = "Transport office"
start = "age"

[question.age]
text = "How old are you?"
options = { under = "Under 65", over = "65 or older" }
next = { under = "disabled", over = "yes" }
fact = "age"
means = { under = [0, 64], over = [65, 150] }
rule = "Bus pass rules, section 2"

[question.disabled]
text = 'Do you have a "blue badge"?'
options = { yes = "Yes", no = "No" }
next = { yes = "yes", no = "no" }
rule = "Bus pass rules, section 3"

[outcome.yes]
text = "You can get the bus pass."
source = "pages/bus-pass.md#who"

[outcome.no]
text = "You cannot get the bus pass."
source = "pages/bus-pass.md#who"
"""


def test_asks_one_question_at_a_time_and_names_the_deciding_rule() -> None:
    flow = parse(PASS)
    assert run(flow, {}).question.id == "age"
    assert run(flow, {"age": "under"}).question.id == "disabled"
    place = run(flow, {"age": "under", "disabled": "no"})
    assert place.outcome.id == "no"
    assert place.deciding.rule == "Bus pass rules, section 3"
    assert [step.question for step in place.trace] == ["age", "disabled"]


def test_a_known_fact_is_never_asked() -> None:
    place = run(parse(PASS), {}, {"age": 65})
    assert place.outcome.id == "yes"
    assert place.deciding.known
    assert run(parse(PASS), {}, {"age": 64}).question.id == "disabled"


def test_an_answer_goes_before_a_known_fact() -> None:
    place = run(parse(PASS), {"age": "under"}, {"age": 65})
    assert place.question.id == "disabled"
    assert not place.trace[0].known


@pytest.mark.parametrize(
    ("means", "fact", "option"),
    [
        ("{ under = true, over = false }", False, "over"),
        ("{ under = true, over = false }", 1, None),  # a number is no yes
        ("{ under = 1, over = [2, 9] }", True, None),
        ("{ under = 1, over = [2, 9] }", 10, None),
        ("{ under = 1, over = [2, 9] }", None, None),
    ],
)
def test_a_fact_means_an_option_or_is_asked(means: str, fact: bool | int | None, option: str | None) -> None:
    flow = parse(PASS.replace("{ under = [0, 64], over = [65, 150] }", means))
    assert flow.questions["age"].option_of(fact) == option


@pytest.mark.parametrize("means", ["{}", "{ middle = 1 }", "{ under = [1] }", '{ under = "yes" }', "3"])
def test_a_meaning_that_cannot_be_used_is_named(means: str) -> None:
    with pytest.raises(BadFlow, match="Question age: fact goes with means"):
        parse(PASS.replace("{ under = [0, 64], over = [65, 150] }", means))


def test_going_back_forgets_what_is_off_the_way() -> None:
    assert run(parse(PASS), {"age": "over", "disabled": "no"}).outcome.id == "yes"


def test_an_answer_that_is_no_option_is_refused() -> None:
    with pytest.raises(KeyError):
        run(parse(PASS), {"age": "maybe"})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('over = "yes"', 'over = "gone"'), "leads to gone"),
        (('no = "no" }', 'no = "age" }'), "leads back to itself"),
        (('under = "disabled"', 'under = "no"'), "Nothing leads to disabled"),
        (('source = "pages/bus-pass.md#who"', 'source = ""'), "needs source"),
        (('start = "age"', 'start = "birth"'), "starts at birth"),
        (("title =", "title = ="), "not TOML"),
        (('owner = "Transport office"\n', ""), "needs owner"),
        (('options = { yes = "Yes", no = "No" }', 'options = { yes = "Yes" }'), "same keys"),
    ],
)
def test_a_bad_flow_says_what_is_wrong(change: tuple[str, str], problem: str) -> None:
    with pytest.raises(BadFlow, match=problem):
        parse(PASS.replace(*change))


def test_the_diagram_quotes_its_labels() -> None:
    drawn = mermaid(parse(PASS))
    assert drawn.startswith("flowchart TD\n")
    assert '{"Do you have a #quot;blue badge#quot;?"}' in drawn
    assert drawn.count("-->") == 4


def test_the_version_changes_with_the_file() -> None:
    assert parse(PASS).version != parse(PASS + "# note\n").version
