"""What the assistant does with other offices: real nodes, through their gateways, with the person's consent."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.exchange.federation import TestNode, fetch, make_node

pytestmark = pytest.mark.slow

OFFER = """
member = "{member}"
system = "{system}"
code = "{code}"
title = "{code}"
purposes = ["{purpose}"]

[[endpoint]]
method = "POST"
path = "{path}"

[subject]
pointer = "/subject"
scheme = "national"

[[access]]
client = "ALD/GOV/register/assistant{suffix}"
agency = "register"
roles = ["enquiry-office"]

[function]
name = "{function}"
"""
CIRCUMSTANCES = OFFER.format(
    member="register", system="population", code="circumstances", purpose="assistant.circumstances", path="/read",
    suffix="", function="commonweal.services.registry.service:circumstances",
)  # fmt: skip
CONVERSATIONS = OFFER.format(
    member="benefits", system="enquiries", code="assistant", purpose="assistant.answering", path="/conversations",
    suffix="-desk", function="commonweal.services.assistant.service:receive",
)  # fmt: skip
CLIENTS = """
[[client]]
system = "ALD/GOV/register/assistant"
from = ["127.0.0.1"]
purpose = "assistant.circumstances"

[[client]]
system = "ALD/GOV/register/assistant-desk"
from = ["127.0.0.1"]
purpose = "assistant.answering"
"""
FACTS = '[facts]\nservice = "ALD/GOV/register/population/circumstances/read"\n'
TALK = """
import json
from commonweal.core.identity import people
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.cases import service as cases
from commonweal.core.policy import service as policy
from commonweal.services.assistant import conversations, service
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.values import Asked
from tests.town import officer, resident
publishing.load_folder(the_node("command"), GUIDANCE)
publishing.load_folder(the_node("command"), FLOWS)
person = people.identify("national", "70010100000")
mara, olu = resident(person), officer("enquiry-officer", "register", "Olu Enquiry")

def told(**more):
    print(json.dumps(more))

def place(talk, actor=mara):
    found = service.talk(actor, talk).place
    return found.question if isinstance(found, Asked) else found.outcome
"""


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestNode, TestNode]]:
    """The town with register and assistant, and the benefits office with a node and an assistant of its own."""
    folder = tmp_path_factory.mktemp("offices")
    town, benefits = (
        make_node(
            folder / code, f"demo.{code}.example/log", [(code, {"en": name}, ["registrar", "enquiry-officer"])],
            filled=True, services="registry,assistant",
        )
        for code, name in (("register", "Register"), ("benefits", "Benefits Office"))
    )  # fmt: skip
    town.command("federation", "found", "ALD", "--address", town.address)
    for node, name, offer in ((town, "circumstances", CIRCUMSTANCES), (benefits, "conversations", CONVERSATIONS)):
        (node.home / "offers").mkdir()
        (node.home / f"offers/{name}.toml").write_text(offer)
    town.command("join", town.command("federation", "invite", "ALD/GOV/register"))
    with (town.home / "exchange.toml").open("a") as file:
        file.write(CLIENTS)
    (town.home / "assistant.toml").write_text(FACTS)
    town.command("federation", "publish")
    code = town.command("federation", "invite", "ALD/GOV/benefits").splitlines()[0]
    town.start("gateway")
    benefits.command("join", code, "--address", benefits.address)
    benefits.command("federation", "publish")
    benefits.start("gateway")
    time.sleep(1.2)
    yield town, benefits
    for node in (town, benefits):
        node.stop(kill=True)


@pytest.fixture(scope="module")
def town(nodes: tuple[TestNode, TestNode]) -> TestNode:
    return nodes[0]


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
from commonweal.core.ledger.models import Record
reads = sum(b'"registry.circumstances.read"' in bytes(row.body) for row in Record.objects.all())
then = place(talk)
service.choose(mara, talk, "time", "yes")
end = service.talk(mara, talk).place
later = service.begin_flow(mara, "income-support", "fr")
told(asked=asked, offered=offered, reads=reads, then=then, outcome=end.outcome, rules=[step.rule for step in end.trace],
     known=[step.known for step in end.trace], more=[str(one) for one in service.facts_on_offer(mara, talk)],
     later=place(later))
""",
    )
    assert found["asked"] == "age"
    assert len(found["offered"]) == 4, "whoever agrees sees all that the register is asked"
    assert found["reads"] == 1, "a form sent twice asks once"
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


SUGGESTED = """
talk, _reply = service.ask(mara, "When is the housing benefit paid?", "en")
service.hand_over(mara, talk)
service.take(olu, talk)
service.answer(olu, talk, "The Benefits Office knows when yours comes.")
offices = [(one.service, one.name("en")) for one in service.offices_elsewhere()]
service.suggest_office(olu, talk, "ALD/GOV/benefits/enquiries/assistant")
"""


def test_a_conversation_goes_to_another_office_once_the_person_agrees(nodes: tuple[TestNode, TestNode]) -> None:
    town, benefits = nodes
    found = said_by(
        town,
        SUGGESTED
        + """
before = service.suggested_office(mara, talk).name("en")
service.send_to_office(mara, talk)
after = service.talk(mara, talk)
told(offices=offices, before=before, state=after.state, last=[(said.outcome, said.text) for said in after.said][-2:])
""",
    )
    assert found["offices"] == [["ALD/GOV/benefits/enquiries/assistant", "Benefits Office"]]
    assert found["before"] == "Benefits Office"
    assert found["state"] == "ended"
    assert found["last"] == [["sent", "Benefits Office"], ["ended", ""]]
    there = said_by(
        benefits,
        """
from commonweal.services.assistant.enquiries import ENQUIRY
from commonweal.services.assistant.models import Conversation
row = Conversation.objects.get(state="case")
case = next(iter(cases.cases_about(ENQUIRY, [str(row.id)]).values()))
from commonweal.core.cases.models import Case
told(said=[(str(label), text) for label, text in ENQUIRY.shows(str(row.id))], person=row.person_id == person.id,
     queue=Case.objects.get(id=case).queue)
""",
    )
    assert there["queue"] == "benefits/enquiry-officer"
    assert there["person"]
    assert ["The person", "When is the housing benefit paid?"] in there["said"]
    assert ["Olu Enquiry", "The Benefits Office knows when yours comes."] in there["said"]
    assert any(
        record["action"] == "assistant.talk.receive" and record["decision"] == "permitted"
        for record in benefits.records()
    )
    assert any(record["action"] == "assistant.talk.send" and record["own"] for record in town.records())


def test_a_long_conversation_in_any_script_arrives_with_its_newest_words(nodes: tuple[TestNode, TestNode]) -> None:
    town, benefits = nodes
    said_by(
        town,
        SUGGESTED
        + """
for number in range(60):
    service.ask(mara, f"{number} " + "\u0633" * 1900, "ar", talk_id=talk)
service.suggest_office(olu, talk, "ALD/GOV/benefits/enquiries/assistant")
service.send_to_office(mara, talk)
told()
""",
    )
    there = said_by(
        benefits,
        """
from commonweal.services.assistant.models import Conversation
row = Conversation.objects.filter(state="case").order_by("-began").first()
said = [message.text for message in row.messages.filter(role="user").order_by("n")]
told(newest=said[-1].split()[0], oldest=said[0].split()[0])
""",
    )
    assert there["newest"] == "59"
    assert there["oldest"].isdecimal(), "the first question, the oldest words, is left out"


def test_nothing_is_sent_unless_the_person_agrees_and_the_office_takes_it(nodes: tuple[TestNode, TestNode]) -> None:
    town, benefits = nodes
    benefits.stop("gateway")
    found = said_by(
        town,
        SUGGESTED
        + """
other, refused = resident(people.identify("national", "70010100001")), []
for actor in (ANONYMOUS, other, olu, mara):
    try:
        service.send_to_office(actor, talk)
    except (service.NotTold, service.NoTalk, service.NotNow) as error:
        refused.append(type(error).__name__)
told(refused=refused, state=service.talk(mara, talk).state)
""",
    )
    assert found == {"refused": ["NoTalk", "NoTalk", "NoTalk", "NotTold"], "state": "talking"}
    benefits.start("gateway")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('{"language": "en", "said": [{"role": "user", "by": "", "text": "a"}]}', "conversation:"),
        ('{"conversation": "x", "said": [{"role": "user", "by": "", "text": "a"}]}', "language:"),
        ('{"conversation": "x", "language": "en", "said": []}', "said:"),
        ('{"conversation": "x", "language": "en", "said": [{"role": "king", "by": "", "text": "a"}]}', "said:"),
    ],
)
def test_what_cannot_be_read_is_named(nodes: tuple[TestNode, TestNode], content: str, names: str) -> None:
    town, _benefits = nodes
    body = content.replace("{", '{"subject": {"scheme": "national", "value": "70010100000"}, ', 1).encode()
    answer = fetch(
        f"{town.address}/r1/ALD/GOV/benefits/enquiries/assistant/conversations", "POST", body,
        X_Road_Client="ALD/GOV/register/assistant-desk", Content_Type="application/json",
    )  # fmt: skip
    assert answer.status == 400
    assert names in answer.json["error"]
