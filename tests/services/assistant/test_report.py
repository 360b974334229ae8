"""Page owners learn what was asked and not answered, each week without asking, and nothing about who asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import ANONYMOUS, Person, the_node
from commonweal.core.ledger.models import Record
from commonweal.services.assistant import regular, service
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.reporting import editors, report
from commonweal.services.assistant.reporting import service as reporting
from commonweal.services.assistant.values import NewPage, Subject
from tests.services.assistant.conftest import PAGES
from tests.town import entry, register, resident

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
WEEK = "2026-W47"
UNKNOWN = "Xylophones on Mars? Call me at +34 600 123 456"


def ask(question: str, *, days: float = 3, talk_id: str = "", who: Any = ANONYMOUS) -> str:
    """Ask some days before Monday."""
    with clock.pretend(MONDAY - timedelta(days=days)):
        return service.ask(who, question, "en", talk_id=talk_id)[0]


def editor(agency: str, name: str, person: Person | None = None) -> None:
    accounts.register_agency(agency, {"en": f"{agency} office", "fr": f"Service {agency}"}, roles=["guidance-editor"])
    account = accounts.create_account(f"{name}@testford.example", name, person=person)
    identity.appoint(the_node("set-up"), account.id, agency, "guidance-editor")


def round_at(moment: datetime) -> None:
    with clock.pretend(moment):
        regular.work()


@pytest.fixture
def town(room: None) -> tuple[Person, Person]:
    """Two agencies with pages and an editor each, and one without."""
    ada, ben = register(entry("Ada"), entry("Ben"))
    editor("register", "ada", ada)
    editor("streets", "ben", ben)
    accounts.register_agency("books", {"en": "Library"})
    owned = zip(PAGES, ("streets", "register", "books"), (date(2026, 11, 1), date(2026, 12, 20), None), strict=True)
    with clock.pretend(MONDAY - timedelta(days=60)):
        publishing.publish(
            the_node("command"),
            [NewPage(page.slug, "en", page.title, page.source, owner, page.topic, review=review)
             for page, owner, review in owned],
        )  # fmt: skip
    return ada, ben


def test_the_report_is_by_owner(town: tuple[Person, Person]) -> None:
    talk = ask("How much does a resident parking permit cost?")
    ask(UNKNOWN, talk_id=talk)
    ask("Zebras on Venus", who=resident(town[0]))
    ask("How much does a resident parking permit cost?", days=8)
    found = reporting.report("streets", WEEK)
    own, books = found.owners
    assert (own.owner, own.subjects) == ("streets", (Subject("parking", 0, 1, 1),))
    assert [page.slug for page in own.due] == ["parking-permit"]
    assert (books.owner, books.subjects, books.due) == ("books", (), ())
    assert found.unanswered == ("Xylophones on Mars? Call me at [phone]",)
    assert found.not_known == 2
    assert dict(found.outcomes)[Outcome.NOT_KNOWN] == 2
    with clock.pretend(MONDAY):
        assert [page.slug for page in reporting.report("register").owners[0].due] == ["bulky-waste"]
        assert reporting.report("register").owners[0].owner == "register"


def test_it_is_sent_once_a_week_whatever_happens(town: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben = town
    ask("How much does a resident parking permit cost?")

    def inbox(person: Person) -> list[str]:
        return [notice.text for notice in cases.inbox(resident(person), person)[0]]

    tell = editors.tell
    with monkeypatch.context() as broken:
        broken.setattr(
            editors, "tell", lambda person, agency, *more: tell(person, agency, *more) if agency == "streets" else 1 / 0
        )
        round_at(MONDAY)
    assert (len(inbox(ada)), len(inbox(ben))) == (0, 1)
    for hours in (0, 1, 24, 150):
        round_at(MONDAY + timedelta(hours=hours))
    (text,) = inbox(ben)
    assert "parking: answered 0, partly 1, not 0" in text
    assert "1 November 2026: Park near your home (en)" in text
    assert f"/assistant/report/?week={WEEK}" in text
    assert "bulky" not in text.casefold()
    assert len(inbox(ada)) == 1
    round_at(MONDAY + timedelta(days=7))
    assert len(inbox(ben)) == 2


def test_nobodys_words_stand_in_what_is_sent(town: tuple[Person, Person]) -> None:
    ask(UNKNOWN)
    round_at(MONDAY)
    (notice,), _cases = cases.inbox(resident(town[0]), town[0])
    assert "Xylophones" not in notice.text
    assert "No page answered 1 questions" in notice.text
    entries = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=town[0].chain)]
    (sent,) = [one for one in entries if one["action"] == "assistant.report.send"]
    assert sent["changed"] == ["cases/notice"]


def test_each_reads_it_in_their_language(town: tuple[Person, Person]) -> None:
    cases.choose_channel(resident(town[1]), town[1], cases.Channel("inbox", "", "fr"))
    round_at(MONDAY)
    (notice,), _cases = cases.inbox(resident(town[1]), town[1])
    assert notice.subject == "Ce qui a été demandé sur vos pages la semaine dernière"
    assert "Service streets\nRien n’a été demandé sur ces pages." in notice.text


def test_an_editor_without_an_inbox_is_told_by_mail(room: None) -> None:
    editor("register", "eve")
    publishing.publish(the_node("command"), PAGES)
    for _again in range(2):
        round_at(MONDAY)
    editors.tell_by_mail.func("eve@testford.example", WEEK)
    assert mail.outbox[0].to == ["eve@testford.example"]
    assert f"/assistant/report/?week={WEEK}" in mail.outbox[0].body


def test_nothing_is_sent_where_nobody_reads_it(room: None) -> None:
    assert reporting.send_reports() == 0
    accounts.register_agency("register", {"en": "Register"})
    publishing.publish(the_node("command"), PAGES)
    assert reporting.send_reports() == 0


@pytest.mark.parametrize("week", ["2026-W54", "soon", "0001-W01", "2026-W47-1", "9999-W52"])
def test_what_is_no_week_is_refused(week: str) -> None:
    with pytest.raises(ValueError, match=r"week|match|Invalid"):
        report.beginning(week)


def test_the_public_record_names_wrong_answers_beside_coverage() -> None:
    measures = [str(one.measure) for one in service.RECORD.quality]
    assert any("should not" in measure and "while" in measure for measure in measures)
