"""Reviews of access and training come up by themselves, and are decided by a person with reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.cases import staffing
from commonweal.core.cases.models import Case
from commonweal.core.housekeeping import tidy
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.refused import Refused
from tests import town

pytestmark = pytest.mark.django_db(transaction=True)
BOSS, OTHER = (
    Actor("officer", f"officer:{name}", name, "register", frozenset({"administrator"}), 2, True)
    for name in ("Boss", "Other")
)


@pytest.fixture
def ada() -> Person:
    """A registrar, also at the tax office, since just now."""
    (person,) = town.register(town.entry("Ada"))
    identity.register_agency("register", {"en": "Register"}, roles=["registrar", "identity-officer"])
    identity.register_agency("tax", {"en": "Tax"}, roles=["tax-officer"])
    account = identity.create_account("ada@example.org", "Ada", person=person)
    for agency, role in (("register", "registrar"), ("register", "identity-officer"), ("tax", "tax-officer")):
        identity.appoint(the_node("set-up"), account.id, agency, role)
    unconnected = identity.create_account("ben@example.org", "Ben")
    identity.appoint(the_node("set-up"), unconnected.id, "tax", "tax-officer")
    return person


def opened(kind: Any) -> list[str]:
    return list(Case.objects.filter(kind=kind.name).order_by("queue").values_list("queue", flat=True))


def review_of(role: str) -> str:
    found = {staffing.reviews.described(staffing._post(row.about))[1].role: row for row in Case.objects.filter(
        kind=staffing.ACCESS_REVIEW.name)}  # fmt: skip
    return str(found[role].id)


def roles() -> set[str]:
    account = identity.account_at("ada@example.org")
    assert account is not None
    return {post.role for post in identity.posts_of(account.id)}


def test_training_comes_up_once_a_year_at_each_agency(ada: Person) -> None:
    for _ in range(2):
        tidy.func()
    assert opened(staffing.TRAINING) == ["register/administrator", "tax/administrator"]
    assert opened(staffing.ACCESS_REVIEW) == []
    with clock.pretend(clock.now() + timedelta(days=366)):
        tidy.func()
    assert len(opened(staffing.TRAINING)) == 4


def test_each_post_is_reviewed_each_quarter_while_it_lasts(ada: Person) -> None:
    now = clock.now()
    for days, count in ((90, 0), (92, 3), (120, 3), (184, 6)):
        with clock.pretend(now + timedelta(days=days)):
            cases.open_recurring()
            assert len(opened(staffing.ACCESS_REVIEW)) == count


def test_a_post_is_kept_or_ended_from_its_review(ada: Person, evidence: Any) -> None:
    with clock.pretend(clock.now() + timedelta(days=92)):
        cases.open_recurring()
        for role, outcome in (("registrar", "accepted"), ("identity-officer", "rejected")):
            cases.claim(BOSS, review_of(role))
            assert [value for _label, value in cases.read(BOSS, review_of(role)).facts][:2] == ["Ada", role]
            cases.decide(BOSS, review_of(role), outcome, f"About {role}.")  # type: ignore[arg-type]
        assert roles() == {"registrar", "tax-officer"}
        told = {notice.subject: notice.text for notice in cases.inbox(town.resident(ada), ada)[0]}
        assert told == {
            "Your post was reviewed and goes on": "About registrar.",
            "Your post was ended": "About identity-officer.",
        }
        changed = [reference for entry in evidence(ada, "cases.case.decide") for reference in entry["changed"]]
        assert len([reference for reference in changed if reference.startswith("identity/post")]) == 1
        assert evidence(ada, "cases.case.recur")[0]["actor"]["kind"] == "node"
        cases.appeal(town.resident(ada), review_of("identity-officer"), "I need it.")
        with pytest.raises(Refused):
            cases.claim(BOSS, review_of("identity-officer"))
        cases.claim(OTHER, review_of("identity-officer"))


def test_only_the_agencys_administrators_and_nobody_for_themselves(ada: Person) -> None:
    with clock.pretend(clock.now() + timedelta(days=92)):
        cases.open_recurring()
        herself = Actor("officer", "officer:Ada", "Ada", "register", frozenset({"administrator"}), 2, True, person=ada)
        for actor in (town.REGISTRAR, town.officer("administrator", "tax"), herself):
            with pytest.raises(Refused):
                cases.claim(actor, review_of("registrar"))
