"""Officers who turn the tools for hard cases against the person, or cover what they did themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.erasure import service as erasure
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.investigations import service as investigations
from commonweal.core.ledger import sealed
from commonweal.core.ledger.entries import open_chain
from commonweal.core.mandates import service as mandates
from commonweal.core.policy import service as policy
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import EMERGENCY, TAX
from tests.town import entry, officer, register, resident

pytestmark = pytest.mark.django_db(transaction=True)
ERASER = officer("erasure-officer", "register", "Eve Eraser")


def investigator(n: int) -> Actor:
    return Actor("officer", f"officer:{n}", f"Officer {n}", "police", frozenset({"investigator"}), 2, True)


def helped(person: Person, reason: str = "Forms") -> Actor:
    """An officer at the counter who helps this person."""
    cora = Actor("officer", "officer:cora", "Cora", "register", frozenset({"counter-officer"}), 2, True, session="c1")
    return mandates.begin(cora, mandates.assist(cora, person, reason))


def test_nobody_keeps_an_entry_under_seal_by_prolonging_it_alone_again_and_again() -> None:
    open_chain(sealed.SEALED_CHAIN, sealed.SEALED_LABEL)
    (mara,) = register(entry())
    today = clock.now().date()
    investigations.read(investigator(1), mara, "registry", "Gs 1", today + timedelta(days=30))
    investigations.prolong(investigator(2), "Gs 1", 1, today + timedelta(days=60))
    with pytest.raises(Refused):
        investigations.prolong(investigator(2), "Gs 1", 1, today + timedelta(days=90))
    investigations.prolong(investigator(3), "Gs 1", 1, today + timedelta(days=90))


def test_helping_somebody_at_the_counter_opens_nothing_in_another_post() -> None:
    (mara,) = register(entry())
    acting = helped(mara)
    assert registry.read(acting, mara, policy.OWN_ACCESS).name
    with pytest.raises(Refused):
        registry.read(replace(acting, roles=frozenset({"tax-officer"})), mara, policy.OWN_ACCESS)


def test_a_restriction_binds_whoever_says_to_act_for_the_person() -> None:
    (mara,) = register(entry())
    limit = policy.ask_restriction(resident(mara), mara, "registry", "The address is wrong")
    policy.Restriction.objects.filter(id=limit).update(since=clock.now())
    acting = helped(mara)
    taxing = replace(acting, roles=frozenset({"tax-officer"}), agency="tax")
    for actor in (taxing, replace(taxing, mandate=""), replace(taxing, on_behalf_of=None, mandate="")):
        with pytest.raises(Refused, match="restrict"):
            registry.read(actor, mara, TAX)


def test_an_agent_takes_no_data_of_rooms_where_nobody_acts_for_anybody() -> None:
    (mara,) = register(entry())
    accounts.create_account("mara@mail.example", "Mara Okafor", person=mara)
    assert "identity" in erasure.export(resident(mara), mara)["rooms"]
    assert "identity" not in erasure.export(helped(mara), mara)["rooms"]


def test_an_account_that_was_replaced_keeps_no_post() -> None:
    """Else its holder would have two identities: the old one, an officer's, could decide about the new one."""
    (mara,) = register(entry())
    old = accounts.create_account("old@mail.example", "Mara", person=mara)
    new = accounts.create_account("new@mail.example", "Mara")
    accounts.register_agency("register", {"en": "Register Office"}, roles=["registrar"])
    identity.appoint(the_node("set-up"), old.id, "register", "registrar")
    clerk = officer("identity-officer", "register")
    code = identity.issue_activation_code(clerk, mara, in_person=True)
    row = identity.models.Account.objects.get(pk=new.id)
    actor = Actor("resident", f"account:{new.id.hex}", "Mara", assurance=2, fresh=True)
    identity.connect(actor, row, code)
    assert identity.posts_of(old.id) == []


def test_nobody_proposes_to_erase_the_evidence_of_what_they_did() -> None:
    (mara,) = register(entry())
    erasure.entries_of(ERASER, mara)
    with pytest.raises(ValueError, match="did themselves"):
        erasure.propose(ERASER, mara, [2], "unlawful", "A slip")
    assert erasure.propose(replace(ERASER, id="officer:other"), mara, [2], "unlawful", "A slip")


def test_nobody_decides_to_erase_the_evidence_of_what_they_did() -> None:
    (mara,) = register(entry())
    two = [replace(ERASER, id=f"officer:{n}", name=f"E{n}") for n in (1, 2)]
    erasure.entries_of(two[1], mara)
    request = erasure.propose(two[0], mara, [2], "unlawful", "A slip")
    case = cases.cases_about(erasure.ERASURE, [request])[request]
    cases.claim(two[0], case)
    cases.decide(two[0], case, "accepted", "Yes")
    cases.claim(two[1], case)
    with pytest.raises(ValueError, match="did themselves"):
        cases.confirm(two[1], case, True)


def test_evidence_of_an_open_case_is_not_erased() -> None:
    (mara,) = register(entry())
    registry.read(officer("registrar", "register"), mara, EMERGENCY, emergency="She does not open the door")
    with pytest.raises(ValueError, match="open case"):
        erasure.propose(ERASER, mara, [2], "unlawful", "A slip")
