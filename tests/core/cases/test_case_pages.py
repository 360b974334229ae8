"""The officers' pages by a plain client: the list, ready texts, four eyes, handing over."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commonweal.core import clock
from commonweal.core.cases import models
from commonweal.core.cases import service as cases
from tests import town
from tests.core.cases import errand
from tests.walk.cast import Cast, assemble, own_node, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(tmp_path: Path) -> Any:
    with own_node(tmp_path):
        yield assemble()


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_list_is_sorted_paged_and_tells_nobodys_name(cast: Cast) -> None:
    people = town.register(*(town.entry(f"Given{n}", f"Family{n}") for n in range(44)))
    found = [errand.ask(person) for person in people]
    late, later = found[30], found[20]
    models.Case.objects.filter(id=late).update(due=clock.now() - timedelta(days=2, hours=1))
    models.Case.objects.filter(id=later).update(due=clock.now() + timedelta(days=1, hours=1))
    client = cast.clients["registrar"]
    first = text(client.get("/cases/"))
    shown = re.findall(r'href="/cases/([0-9a-f-]{36})/"', first)
    assert (len(shown), shown[0], shown[1]) == (40, late, later)
    assert "3 days late" in first
    assert "in 1 day" in first
    assert not re.search(r"Family|Given|Abuja|Quillfeather", first)
    after = re.search(r'href="\?after=([^"&]+)', first)
    assert after
    second = re.findall(r'href="/cases/([0-9a-f-]{36})/"', text(client.get(f"/cases/?after={after.group(1)}")))
    assert len(second) == 5  # Zephyrine's is the 45th
    assert not set(shown) & set(second)
    only_late = re.findall(r'href="/cases/([0-9a-f-]{36})/"', text(client.get("/cases/?show=overdue")))
    assert only_late == [late]
    assert late not in text(client.get("/cases/?show=mine"))
    assert late not in text(client.get("/cases/?language=ar"))
    assert late in text(client.get("/cases/?after=nonsense&queue=register/registrar"))
    assert late not in text(client.get("/cases/?queue=tax/tax-officer"))
    assert late not in text(cast.clients["tax-officer"].get("/cases/"))


def test_a_ready_text_is_filled_in_and_reaches_the_person_in_their_language(cast: Cast) -> None:
    mara, client = cast.people["resident"], cast.clients["registrar"]
    cases.choose_channel(town.resident(mara), mara, cases.Channel("inbox", language="es"))
    address = f"/cases/{errand.ask(mara)}/"
    client.post(address, {"do": "claim", "key": "c"})
    assert "Abuja" in text(client.get(address))
    answer = text(client.post(address, {"outcome": "rejected", "text": "unreadable", "key": "d"}))
    assert "Fill in what the ready text leaves open" in answer
    given = {"outcome": "rejected", "text": "unreadable", "blank_document": "pasaporte", "key": "d"}
    for _ in range(2):
        assert client.post(address, given).status_code == 302
    (notice,), _ = cases.inbox(town.resident(mara), mara)
    assert notice.text == "No hemos podido leer su documento: pasaporte. Envíelo de nuevo, por favor."
    home = cast.clients["resident"]
    assert "Inbox (1)" in text(home.get("/"))
    assert "pasaporte" in text(home.get(f"/inbox/{notice.id}/"))
    assert "Inbox (1)" not in text(home.get("/"))


def test_four_eyes_and_handing_over_by_pages(cast: Cast) -> None:
    from commonweal.core.identity import service as identity
    from commonweal.core.identity.actors import the_node

    mara, first = cast.people["resident"], cast.clients["registrar"]
    colleague = cast.accounts["tax-officer"]
    for post in identity.posts_of(colleague.id):
        identity.end_post(the_node("set-up"), post)
    identity.appoint(the_node("set-up"), colleague.id, "register", "registrar")
    second = sign_in(colleague)
    rulings: list[Any] = []
    with errand.permits(rulings) as permit:
        case = errand.apply_for(permit, mara, "P-1")
        address = f"/cases/{case}/"
        first.post(address, {"do": "claim", "key": "1"})
        ready = text(first.get(address))
        assert "Please send your [Which paper?]." in ready
        first.post(address, {"outcome": "accepted", "text": "own", "reason": "Granted.", "key": "2"})
        assert "somebody else goes on with it" in text(first.get(address))
        second.post(address, {"do": "claim", "key": "3"})
        assert "Granted." in text(second.get(address))
        assert "Say why you do not agree" in text(second.post(address, {"agree": "no", "key": "4"}))
        assert second.post(address, {"agree": "yes", "key": "5"}).status_code == 302
        assert [ruling.reason for ruling in rulings] == ["Granted."]

        other = errand.apply_for(permit, mara, "P-2")
        first.post(f"/cases/{other}/", {"do": "claim", "key": "6"})
        page = text(first.get(f"/cases/{other}/hand-over/"))
        assert colleague.name in page
        assert first.post(
            f"/cases/{other}/hand-over/", {"to": f"account:{colleague.id.hex}", "text": "Yours.", "key": "7"}
        ).status_code == 302  # fmt: skip
        assert "Yours." in text(second.get(f"/cases/{other}/"))
        assert first.post(f"/cases/{other}/ask/", {"text": "?", "key": "8"}).status_code == 200  # no longer theirs
        second.post(f"/cases/{other}/", {"do": "release", "key": "9"})
        assert models.Case.objects.get(id=other).owner == ""
