"""What the population register knows is not asked: a real node, through its own gateway, with the person's consent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.exchange.federation import TestNode, make_node

OFFER = """
member = "register"
system = "population"
code = "circumstances"
title = "Household, age and registration"
purposes = ["assistant.circumstances"]

[[endpoint]]
method = "POST"
path = "/read"

[subject]
pointer = "/subject"
scheme = "national"

[[access]]
client = "ALD/GOV/register/assistant"
agency = "register"
roles = ["assistant"]

[function]
name = "commonweal.services.registry.service:circumstances"
"""
CLIENT = """
[[client]]
system = "ALD/GOV/register/assistant"
from = ["127.0.0.1"]
purpose = "assistant.circumstances"
"""
FACTS = '[facts]\nservice = "ALD/GOV/register/population/circumstances/read"\n'
TALK = """
import json
from commonweal.core.identity import people
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.policy import service as policy
from commonweal.services.assistant import service
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.values import Asked
from tests.town import officer, resident
service.load_folder(the_node("command"), GUIDANCE)
service.load_folder(the_node("command"), FLOWS)
person = people.identify("national", "70010100000")
mara = resident(person)

def told(**more):
    print(json.dumps(more))

def place(talk, actor=mara):
    found = service.talk(actor, talk).place
    return found.question if isinstance(found, Asked) else found.outcome
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestNode]:
    """One node with register and assistant, in a federation of its own."""
    agencies = [("register", {"en": "Register"}, ["registrar", "enquiry-officer"])]
    node = make_node(
        tmp_path_factory.mktemp("town") / "node", "demo.town.example/log", agencies, filled=True,
        services="registry,assistant",
    )  # fmt: skip
    node.command("federation", "found", "ALD", "--address", node.address)
    (node.home / "offers").mkdir()
    (node.home / "offers/circumstances.toml").write_text(OFFER)
    node.command("join", node.command("federation", "invite", "ALD/GOV/register"))
    with (node.home / "exchange.toml").open("a") as file:
        file.write(CLIENT)
    node.command("federation", "publish")
    (node.home / "assistant.toml").write_text(FACTS)
    node.start("gateway")
    yield node
    node.stop(kill=True)


def said_by(node: TestNode, script: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(node.python(TALK + script).splitlines()[-1])
    return found


def test_what_the_register_knows_is_not_asked_once_the_person_agreed(town: TestNode) -> None:
    found = said_by(
        town,
        """
talk = service.begin_flow(mara, "vote-by-post", "en")
asked, offered = place(talk), [str(one) for one in service.facts_on_offer(mara, talk)]
service.use_facts(mara, talk, key="once")
service.use_facts(mara, talk, key="once")
then = place(talk)
service.choose(mara, talk, "time", "yes")
end = service.talk(mara, talk).place
later = service.begin_flow(mara, "income-support", "fr")
told(asked=asked, offered=offered, then=then, outcome=end.outcome, rules=[step.rule for step in end.trace],
     known=[step.known for step in end.trace], more=[str(one) for one in service.facts_on_offer(mara, talk)],
     later=place(later))
""",
    )
    assert found["asked"] == "age"
    assert found["offered"] == ["your age", "since when you are registered"]
    assert found["then"] == "time"
    assert found["outcome"] == "yes"
    assert found["known"] == [True, True, False]
    assert found["rules"][0] == "Be on the electoral roll, age"
    assert found["more"] == []
    assert found["later"] == "savings", "a consent that stands is used in the next conversation too"


def test_each_use_stands_in_the_persons_record_and_tells_no_answer(town: TestNode) -> None:
    said_by(
        town,
        """
talk = service.begin_flow(mara, "housing-benefit", "en")
service.use_facts(mara, talk)
told()
""",
    )
    uses = [record for record in town.records() if record["action"] == "registry.circumstances.read"]
    assert uses
    assert uses[-1]["decision"] == "permitted"
    assert uses[-1]["consent"]
    assert uses[-1]["disclosed"] == ["registry/age", "registry/household-size", "registry/registered"]
    asked = [record["action"] for record in town.records() if record["purpose"] == "assistant.circumstances"]
    assert {"exchange.ask", "exchange.receive"} <= set(asked)


def test_a_withdrawn_consent_is_not_used(town: TestNode) -> None:
    found = said_by(
        town,
        """
talk = service.begin_flow(mara, "income-support", "en")
service.use_facts(mara, talk)
for consent in policy.consents_of(mara, person):
    if not consent.withdrawn:
        policy.withdraw_consent(mara, person, consent.id)
told(place=place(service.begin_flow(mara, "income-support", "en")))
""",
    )
    assert found["place"] == "registered"


def test_nobody_agrees_for_somebody_else(town: TestNode) -> None:
    found = said_by(
        town,
        """
anonymous = service.begin_flow(ANONYMOUS, "income-support", "en")
mine = service.begin_flow(mara, "income-support", "en")
service.hand_over(mara, mine)
olu = officer("enquiry-officer", "register")
service.take(olu, mine)
refused = []
for actor, talk in ((ANONYMOUS, anonymous), (olu, mine)):
    try:
        service.use_facts(actor, talk)
    except (service.NotTold, service.NoTalk) as error:
        refused.append(type(error).__name__)
told(offered=len(service.facts_on_offer(ANONYMOUS, anonymous)), refused=refused)
""",
    )
    assert found == {"offered": 0, "refused": ["NotTold", "NoTalk"]}


def test_a_register_that_does_not_answer_is_said_and_the_questions_go_on(town: TestNode) -> None:
    town.stop("gateway")
    found = said_by(
        town,
        """
talk = service.begin_flow(mara, "income-support", "en")
try:
    service.use_facts(mara, talk)
except service.NotTold as error:
    told(place=place(talk), error=str(error))
""",
    )
    assert found["place"] == "registered"
    assert "does not answer" in found["error"]
    town.start("gateway")
