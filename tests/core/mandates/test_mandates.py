"""Acting for others: given, used within its scope, both names in the evidence, ended at once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import Channel
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.ledger.models import Record
from commonweal.core.mandates import facts, models, service
from commonweal.core.policy import service as policy
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.portal import service as portal
from commonweal.core.portal.uses import Narrowing
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from tests.town import entry, officer, register, resident

pytestmark = pytest.mark.django_db(transaction=True)
COUNTER = replace(officer("counter-officer", "register", "Cora Counter"), session="c1")


def bodies(person: Person) -> list[dict[str, Any]]:
    return [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=person.chain).order_by("n")]


def attorney(giver: Person, taker: Person, *scope: str, days: int = 30) -> Actor:
    """`taker`, who took up a power of attorney from `giver` and acts by it."""
    mandate, code = service.grant(resident(giver), giver, scope, clock.now() + timedelta(days=days))
    service.accept(resident(taker), code)
    return service.begin(resident(taker), mandate)


def test_a_power_of_attorney_is_given_taken_up_used_and_ended() -> None:
    mara, ola = register(entry(), entry("Ola"))
    acting = attorney(mara, ola, "registry")
    assert registry.read(acting, mara, OWN_ACCESS).address
    registry.ask_correction(acting, mara, "birth_place", "Abuja", "Her certificate says so.")
    last = bodies(mara)[-1]
    assert (last["actor"]["id"], last["on_behalf_of"]) == (acting.id, mara.id.hex)
    assert last["rules"] == ["registry.on-behalf"]
    (use, *_) = portal.uses_of(resident(mara), mara, 1, Narrowing(others=True)).uses
    assert use.on_behalf
    service.end(resident(mara), acting.mandate)
    for _ in range(2):
        with pytest.raises(Refused):
            registry.ask_correction(acting, mara, "birth_place", "Kano", "No.")
        with pytest.raises(Refused):
            registry.read(acting, mara, OWN_ACCESS)
    actions = [body["action"] for body in bodies(mara) if body["action"].startswith("mandates.")]
    assert actions == [service.GRANT, service.ACCEPT, service.USE, service.END]


def test_a_mandate_reaches_no_further_than_its_scope() -> None:
    mara, ola, zoe = register(entry(), entry("Ola"), entry("Zoe"))
    acting = attorney(mara, ola, "portal")
    assert portal.uses_of(acting, mara, 1, Narrowing()).total
    for forbidden in (lambda: registry.read(acting, mara, OWN_ACCESS), lambda: registry.read(acting, zoe, OWN_ACCESS)):
        with pytest.raises(Refused):
            forbidden()
    stolen = replace(resident(zoe), on_behalf_of=mara, mandate=acting.mandate)
    forged = replace(resident(zoe), on_behalf_of=mara, mandate="")
    for actor in (stolen, forged):
        with pytest.raises(Refused):
            portal.uses_of(actor, mara, 1, Narrowing())


def test_reading_ones_own_first_does_not_hide_reading_for_another() -> None:
    mara, ola = register(entry(), entry("Ola"))
    registry.read(resident(ola), ola, OWN_ACCESS)
    acting = attorney(mara, ola)
    registry.read(acting, mara, OWN_ACCESS)
    assert bodies(mara)[-1]["action"] == "registry.person.read"


def test_nobody_acts_for_another_in_what_is_theirs_alone() -> None:
    from commonweal.core.policy import service as policy
    from commonweal.services.registry.purposes import SURVEY

    mara, ola = register(entry(), entry("Ola"))
    acting = attorney(mara, ola)
    with pytest.raises(Refused):
        policy.give_consent(acting, mara, SURVEY, "register")
    with pytest.raises(Refused):
        service.grant(acting, mara, [], None)
    with pytest.raises(Refused), act(acting, "identity.sign-in", subject=mara, purpose=OWN_ACCESS):
        pass


def test_parents_act_for_their_children_until_they_are_of_age() -> None:
    born = clock.now().date().replace(year=clock.now().year - 9)
    mara, kid, ola, grown = register(
        entry(), entry("Kid", born=born), entry("Ola"), entry("Grown", born=date(1999, 1, 1)),
        ties=((1, "parent", 0), (3, "parent", 0)),
    )  # fmt: skip
    assert [minor.name for minor in service.overview(resident(mara), mara).minors] == ["Kid Okafor"]
    acting = service.begin(resident(mara), service.take_child(resident(mara), kid))
    assert registry.read(acting, kid, OWN_ACCESS).name
    row = models.Mandate.objects.get(id=acting.mandate)
    assert row.ends is not None
    assert (row.ends.year, row.ends.month) == (born.year + 18, born.month)
    for actor, child in ((resident(ola), kid), (resident(mara), grown), (resident(mara), ola)):
        with pytest.raises(Refused):
            service.take_child(actor, child)
    with clock.pretend(row.ends), pytest.raises(Refused):
        registry.ask_correction(acting, kid, "given", "Kiddo", "Grown up")


def test_an_officer_helps_at_the_counter_until_the_resident_ends_it() -> None:
    mara, ola = register(entry(), entry("Ola"))
    mandate = service.assist(COUNTER, mara, "A wrong birth place")
    acting = service.begin(COUNTER, mandate)
    registry.ask_correction(acting, mara, "birth_place", "Abuja", "Her certificate says so.")
    last = bodies(mara)[-1]
    assert (last["actor"]["name"], last["on_behalf_of"], last["agency"]) == ("Cora Counter", mara.id.hex, "register")
    notices, _cases = cases.inbox(resident(mara), mara)
    assert any("Cora Counter" in notice.text and "A wrong birth place" in notice.text for notice in notices)
    with pytest.raises(Refused):
        registry.read(acting, ola, OWN_ACCESS)
    with pytest.raises(Refused):
        registry.read(replace(acting, session="another"), mara, OWN_ACCESS)
    service.end(resident(mara), mandate)
    with pytest.raises(Refused):
        registry.ask_correction(acting, mara, "birth_place", "Kano", "No.")


def test_help_at_the_counter_ends_by_itself_and_is_not_for_everybody() -> None:
    (mara,) = register(entry())
    acting = service.begin(COUNTER, service.assist(COUNTER, mara, "Forms"))
    with clock.pretend(clock.now() + timedelta(minutes=31)), pytest.raises(Refused):
        registry.read(acting, mara, OWN_ACCESS)
    for actor in (officer("registrar", "register"), replace(COUNTER, assurance=1), replace(COUNTER, person=mara)):
        with pytest.raises(Refused):
            service.assist(actor, mara, "Forms")


def test_a_guardian_is_recorded_and_ended_by_an_officer_only() -> None:
    mara, ola = register(entry(), entry("Ola"))
    clerk = officer("guardianship-officer", "register")
    mandate = service.grant_care(clerk, mara, ola, ["registry"], None, case="XVII 12/26")
    acting = service.begin(resident(ola), mandate)
    assert registry.read(acting, mara, OWN_ACCESS).name
    with pytest.raises(Refused):
        service.end(resident(mara), mandate)
    service.end_care(clerk, mandate, case="XVII 13/26")
    with pytest.raises(Refused):
        registry.read(acting, mara, OWN_ACCESS)


def test_a_code_works_once_and_only_for_somebody_else() -> None:
    mara, ola, zoe = register(entry(), entry("Ola"), entry("Zoe"))
    _mandate, code = service.grant(resident(mara), mara, [], None)
    with pytest.raises(Refused):
        service.accept(resident(mara), code)
    service.accept(resident(ola), code)
    with pytest.raises(service.NoMandate):
        service.accept(resident(zoe), code)


def test_what_is_read_when_a_mandate_ends_is_not_returned() -> None:
    """The door asks again when the evidence of a reading act commits, also when the session has read before."""
    mara, ola = register(entry(), entry("Ola"))
    for key in ("", "session"):
        acting = attorney(mara, ola)
        if key:
            with act(acting, registry.READ, subject=mara, purpose=OWN_ACCESS, key=key):
                pass
        before = len(bodies(mara))
        with pytest.raises(Refused), act(acting, registry.READ, subject=mara, purpose=OWN_ACCESS, key=key):
            models.Mandate.objects.filter(id=acting.mandate).update(ended=clock.now())
        assert [body["decision"] for body in bodies(mara)[before:]] == ["refused"]


def test_the_person_is_told_in_their_own_language() -> None:
    (mara,) = register(entry())
    cases.choose_channel(resident(mara), mara, Channel("inbox", "", "fr"))
    service.assist(COUNTER, mara, "Formulaires")
    (notice, *_), _cases = cases.inbox(resident(mara), mara)
    assert notice.subject == "Un agent vous aide à un guichet"
    assert notice.text.startswith("Cora Counter agit pour vous")


def test_a_parent_acts_only_as_long_as_the_register_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    born = clock.now().date().replace(year=clock.now().year - 9, day=1)
    mara, kid = register(entry(), entry("Kid", born=born), ties=((1, "parent", 0),))
    acting = service.begin(resident(mara), service.take_child(resident(mara), kid))
    assert registry.read(acting, kid, OWN_ACCESS).name
    monkeypatch.setattr(facts, "_minors", [])
    with pytest.raises(Refused):
        registry.ask_correction(acting, kid, "given", "Kiddo", "A court took the child away.")


def test_a_code_that_nobody_takes_up_in_a_month_is_worth_nothing() -> None:
    mara, ola = register(entry(), entry("Ola"))
    _mandate, code = service.grant(resident(mara), mara, [], None)
    with clock.pretend(clock.now() + service.TAKEN_UP_WITHIN), pytest.raises(service.NoMandate):
        service.accept(resident(ola), code)


def test_an_office_cannot_lift_what_protects_somebody() -> None:
    (mara,) = register(entry())
    limit = policy.object_to(resident(mara), mara, "tax.assessment", "I do not want this.")
    acting = service.begin(COUNTER, service.assist(COUNTER, mara, "Forms"))
    with pytest.raises(Refused):
        policy.lift_limit(acting, mara, limit)
    policy.lift_limit(resident(mara), mara, limit)


def test_whoever_acts_for_somebody_reads_their_messages_and_takes_none_away() -> None:
    mara, ola = register(entry(), entry("Ola"))
    acting = attorney(mara, ola)
    (notice,), _cases = cases.inbox(acting, mara)
    assert "taken up" in notice.subject
    assert cases.read_notice(acting, notice.id).unread
    assert cases.inbox(resident(mara), mara)[0][0].unread
    assert bodies(mara)[-1]["action"] == "cases.inbox.read"
    with pytest.raises(Refused):
        cases.choose_channel(acting, mara, Channel("sms", "+44 20 7946 0000"))
    case = registry.cases_of([registry.ask_correction(acting, mara, "birth_place", "Abuja", "Her certificate.")])
    (number,) = case.values()
    cases.reply(acting, number, "It is on page two.")
    steps = cases.my_case(resident(mara), number).steps
    assert (steps[-1].kind, steps[-1].by) == ("replied", acting.name)
