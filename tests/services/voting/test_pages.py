"""The pages as each role meets them, and the pass on its way from the booth and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commonweal.core import clock
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import the_node
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.ledger.models import Document
from commonweal.core.portal import service as portal
from commonweal.core.portal.uses import Narrowing
from commonweal.services.voting import records, service
from commonweal.services.voting.engine.passes import Pass, Request, base64url, from_base64url
from commonweal.services.voting.forms import QuestionForm
from commonweal.services.voting.roles import authority
from tests import town
from tests.services.voting.life import Life, begin, keys
from tests.walk.cast import browser, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(tmp_path: Path) -> Life:
    open_chain(NODE_CHAIN, NODE_LABEL)
    return begin(tmp_path, voters=2)


def voter_of(life: Life, voter: int) -> Client:
    account = accounts.create_account(f"v{voter}@mail.example", f"Voter {voter}", person=life.people[voter])
    return sign_in(account)


def officer(role: str) -> Client:
    open_chain(NODE_CHAIN, NODE_LABEL)
    accounts.register_agency("elections", {"en": "Election Office"}, {"email": "e@x.example"}, roles=[role])
    (person,) = town.register(town.entry("Olga", "Officer", identifier="700101-1"))
    account = accounts.create_account(f"{role}@x.example", "Olga Officer", person=person)
    identity.appoint(the_node("set-up"), account.id, "elections", role)
    return sign_in(account)


def asked(life: Life) -> tuple[Request, dict[str, str]]:
    request = Request.new(life.package.pass_key)
    back = f"{life.package.plan.box}/booth/{life.uuid}/?lang=fr"
    return request, {"blinded": base64url(request.blinded), "return": back}


def test_a_pass_goes_back_to_the_booth_behind_the_hash_and_again_if_it_was_lost(life: Life) -> None:
    client, (request, given) = voter_of(life, 0), asked(life)
    page = client.get(f"/voting/{life.uuid}/pass/", given)
    assert "You have not voted yet" in page.content.decode()
    assert f"form-action 'self' {life.package.plan.box}" in page["Content-Security-Policy"]
    answers = [client.post(f"/voting/{life.uuid}/pass/", given) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    back, _, signature = answers[0]["Location"].partition("#blind_signature=")
    assert back == given["return"]
    request.finish(life.package.pass_key, from_base64url(signature))


def test_a_second_pass_is_refused_in_plain_words(life: Life) -> None:
    client = voter_of(life, 0)
    assert client.post(f"/voting/{life.uuid}/pass/", asked(life)[1]).status_code == 303
    answer = client.post(f"/voting/{life.uuid}/pass/", asked(life)[1])
    assert answer.status_code == 409
    assert "You have drawn your voting pass already" in answer.content.decode()


def test_nobody_is_sent_to_another_origin_with_a_pass(life: Life) -> None:
    client, (_, given) = voter_of(life, 0), asked(life)
    for elsewhere in ("https://evil.example/", f"{life.package.plan.box}.evil.example/", "//evil.example"):
        assert client.post(f"/voting/{life.uuid}/pass/", given | {"return": elsewhere}).status_code == 404


def test_nonsense_is_no_pass_request(life: Life) -> None:
    answer = voter_of(life, 0).post(f"/voting/{life.uuid}/pass/", asked(life)[1] | {"blinded": "AAAA"})
    assert answer.status_code == 409
    assert records.asked_for(life.uuid, life.people[0]) == b""


def test_who_is_not_on_the_roll_or_left_it_gets_no_pass(life: Life) -> None:
    (stranger,) = town.register(town.entry("Stan", "Stranger"))
    client = sign_in(accounts.create_account("s@mail.example", "Stan", person=stranger))
    assert "You are not on the roll" in client.get(f"/voting/{life.uuid}/").content.decode()
    assert client.post(f"/voting/{life.uuid}/pass/", asked(life)[1]).status_code == 409
    service.remove(the_node("command"), life.uuid, life.people[1], "moved")
    assert voter_of(life, 1).post(f"/voting/{life.uuid}/pass/", asked(life)[1]).status_code == 409


def test_everybody_reads_what_is_public_and_nobody_a_draft(life: Life) -> None:
    service.follow(life.uuid, life.box)
    anyone = browser()
    for name in ("", "board/", "trustees/", "package.json", "checkpoints.json", "record.bel"):
        assert anyone.get(f"/voting/{life.uuid}/{name}").status_code == 200
    assert b"".join(anyone.get(f"/voting/{life.uuid}/package.json")) == life.package.content()
    draft = service.draft(the_node("command"), service.standing(life.uuid).draft)
    assert anyone.get(f"/voting/{draft}/").status_code == 404


def test_the_office_is_for_its_officers(life: Life) -> None:
    for client in (browser(), voter_of(life, 0), officer("polling-officer")):
        of_one = ("", "roll/", "roll/remove/", "freeze/")
        for name in ("", "new/", *(f"{life.uuid}/{page}" for page in of_one)):
            assert client.get(f"/voting/office/{name}").status_code in {302, 403}
        assert client.post(f"/voting/office/{life.uuid}/roll.csv").status_code in {302, 403}


def test_an_officer_holds_an_election_in_the_browser(tmp_path: Path) -> None:
    client = officer("election-officer")
    given = {"name": "Bins", "question": "Which?", "answers": "Green\nBlue", "method": "sum", "most": "1", "key": "k",
             "opens-day": "1", "opens-month": "5", "opens-year": "2099", "closes-day": "9", "closes-month": "5",
             "closes-year": "2099", "box": "https://vote.example"}  # fmt: skip
    place = client.post("/voting/office/new/", given)["Location"]
    uuid = place.rstrip("/").rpartition("/")[2]
    budget = {"question": "What?", "answers": "Trees | 30\nBench | 20", "method": "EqualShares", "most": "40"}
    assert client.post(f"{place}question/", budget).status_code == 302
    roll = SimpleUploadedFile("roll.csv", b"identifier,name,delivery\n700101-1,Olga,Mill Lane\n")
    assert client.post(f"{place}roll/", {"roll": roll}).status_code == 302
    (tmp_path / "roll.csv").write_bytes(client.post(f"{place}roll.csv").content)
    codes = authority.make_credentials(tmp_path / "a", uuid, authority.read_roll(tmp_path / "roll.csv"))
    messages, _ = keys(tmp_path, uuid, (2, 3))
    files = [SimpleUploadedFile(f"{n}.json", json.dumps(message).encode()) for n, message in enumerate(messages)]
    sealed = {"credentials": SimpleUploadedFile("c.json", codes.read_bytes()), "trustees": files, "sure": "on"}
    answer = client.post(f"{place}freeze/", sealed)
    assert answer.status_code == 302, answer.content.decode()
    package = service.standing(uuid).frozen
    assert package.plan.shuffles == 2
    assert Document.objects.filter(hash=bytes.fromhex(package.plan.digest)).exists()
    assert client.post(f"{place}sent/").status_code == 302


def test_an_officer_takes_somebody_off_the_roll_and_they_read_why(life: Life) -> None:
    (person,) = town.register(town.entry("Lea", "Leaver", identifier="510101-3"))
    draft = service.draft(the_node("command"), service.standing(life.uuid).draft)
    service.enter_roll(the_node("command"), draft, [service.RollLine(person, "Lea", "Mill Lane")])
    client, page = officer("election-officer"), f"/voting/office/{draft}/roll/remove/"
    assert page in client.get(f"/voting/office/{draft}/").content.decode()
    assert "moved away" in client.get(page).content.decode()
    for given in ({"number": "510101-3"}, {"number": "510101-3", "reason": "whim"}, {"number": "0", "reason": "moved"}):
        assert client.post(page, given).status_code == 200
        assert service.standing(draft).voters == 1
    assert client.post(page, {"number": "510101-3", "reason": "moved"}).status_code == 302
    assert service.standing(draft).voters == 0
    assert "not on the roll" in client.post(page, {"number": "510101-3", "reason": "moved"}).content.decode()
    used = str(portal.uses_of(town.resident(person), person, 1, Narrowing()))
    assert "Took you off the roll of an election" in used
    assert "reason: moved away" in used


def test_a_polling_officer_checks_somebody_in(life: Life) -> None:
    client = officer("polling-officer")
    (person,) = town.register(town.entry("Hal", "Helped", identifier="440101-7"))
    answer = client.post("/voting/office/help/", {"election": life.uuid, "number": "440101-7"})
    assert "not on the roll" in answer.content.decode()
    records.enter(life.uuid, [service.RollLine(person, "Hal", "")])
    assert client.post("/voting/office/help/", {"election": life.uuid, "number": "440101-7"}).status_code == 302


def test_anybody_looks_for_a_tracker_and_no_address_holds_it(life: Life) -> None:
    tracker = life.vote(0, (1, 0, 0)).tracker
    page, anyone = f"/voting/{life.uuid}/board/", browser()
    service.follow(life.uuid, life.box)
    assert "No ballot with this tracker" in anyone.post(page, {"tracker": tracker}).content.decode()
    life.box.tick(life.uuid, life.package.plan.opens.replace(year=9999))
    service.follow(life.uuid, life.box)
    assert "is on the board and counts" in anyone.post(page, {"tracker": tracker}).content.decode()
    assert "on the board and counts" not in anyone.get(page, {"tracker": tracker}).content.decode()


def test_more_ballots_than_passes_are_called_what_they_are(life: Life) -> None:
    life.vote(0, (1, 0, 0))
    package, content = life.package, life.ballot(1, (1, 0, 0))
    life.box.keep(package, life.box.verified(package, content), content, Pass(b"-", b""), life.opened)
    life.close()
    over = life.package.plan.closes.replace(year=9999)
    with clock.pretend(over):  # trustees see it before they decrypt
        assert "1 voting pass was drawn" in browser().get(f"/voting/{life.uuid}/board/").content.decode()
    life.tally()
    service.follow(life.uuid, life.box)
    assert "This result cannot stand" in browser().get(f"/voting/{life.uuid}/board/").content.decode()


def test_a_bar_in_an_answer_is_a_cost_in_budgets_only() -> None:
    given = {"question": "Which?", "answers": "This | that\nOther | 3", "most": "1"}
    forms = [QuestionForm(given | {"method": method}) for method in ("sum", "EqualShares")]
    assert forms[0].is_valid()
    assert forms[0].asked()[0].answers == ("This | that", "Other | 3")
    assert not forms[1].is_valid()
