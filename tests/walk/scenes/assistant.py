"""The assistant: a question answered, not answered, waiting for a person; guidance; the officers' desk."""

from __future__ import annotations

from commonweal.core.identity.actors import ANONYMOUS, Actor, the_node
from commonweal.services.assistant import service
from commonweal.services.assistant.judging import service as judging
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import NewFlow, NewPage
from tests.services.assistant.test_flows import PASS
from tests.walk.cast import Cast
from tests.walk.scenes import LONG, Scene

PARKING = """# Park near your home

You need a resident parking permit to park in a blue zone. The permit costs 45 euros a year.

## How to apply

Apply online or at the town hall.
"""

FLOW = PASS.replace("pages/bus-pass.md#who", "parking#park-near-your-home")


def go_through(cast: Cast, role: str, **answers: str) -> None:
    """Begin the questions in somebody's browser, and give these answers."""
    client = cast.clients[role]
    client.post("/assistant/questions/", {"begin": "parking", "language": "en"})
    for question, option in answers.items():
        client.post("/assistant/questions/", {"question": question, "option": option})


def judge(officer: Actor) -> int:
    """Answers that an officer judged, with test questions of both kinds; returns one that is still to be judged."""
    for text, own, verdict, slug in (
        ("What does a parking permit cost?", "What is the price of a permit to park?", "other", "parking"),
        ("Xylophones on Mars", "Where are musical instruments sold?", "none", ""),
    ):
        service.ask(ANONYMOUS, text, "en")
        number = judging.given(officer)[0].number
        judging.judge(officer, number, verdict, slug, question=own)  # type: ignore[arg-type]
    service.ask(ANONYMOUS, "How do I apply for a parking permit?", "en")
    return judging.given(officer)[0].number


def scenes(cast: Cast) -> list[Scene]:
    """A page in two versions, and conversations in each state."""
    for price in ("45", "52"):
        source = PARKING.replace("45", price)
        page = NewPage("parking", "en", "Park near your home", source, "register", "parking", flow="parking")
        publishing.publish(the_node("command"), [page])
    old = service.versions("parking", "en")[-1].hash
    account = cast.accounts["enquiry-officer"]
    officer = Actor("officer", f"account:{account.id.hex}", account.name, "register", frozenset({"enquiry-officer"}), 2)
    talk, _reply = service.ask(ANONYMOUS, "What does a parking permit cost?", "en")
    service.hand_over(ANONYMOUS, talk)
    service.take(officer, talk)
    service.answer(officer, talk, f"It costs 52 euros. {LONG}")
    publishing.publish_flows(the_node("command"), [NewFlow("parking", "en", FLOW)])
    service.begin_flow(officer, "parking", "en", talk_id=talk)
    go_through(cast, "benefit-officer")
    go_through(cast, "tax-officer", age="under", disabled="yes")
    waiting, _reply = service.ask(ANONYMOUS, LONG, "ar")
    service.hand_over(ANONYMOUS, waiting)
    number = judge(officer)
    return [
        Scene("ask", "anonymous", "/assistant/"),
        Scene("nothing asked", "anonymous", "/assistant/", {"text": ""}, error=True),
        Scene("asked", "resident", "/assistant/", {"text": "What does a parking permit cost?"}),
        Scene("asked what nobody knows", "resident", "/assistant/", {"text": "Xylophones on Mars"}),
        Scene("an emergency", "anonymous", "/assistant/", {"text": "There is a fire in my house, somebody is hurt"}),
        Scene("guidance", "anonymous", "/assistant/guidance/"),
        Scene("a page", "anonymous", "/assistant/guidance/en/parking/"),
        Scene("an old version", "anonymous", f"/assistant/guidance/en/parking/{old}/"),
        Scene("questions of a flow", "anonymous", "/assistant/flows/en/parking/"),
        Scene("no such flow", "anonymous", "/assistant/flows/en/nothing/", status=404),
        Scene("a question", "benefit-officer", "/assistant/questions/"),
        Scene("no answer chosen", "benefit-officer", "/assistant/questions/", {}, error=True),
        Scene("the result", "tax-officer", "/assistant/"),
        Scene("no such page", "anonymous", "/assistant/guidance/en/nothing/", status=404),
        Scene("what was asked", "guidance-editor", "/assistant/report/"),
        Scene("what was asked in a week", "guidance-editor", "/assistant/report/?week=2026-W47"),
        Scene("no such week", "guidance-editor", "/assistant/report/?week=soon", status=404),
        Scene("answers to judge", "enquiry-officer", "/assistant/review/"),
        Scene("an answer to judge", "guidance-editor", f"/assistant/review/{number}/"),
        Scene("not judged", "enquiry-officer", f"/assistant/review/{number}/", {}, error=True),
        Scene("the curve", "operator", "/assistant/curve/"),
        Scene("less than partly", "operator", "/assistant/curve/", {"partly": "0.80", "answered": "0.20"}, error=True),
        Scene("queue", "enquiry-officer", "/assistant/queue/"),
        Scene("desk", "enquiry-officer", f"/assistant/queue/{talk}/"),
    ]
