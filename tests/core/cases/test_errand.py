"""A correction of the register as a case, from the queue to the appeal; four eyes; what is refused; evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commonweal.core import clock
from commonweal.core.cases import models
from commonweal.core.cases import service as cases
from commonweal.core.identity.actors import Actor, the_node
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests import town
from tests.core.cases import errand
from tests.core.cases.errand import officer

pytestmark = pytest.mark.django_db(transaction=True)
ADA, OLU = officer("Ada"), officer("Olu")


def facts(case: cases.Case) -> dict[str, str]:
    return {str(label): value for label, value in case.facts}


def test_from_the_queue_to_a_decision_to_an_appeal_to_somebody_else(evidence: Any) -> None:
    (mara,) = town.register(town.entry())
    me, case = town.resident(mara), errand.ask(mara)
    (line,) = cases.worklist(ADA, cases.Narrowing()).lines
    assert (line.id, line.owner, line.days_left) == (case, "", 29)

    cases.claim(ADA, case)
    assert facts(cases.read(ADA, case))["It should say"] == "Abuja"
    cases.decide(ADA, case, "rejected", "No paper shows it.")
    (notice,), (mine,) = cases.inbox(me, mara)
    assert (notice.text, notice.unread, mine.outcome, mine.may_appeal) == ("No paper shows it.", True, "rejected", True)
    assert registry.read(ADA, mara, KEEPING).birth_place != "Abuja"

    cases.appeal(me, case, "There is one.")
    with pytest.raises(Refused) as refusal:
        cases.claim(ADA, case)
    assert refusal.value.rules == ("cases.fresh-eyes",)
    errand.decide(OLU, case, "accepted", "We found it.")
    assert registry.read(ADA, mara, KEEPING).birth_place == "Abuja"
    assert cases.my_case(me, case).outcome == "accepted"
    assert [step.kind for step in cases.my_case(me, case).steps] == [
        "opened", "claimed", "decided", "appealed", "claimed", "decided",
    ]  # fmt: skip
    decided = evidence(mara, "cases.case.decide")
    assert [entry["actor"]["name"] for entry in decided] == ["Ada", "Olu"]
    assert "registry/birth_place" in decided[1]["changed"]
    assert [entry["decision"] for entry in evidence(mara, "cases.case.claim")] == ["permitted", "refused", "permitted"]


def test_nothing_personal_is_shown_before_the_case_is_taken(evidence: Any) -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    seen = cases.read(ADA, case)
    assert (seen.facts, seen.steps) == ([], [])
    cases.claim(OLU, case)
    assert cases.read(ADA, case).facts == []
    assert cases.read(OLU, case).facts
    assert [entry.get("disclosed") for entry in evidence(mara, "cases.case.open")] == [None, None, ["cases/case"]]


@pytest.mark.parametrize(
    "who",
    [
        town.TAX_OFFICER,
        officer("Somebody", "registrar", "tax"),
        Actor("officer", "officer:weak", "Weak", "register", frozenset({"registrar"}), 1),
        Actor("service", "service:1", "Run", "register", frozenset({"registrar"}), 2, automatic=True),
        the_node("run"),
    ],
    ids=lambda who: who.name,
)
def test_others_and_machines_are_refused(who: Actor, evidence: Any) -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    for attempt in (cases.read, cases.claim, cases.release):
        with pytest.raises(Refused):
            attempt(who, case)
    with pytest.raises(Refused):
        cases.decide(who, case, "accepted", "because")
    refused = [entry for entry in evidence(mara) if entry["decision"] == "refused"]
    assert len(refused) == 4
    assert models.Step.objects.filter(case_id=case).count() == 1


def test_nobody_works_on_their_own_case() -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    herself = Actor("officer", "officer:mara", "Mara", "register", frozenset({"registrar"}), 2, True, person=mara)
    with pytest.raises(Refused):
        cases.claim(herself, case)


def test_another_resident_reaches_nothing() -> None:
    mara, other = town.register(town.entry(), town.entry("Ola"))
    case = errand.ask(mara)
    errand.decide(ADA, case, "rejected", "No.")
    (notice,), _ = cases.inbox(town.resident(mara), mara)
    for attempt in (
        lambda who: cases.my_case(who, case),
        lambda who: cases.appeal(who, case, "Mine."),
        lambda who: cases.read_notice(who, notice.id),
        lambda who: cases.inbox(who, mara),
    ):
        with pytest.raises(Refused):
            attempt(town.resident(other))


def test_one_owner_at_a_time_and_release() -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    cases.claim(ADA, case)
    for attempt in (lambda: cases.claim(OLU, case), lambda: cases.release(OLU, case),
                    lambda: cases.decide(OLU, case, "accepted", "Yes.")):  # fmt: skip
        with pytest.raises(cases.NotNow):
            attempt()
    cases.release(ADA, case)
    errand.decide(OLU, case, "accepted", "Yes.")
    with pytest.raises(cases.NotNow):
        cases.claim(ADA, case)


def test_the_same_form_twice_does_it_once(evidence: Any) -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    for _ in range(2):
        cases.claim(ADA, case, key="one")
    for _ in range(2):
        cases.decide(ADA, case, "rejected", "No.", key="two")
    for _ in range(2):
        cases.appeal(town.resident(mara), case, "But yes.", key="three")
    assert [len(evidence(mara, f"cases.case.{name}")) for name in ("claim", "decide", "appeal")] == [1, 1, 1]
    assert models.Notice.objects.count() == 1


def test_the_rooms_change_and_the_decision_stand_or_fall_together(evidence: Any) -> None:
    (mara,) = town.register(town.entry())
    rulings: list[Any] = []
    with errand.permits(rulings, four_eyes=False) as permit:
        case = errand.apply_for(permit, mara, "P-1")
        cases.claim(ADA, case)
        with pytest.raises(ValueError, match="cannot"):
            cases.decide(ADA, case, "accepted", "impossible")
        assert (cases.read(ADA, case).status, models.Notice.objects.count()) == ("open", 0)
        assert evidence(mara, "cases.case.decide") == []
        cases.decide(ADA, case, "accepted", "Granted.")
        assert [(ruling.about, ruling.outcome, ruling.by) for ruling in rulings] == [("P-1", "accepted", "Ada")]


def test_four_eyes_differ_and_a_second_no_sends_it_back() -> None:
    (mara,) = town.register(town.entry())
    rulings: list[Any] = []
    with errand.permits(rulings) as permit:
        case = errand.apply_for(permit, mara, "P-1")
        errand.decide(ADA, case, "accepted", "Fine.")
        assert (rulings, models.Notice.objects.count()) == ([], 0)
        with pytest.raises(Refused):
            cases.claim(ADA, case)
        cases.claim(OLU, case)
        proposal = cases.read(OLU, case).proposal
        assert proposal
        assert (proposal.by, proposal.text) == ("Ada", "Fine.")
        cases.confirm(OLU, case, agree=False, reason="A paper is missing.")
        errand.decide(OLU, case, "rejected", "A paper is missing.")
        cases.claim(ADA, case)
        cases.confirm(ADA, case, agree=True)
        assert [(ruling.outcome, ruling.reason, ruling.by) for ruling in rulings] == [
            ("rejected", "A paper is missing.", "Ada")
        ]


def test_another_office_takes_over_and_the_person_is_told() -> None:
    (mara,) = town.register(town.entry())
    with errand.permits([], four_eyes=False) as permit:
        case = errand.apply_for(permit, mara, "P-1")
        cases.claim(ADA, case)
        with pytest.raises(cases.NotNow):
            cases.hand_over(ADA, case, cases.Queue("schools", "school-officer"))
        cases.hand_over(ADA, case, cases.Queue("tax", "tax-officer"), "A matter of tax.")
        with pytest.raises(Refused):
            cases.read(ADA, case)
        assert [line.id for line in cases.worklist(town.TAX_OFFICER, cases.Narrowing()).lines] == [case]
        errand.decide(town.TAX_OFFICER, case, "accepted", "Granted.")
        subjects = [notice.subject for notice in cases.inbox(town.resident(mara), mara)[0]]
        assert subjects == ["Your request was accepted", "Another office has your case now"]


def test_asking_and_replying() -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    cases.claim(ADA, case)
    cases.ask(ADA, case, "Which hospital?")
    (notice,), _ = cases.inbox(town.resident(mara), mara)
    assert cases.read_notice(town.resident(mara), notice.id).text == "Which hospital?"
    assert not cases.inbox(town.resident(mara), mara)[0][0].unread
    cases.reply(town.resident(mara), case, "Saint Ann's.")
    assert cases.read(ADA, case).steps[-1].text == "Saint Ann's."
    for empty in (lambda: cases.ask(ADA, case, " "), lambda: cases.decide(ADA, case, "accepted", "")):
        with pytest.raises(ValueError, match=r"Write|Give"):
            empty()


def test_an_appeal_can_come_too_late_and_only_once() -> None:
    (mara,) = town.register(town.entry())
    case = errand.ask(mara)
    me = town.resident(mara)
    with pytest.raises(cases.NotNow):
        cases.appeal(me, case, "Early.")
    errand.decide(ADA, case, "rejected", "No.")
    with clock.pretend(clock.now() + timedelta(days=31)), pytest.raises(cases.NotNow):
        cases.appeal(me, case, "Late.")
    cases.appeal(me, case, "In time.")
    errand.decide(OLU, case, "rejected", "No again.")
    with pytest.raises(cases.NotNow):
        cases.appeal(me, case, "Once more.")
