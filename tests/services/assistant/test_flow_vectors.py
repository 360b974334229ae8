"""Ruby tests of a flow are read as vectors, and a flow of ours is tried by them. The Ruby here was written for this."""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.commands import assistant as command
from commonweal.services.assistant.engine.flow_vectors import HERE, Vector, failure, read_tests
from commonweal.services.assistant.engine.flows import parse

FLOW = """
title = "Bus pass"
language = "en"
owner = "streets"
start = "age?"

[question."age?"]
text = "How old are you?"
options = { under = "Under 65", over = "65 or older" }
next = { under = "disabled", over = "yes" }
rule = "2"

[question.disabled]
text = "Have you a disability card?"
options = { yes = "Yes", no = "No", "a,b" = "Two of them" }
next = { yes = "yes", no = "no", "a,b" = "yes" }
rule = "3"

[outcome.yes]
text = "You can."
source = "bus#who"

[outcome.no]
text = "You cannot."
source = "bus#who"
"""
TESTS = """require "test_helper"

class BusPassFlowTest < ActiveSupport::TestCase
  include FlowTestHelper
  setup { testing_flow BusPassFlow }

  should("render a start page") { assert_rendered_start_page }
  should "render a start page" do
    assert_rendered_start_page
  end

  context "question: age?" do
    setup { testing_node :age? }

    should "ask, and know do and end in 'words' # and no comment" do
      assert_rendered_question
      assert_next_node :disabled?, for_response: "under"
    end

    should "take no other" do
      assert_invalid_response "ninety"
      assert_invalid_response("")
    end
  end

  context "question: disabled?" do
    setup do
      @grown = "under"
      testing_node :disabled?
      add_responses age?: @grown # who is young
    end

    %w[yes].each do |answer|
      should "let #{answer} pass" do
        assert_next_node :yes, for_response: answer
      end
    end

    should "take several" do
      assert_next_node :yes, for_response: ["a", "b"]
    end

    context "no card" do
      setup { add_response "no" }

      should "lead to no" do
        travel_to "2021-08-01"
        assert_next_node :no
      end

      should "render it" do
        testing_node :no
        assert_rendered_outcome text: "You can't"
      end
    end

    context "changed answers" do
      should "take the last" do
        add_responses age?: "over",
                      disabled?: "no"
        assert_next_node :yes
      end
    end
  end
end
"""


def test_contexts_add_up_and_names_are_replaced() -> None:
    read = {vector.line: vector for vector in read_tests(TESTS).read}
    lines = TESTS.split("\n")

    def at(words: str) -> Vector:
        return read[next(number for number, line in enumerate(lines, start=1) if words in line)]

    assert at("start_page }").kind == "start"
    assert (at(":disabled?, for").answers, at(":disabled?, for").response) == ((), "under")
    assert (at("for_response: answer").answers, at("for_response: answer").response) == ((("age?", "under"),), "yes")
    assert at('["a", "b"]').response == "a,b"
    no = at("assert_next_node :no")
    assert (no.answers, no.response, no.node) == ((("age?", "under"), (HERE, "no")), None, "no")
    assert no.beside == ('line 47: travel_to "2021-08-01"',)


def test_a_flow_passes_them_or_says_where_it_does_not() -> None:
    vectors = read_tests(TESTS).read
    assert [failure(parse(FLOW), vector) for vector in vectors] == [""] * len(vectors)
    changed = parse(FLOW.replace('no = "no", "a,b"', 'no = "yes", "a,b"').replace('over = "yes"', 'over = "no"'))
    assert [why for vector in vectors if (why := failure(changed, vector))] == [
        "leads to yes, not to no", "leads to yes, not to no", "leads to no, not to yes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ('should "a" do\n assert_next_node :b, for_response: Date.today\nend', "is not a plain value"),
        ('should "a" do\n add_responses a?: days(3)\n assert_next_node :b\nend', "is not a plain value"),
        ('should "a" do\n add_responses a?: who\n assert_next_node :b\nend', "`who` is not known here"),
        (
            'LIST.each do |one|\n should "a" do\n  assert_next_node :b, for_response: one\n end\nend',
            "`LIST` is not known",
        ),
        ('should "a" do\n if late?\n  assert_next_node :b\n end\nend', "stands in `if late?`"),
        ('should "a" do\n assert_no_match "b", outcome\nend', "`assert_no_match` is not known here"),
        ("test_shared_questions", "is not read here"),
    ],
)
def test_what_is_not_understood_is_named_and_never_guessed(words: str, says: str) -> None:
    found = read_tests(words)
    assert found.read == ()
    assert says in found.gaps[0].why
    last = max(number for number, line in enumerate(words.split("\n"), start=1) if line.strip() != "end")
    assert last in {gap.line for gap in found.gaps}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_text_breaks_the_reader(data: st.DataObject) -> None:
    begins = data.draw(st.integers(0, len(TESTS)))
    ends = data.draw(st.integers(begins, len(TESTS)))
    read_tests(TESTS[:begins] + data.draw(st.text("{}[]()|,.'\"#%w\n do end:=>\\/", max_size=20)) + TESTS[ends:])


@pytest.mark.parametrize(
    "text", ['context "a" do\n' * 5_000, "if x\n" * 5_000, f"add_responses a: {'[' * 5_000}{']' * 5_000}"]
)
def test_what_is_nested_too_deeply_is_said_in_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow, test = tmp_path / "flow.toml", tmp_path / "test.rb"
    flow.write_text(FLOW)
    test.write_text(f"should 'a' do\n{text}")
    assert command._flow_vectors(flow, test) == 1
    told = capsys.readouterr()
    assert "test.rb: is nested too deeply" in told.err


def test_commas_without_anything_between_are_left_out() -> None:
    found = read_tests("should 'a' do\nadd_responses ,, a: 'b'\nassert_next_node :c\nend")
    assert [gap.why for gap in found.gaps] == []


def test_backslashes_do_not_take_long() -> None:
    begun = process_time()
    for mark in ('\\"', "\\/", "\\'"):
        read_tests(mark * 20_000)
    assert process_time() - begun < 3


def test_the_command_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(flow: str, tests: str) -> tuple[int, str]:
        (tmp_path / "flow.toml").write_text(flow)
        (tmp_path / "test.rb").write_text(tests)
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        code = command.run(parser.parse_args(["flow-vectors", str(tmp_path / "flow.toml"), str(tmp_path / "test.rb")]))
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run(FLOW, TESTS) == (0, "11 passed, 0 failed, 0 lines not understood\n")
    code, said = run(FLOW.replace('under = "disabled"', 'under = "no"'), TESTS)
    assert code == 1
    assert "Nothing leads to disabled." in said
    changed = FLOW.replace('no = "no", "a,b"', 'no = "yes", "a,b"').replace('over = "yes"', 'over = "no"')
    code, said = run(changed, f"{TESTS}\ntest_more")
    assert code == 1
    assert "test.rb:48: failed: leads to yes, not to no (the test also sets line 47: travel_to" in said
    assert "not understood: `test_more` is not read here" in said
    assert "8 passed, 3 failed, 1 lines not understood" in said
