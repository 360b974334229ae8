"""The same words sent twice, each time with another key, as after a broken line: they count once."""

from __future__ import annotations

import pytest

from commonweal.core.portal import service as portal
from commonweal.core.portal import uses
from commonweal.core.portal.models import Question
from commonweal.services.registry import service as registry
from commonweal.services.registry.models import Correction
from tests import town
from tests.core.cases import errand
from tests.walk.cast import QUESTION, Cast

pytestmark = pytest.mark.django_db
WISH = {"field": "birth_place", "proposed": "Port  Salen", "explanation": "My certificate says so."}


def test_a_correction_that_waits_is_not_asked_for_again(passing_town: Cast) -> None:
    mara, client = passing_town.people["resident"], passing_town.clients["resident"]
    for key in ("first", "second"):
        assert client.post("/registry/mine/correct/", WISH | {"key": key}).status_code == 302
    (waiting,) = registry.my_corrections(town.resident(mara), mara)
    errand.decide(town.REGISTRAR, errand.case_of(waiting), "rejected", "It cannot be read.")
    client.post("/registry/mine/correct/", WISH | {"key": "third"})
    assert Correction.objects.filter(person_id=mara.id).count() == 2


def test_a_question_that_waits_is_not_asked_again(passing_town: Cast) -> None:
    hers = passing_town.zephyrine
    for key in ("first", "second"):
        hers.client.post(f"/your-data/uses/{hers.n}/ask/", {"text": f" {QUESTION} ", "key": key})
    assert Question.objects.filter(person_id=hers.person.id).count() == 1


def test_an_answer_is_not_written_over(passing_town: Cast) -> None:
    hers, officer = passing_town.zephyrine, passing_town.clients["benefit-officer"]
    for text in ("For your claim.", "Something else."):
        officer.post(f"/questions/{hers.question}/", {"text": text, "key": text})
    (question,) = portal.questions_of(town.resident(hers.person), hers.person, hers.n)
    assert question.answer == "For your claim."


def test_what_others_did_leaves_out_ones_own_looks(passing_town: Cast) -> None:
    hers = passing_town.zephyrine
    everything, by_others = (uses.page_of(hers.person, 1, uses.Narrowing(others=others)) for others in (False, True))
    assert {use.own for use in everything.uses} == {True, False}
    assert {use.own for use in by_others.uses} == {False}
    assert by_others.total == len(by_others.uses) < everything.total
