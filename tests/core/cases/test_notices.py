"""How people are told: always in the inbox, besides it by their channel, in their language, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils.translation import gettext, override

from commonweal.core.cases import kinds, models, notices, person_data
from commonweal.core.cases import service as cases
from commonweal.core.cases.plain_language import complaints
from commonweal.core.identity import accounts, people
from commonweal.services.registry.reasons import READY_TEXTS
from tests import town
from tests.core.cases import errand
from tests.core.cases.errand import officer

pytestmark = pytest.mark.django_db(transaction=True)
ADA, REASON = officer("Ada"), "The hospital wrote Lagos."


@pytest.fixture
def decided() -> Any:
    """Somebody whose request is rejected, after choosing a channel."""
    accounts.register_agency("register", {"en": "Register Office", "fr": "Service de l’état civil", "ar": "مكتب السجل"})

    def reject(**chosen: Any) -> models.Notice:
        (mara,) = town.register(town.entry())
        accounts.create_account("mara@mail.example", "Mara Okafor", person=mara)
        if chosen:
            cases.choose_channel(town.resident(mara), mara, cases.Channel(**chosen))
        errand.decide(ADA, errand.ask(mara), "rejected", REASON)
        notices.deliver.call()
        return models.Notice.objects.get()

    return reject


def file(folder: str, notice: models.Notice) -> str:
    return (Path(settings.COMMONWEAL.home) / folder / f"{notice.id}.txt").read_text("utf-8")


def test_mail_tells_that_something_waits_and_not_what(decided: Any, mailoutbox: list[Any]) -> None:
    notice = decided()
    (mail,) = mailoutbox
    assert mail.to == ["mara@mail.example"]
    assert f"/inbox/{notice.id}/" in mail.body
    assert REASON not in mail.body + mail.subject
    assert notice.delivered


def test_sms_in_arabic(decided: Any, mailoutbox: list[Any]) -> None:
    notice = decided(name="sms", address="+44 7700 900123", language="ar")
    said = file("sms", notice)
    assert said.startswith("+44 7700 900123\n")
    assert "مكتب السجل" in said
    assert REASON not in said
    with override("ar"):
        assert notice.subject == gettext("Your request was rejected") != "Your request was rejected"
    assert mailoutbox == []


def test_a_letter_carries_everything(decided: Any) -> None:
    said = file("letters", decided(name="letter", address="12 Mill Lane\n4021 Testford", language="fr"))
    assert "Service de l’état civil" in said
    assert "12 Mill Lane\n4021 Testford" in said
    assert REASON in said
    assert "refusée" in said


def test_the_inbox_alone(decided: Any, mailoutbox: list[Any]) -> None:
    assert decided(name="inbox").delivered
    assert mailoutbox == []


def test_what_fails_is_tried_again(decided: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(notice: models.Notice, address: str) -> None:
        raise OSError("no line")

    with monkeypatch.context() as patched:
        patched.setitem(notices.ADAPTERS, "mail", broken)
        notice = decided()
        assert notice.delivered is None
    notices.deliver.call()
    assert models.Notice.objects.get().delivered


sent: list[str] = []


def own_adapter(notice: models.Notice, address: str) -> None:
    sent.append(address)


def test_an_agency_plugs_in_its_own_adapter(decided: Any) -> None:
    with override_settings(COMMONWEAL_NOTICES={"sms": f"{__name__}.own_adapter"}):
        decided(name="sms", address="+44 7700 900123")
    assert sent == ["+44 7700 900123"]


def test_sms_needs_a_number() -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(ValueError, match="number"):
        cases.choose_channel(town.resident(mara), mara, cases.Channel("sms"))


def test_everything_is_handed_over_and_erased(decided: Any) -> None:
    person = people.person(decided(name="letter", address="12 Mill Lane").person_id)
    held = person_data.held(person)
    assert [step["text"] for step in held["cases"][0]["steps"]][-1] == REASON
    assert held["messages"][0]["text"] == REASON
    assert held["channel"]["address"] == "12 Mill Lane"
    for _ in range(2):
        person_data.erase(person)
    assert person_data.held(person) == {"cases": [], "messages": [], "channel": None}
    assert models.Step.objects.count() == 0


def test_every_ready_text_is_plain() -> None:
    texts = [text for kind in kinds.declared() for text in kind.texts]
    assert {text.name for text in texts} >= {text.name for text in READY_TEXTS}
    with override("en"):
        assert {text.name: complaints(text.with_blanks()) for text in texts if complaints(text.with_blanks())} == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("We hereby notify you.", "hereby"),
        (" ".join(["word"] * 30) + ".", "30 words"),
        ("The incomprehensibilities.", "incomprehensibilities"),
    ],
)
def test_what_is_not_plain_is_named(text: str, fault: str) -> None:
    assert any(fault in complaint for complaint in complaints(text))
