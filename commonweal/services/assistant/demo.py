"""The assistant's part of the demo town: its guidance, a month of questions, and an officers' queue."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

from commonweal.core import clock
from commonweal.core.identity.actors import ANONYMOUS, Actor, the_node
from commonweal.demo.world import World
from commonweal.services.assistant import service
from commonweal.services.assistant.judging import service as judging
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Asked, Verdict

GUIDANCE = Path(__file__).parent / "demo_guidance"
FLOWS = Path(__file__).parent / "demo_flows"
QUESTIONS = {  # with the page that answers, if one does
    "How much is a resident parking permit?": "resident-parking", "When is bulky waste collected?": "bulky-waste",
    "I lost my identity card": "lost-identity-card", "How do I register my new address?": "register-your-address",
    "How long does a passport for my daughter take?": "passport-child",
    "Who can get housing benefit?": "housing-benefit",
    "Can I pay my property tax in instalments?": "pay-tax-in-instalments",
    "How do I enrol my son at school?": "enrol-at-school", "What does lunch at school cost?": "school-meals",
    "When is the recycling centre open?": "recycling-centre",
    "How do I appeal against a decision on benefits?": "appeal-a-benefit-decision",
    "Is the library free?": "library-card", "How many day tickets for visitors do I get?": "visitor-parking",
    "My bin was not emptied": "waste-collection", "Do I need a permit to fell a tree?": "tree-felling",
    "What is the care allowance in grade 3?": "care-allowance", "Can I vote by post?": "vote-by-post",
    "How do I get a copy of my birth certificate?": "copies-of-certificates", "What is the dog tax?": "dog-tax",
    "When do I have to report that my income changed?": "report-a-change",
    "Can you recommend a good restaurant?": "", "What is the exchange rate of the dollar?": "",
    "Who won the football match?": "", "How do I fix my bicycle?": "",
}  # fmt: skip
TEST_QUESTIONS = {  # of officers, in their own words
    "resident-parking": "What do people who live in a blue zone pay for parking?",
    "bulky-waste": "How does somebody get rid of an old sofa?",
    "lost-identity-card": "My identity card was stolen on the bus",
    "library-card": "What does a library card cost a child?",
    "vote-by-post": "I am abroad on the day of the election",
    "dog-tax": "We have a puppy now. What do we pay?",
    "": "Which cinema shows films for children?",
}
ASKED, SIGNED_IN, WENT_THROUGH, WAITING, JUDGED = 60, 25, 12, 3, 30


def populate(world: World) -> None:
    """Publish the town's guidance, and the questions that stand on it."""
    with clock.pretend(world.begins):
        publishing.load_folder(the_node("set-up"), GUIDANCE)
        publishing.load_folder(the_node("set-up"), FLOWS)


def plan(world: World) -> None:
    """A month of questions, most of them from people who are not signed in; a few want a person, some still wait.

    An editor of the guidance has judged some of the answers.
    """
    for _ in range(ASKED):
        world.events.append((world.sometime(0.83), partial(_ask, world, ANONYMOUS)))
    for visit in range(SIGNED_IN):
        someone = world.adult().signed_in(f"asks-{visit}")
        world.events.append((world.sometime(0.83), partial(_ask, world, someone)))
    for _ in range(WENT_THROUGH):
        world.events.append((world.sometime(0.83), partial(_go_through, world)))
    for place in range(WAITING):
        at = world.ends - timedelta(minutes=7 * (place + 1))
        world.events.append((at, partial(_wait, world)))
    world.events.append((world.ends - timedelta(hours=1), partial(_judge, world)))


def _ask(world: World, actor: Actor) -> None:
    """One to three questions; after two failures an officer answers."""
    talk_id = ""
    for question in world.random.sample(list(QUESTIONS), world.random.choice((1, 1, 2, 3))):
        talk_id, _reply = service.ask(actor, question, "en", talk_id=talk_id)
    if service.talk(actor, talk_id).offered:
        officer = world.officer("enquiry-officer")
        service.hand_over(actor, talk_id)
        service.take(officer, talk_id)
        service.answer(officer, talk_id, "The town has no guidance on that. Is there anything else I can help with?")
        service.close(officer, talk_id)


def _go_through(world: World) -> None:
    """The questions of a flow, answered by chance."""
    language = world.random.choice(("en", "en", "fr", "es", "ar"))
    talk_id = service.begin_flow(ANONYMOUS, world.random.choice(service.flows(language)).name, language)
    while isinstance(asked := service.talk(ANONYMOUS, talk_id).place, Asked):
        option, _words = world.random.choice(asked.options)
        service.choose(ANONYMOUS, talk_id, asked.question, option)


def _wait(world: World) -> None:
    talk_id, _reply = service.ask(ANONYMOUS, world.random.choice(list(QUESTIONS)), "en")
    service.hand_over(ANONYMOUS, talk_id)


def _judge(world: World) -> None:
    """The older ones of the latest answers; and a test question for each page that comes up."""
    editor, own = world.officer("guidance-editor"), dict(TEST_QUESTIONS)
    for one in judging.given(editor)[-JUDGED:]:
        if (page := QUESTIONS.get(one.asked)) is not None:
            verdict: Verdict = "none" if not page else "answers" if page == one.slug else "other"
            judging.judge(editor, one.number, verdict, page, own.pop(page, ""))
