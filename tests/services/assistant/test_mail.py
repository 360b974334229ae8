"""E-mail: the same conversation, what was quoted left out, and nothing that could go round in circles."""

from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.core.cache import cache

from commonweal.commands import assistant as command
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.ledger.models import Record
from commonweal.services.assistant import models, service
from commonweal.services.assistant.channels import mail
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Result
from tests.services.assistant.test_circumstances import ANSWERS, by_form, same
from tests.services.assistant.test_people import arrange
from tests.services.assistant.test_sms import OLU

SENDER = "Mara Okafor <Mara.Okafor@home.example>"


@pytest.fixture(autouse=True)
def address(request: pytest.FixtureRequest) -> None:
    if {"room", "town"} & set(request.fixturenames):
        request.getfixturevalue("room")
        arrange('[mail]\naddress = "ask@town.example"\n')


@pytest.fixture
def town(room: None) -> None:
    cache.clear()  # of replies that were counted
    publishing.load_folder(the_node("command"), GUIDANCE)
    publishing.load_folder(the_node("command"), FLOWS)


def message(text: str, subject: str = "A question", sender: str = SENDER, **headers: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, "ask@town.example", subject
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text)
    return written


def heard(text: str, **more: str) -> str:
    """What comes back, without our signature."""
    before = len(outbox.outbox)
    assert mail.reply_to(message(text, **more).as_bytes())
    assert len(outbox.outbox) == before + 1
    return str(outbox.outbox[-1].body).partition("\n-- \n")[0]


def test_am_i_eligible_in_arabic_by_mail_as_on_the_web(town: None) -> None:
    heard("AR")
    assert "1 هل يمكنني الحصول على إعانة السكن؟" in heard("من يمكنه الحصول على إعانة السكن؟")
    said = heard("١\n\nشكرا")
    for question, option in ANSWERS.items():
        flow = service.flow("housing-benefit", "ar").flow
        assert flow.questions[question].text in said
        said = heard(str(1 + list(flow.questions[question].options).index(option)))
    line = service.line("mara.okafor@home.example")
    assert line
    result = service.talk(ANONYMOUS, line.talk_id).place
    assert isinstance(result, Result)
    assert same(result) == same(by_form(ANONYMOUS, "", "ar"))


def test_the_reply_says_that_it_is_automatic_and_answers_the_sender_alone(town: None) -> None:
    before = Record.objects.count()
    heard("When is the recycling centre open?", Message_ID="<a1@home.example>", Reply_To="victim@elsewhere.example")
    sent = outbox.outbox[-1]
    assert sent.to == ["Mara.Okafor@home.example"]
    assert (sent.from_email, sent.subject) == ("ask@town.example", "Re: A question")
    assert sent.message()["Auto-Submitted"] == "auto-replied"
    assert sent.message()["In-Reply-To"] == "<a1@home.example>"
    assert Record.objects.count() == before
    row = models.Line.objects.get()
    assert "mara" not in row.number.casefold()
    assert len(row.number) == 64
    assert row.conversation.channel == "mail"


def test_the_same_message_delivered_twice_is_one_question(town: None) -> None:
    first = heard("When is the recycling centre open?", Message_ID="<a1@home.example>")
    assert heard("When is the recycling centre open?", Message_ID="<a1@home.example>") == first
    assert models.Message.objects.filter(role="user").count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"List_Id": "<all.town.example>"},
        {"Return_Path": "<>"},
        {"sender": "MAILER-DAEMON@home.example"},
        {"sender": "no-reply@shop.example"},
        {"sender": "one@home.example, two@home.example"},
        {"sender": "nobody"},
        {"sender": "Ask@town.example"},
    ],
)
def test_machines_are_never_answered(room: None, headers: dict[str, str]) -> None:
    assert not mail.reply_to(message("I am away until Monday.", **headers).as_bytes())
    assert not outbox.outbox
    assert not models.Line.objects.exists()


def test_bounces_and_our_own_replies_end_there(town: None) -> None:
    heard("When is the recycling centre open?")
    ours = outbox.outbox[-1].message()
    del ours["From"]
    ours["From"] = "robot@home.example"
    assert not mail.reply_to(ours.as_bytes())
    report = b"From: x@home.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b--\r\n"
    assert not mail.reply_to(report)
    assert not mail.reply_to(f"From: {settings.DEFAULT_FROM_EMAIL}\n\nHello".encode())
    assert not mail.reply_to(b"")
    assert not mail.reply_to(b"\xff\xfe\x00")


def test_a_responder_that_says_nothing_of_itself_gets_few_replies(town: None) -> None:
    answered = [mail.reply_to(message("Thanks for your mail!").as_bytes()) for _ in range(mail.MOST + 5)]
    assert answered.count(True) == mail.MOST


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Is it open?\n\nOn Mon, 2 Nov 2026, Town <a@t.example> wrote:\n> Hello\n> more", "Is it open?"),
        ("Is it open?\n\nOn Monday the second of November,\nTown <a@t.example> wrote:\n\n> Hello", "Is it open?"),
        ("C'est ouvert ?\n\nLe lun. 2 nov. 2026 à 10:00, Mairie <a@t.example> a écrit :\n> Bonjour", "C'est ouvert ?"),
        ("¿Abre?\n\nEl lun, 2 nov 2026, Ayuntamiento <a@t.example> escribió:\n> Hola", "¿Abre?"),
        ("Is it open?\n-- \nMara Okafor\n+34 600 123 456", "Is it open?"),
        ("Is it open?\n\n-----Original Message-----\nFrom: x", "Is it open?"),
        ("Is it open?\n\nFrom: Town\nSent: Monday\nTo: Mara", "Is it open?"),
        ("Is it open?\n\nSent from my telephone", "Is it open?"),
        ("> You wrote this\nIs it open?", "Is it open?"),
        ("On Mondays, is it open?", "On Mondays, is it open?"),
        ("1\n\nKind regards\nMara", "1"),
    ],
)
def test_only_what_the_person_writes_now_is_read(text: str, words: str) -> None:
    assert mail.words_of(message(text)) == words


def test_html_attachments_and_strange_alphabets() -> None:
    html = EmailMessage()
    html.set_content("<p>Is it <b>open</b>?</p><div>On Monday Town wrote:</div><blockquote>Hi</blockquote>", "html")
    assert mail.words_of(html) == "Is it open?"
    html.add_attachment(b"\x00", maintype="application", subtype="pdf", filename="a.pdf")
    assert mail.words_of(html) == "Is it open?"
    strange = message("x")
    strange.replace_header("Content-Type", 'text/plain; charset="klingon"')
    assert mail.words_of(strange) in ("", "x")


def test_a_question_in_the_subject_alone_is_one(town: None) -> None:
    assert "recycling" in heard("", subject="Re: AW: When is the recycling centre open?").casefold()


def test_danger_gets_the_number_and_keeps_nothing(town: None) -> None:
    assert "116 123" in heard("I want to kill myself")
    assert not models.Conversation.objects.exists()


def test_a_person_answers_with_the_next_mail(town: None) -> None:
    heard("Xylophones on Mars")
    heard("9")
    (waiting,), _ = service.queue(OLU)
    service.take(OLU, waiting.id)
    service.answer(OLU, waiting.id, "We have none.")
    assert heard("Hello?").startswith("Olu Enquiry: We have none.")


def test_by_command_from_a_pipe_and_a_maildir(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = message("When is the recycling centre open?").as_bytes()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    assert command._mail(None) == 0
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(raw)
    assert command._mail(tmp_path) == 0
    assert not list((tmp_path / "new").iterdir())
    assert len(outbox.outbox) == 2
    (tmp_path / "new" / "2").write_bytes(raw)
    settings.EMAIL_BACKEND, kept = "tests.services.assistant.test_mail.Down", settings.EMAIL_BACKEND
    try:
        assert command._mail(tmp_path) == command.TRY_AGAIN
    finally:
        settings.EMAIL_BACKEND = kept
    assert (tmp_path / "new" / "2").exists()


def test_without_an_address_to_answer_from_the_mail_server_keeps_it(room: None, tmp_path: Path) -> None:
    arrange("")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(message("Hello").as_bytes())
    assert command._mail(tmp_path) == command.TRY_AGAIN
    assert (tmp_path / "new" / "1").exists()


class Down:
    """A mail server that is not there."""

    def __init__(self, **_: object) -> None: ...

    def send_messages(self, _: object) -> int:
        raise ConnectionRefusedError
