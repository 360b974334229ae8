"""What happens at the same moment, and what happens when the evidence cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from commonweal.core.identity import models, service
from commonweal.core.identity.actors import Actor
from commonweal.core.identity.flows import activation, passkeys
from commonweal.core.ledger.entries import MissingChain
from commonweal.core.ledger.models import Head
from tests.core.identity.soft_passkey import SoftPasskey, browser, is_signed_in
from tests.core.identity.test_passkeys import sign_up

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor("officer", "account:9", "Olga", "town", frozenset({"identity-officer"}), 2, True)


def at_once(*works: Callable[[], None]) -> list[bool]:
    """Run all at the same moment, each in a thread. Whether each succeeded."""
    barrier, succeeded = Barrier(len(works)), [False] * len(works)

    def run(place: int, work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
            succeeded[place] = True
        except (activation.WrongCode, activation.AlreadyConnected, passkeys.PasskeyRefused):
            pass
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return succeeded


def test_a_code_is_used_once_by_however_many(town: str) -> None:
    person = service.create_person()
    code = service.issue_activation_code(OFFICER, person, in_person=True)
    emails = [f"resident{number}@example.org" for number in range(4)]
    accounts = [models.Account.objects.get(pk=service.create_account(email, "").id) for email in emails]

    def connect(account: models.Account) -> Callable[[], None]:
        actor = Actor("resident", f"account:{account.pk.hex}", "", assurance=1, fresh=True)
        return lambda: service.connect(actor, account, code) and None

    assert sum(at_once(*(connect(account) for account in accounts))) == 1
    assert models.Account.objects.filter(person_id=person.id).count() == 1


def test_a_counter_is_accepted_once(code_in: Any) -> None:
    sign_up(browser(), code_in, SoftPasskey())
    passkey = Authenticator.objects.get(type="webauthn")
    works = [lambda: passkeys.advance_counter(Authenticator.objects.get(pk=passkey.pk), 7) for _ in range(4)]
    assert sum(at_once(*works)) == 1


def test_nobody_gets_in_without_evidence(resident: Any, mail_sign_in: Any) -> None:
    Head.objects.all().delete()
    client = browser()
    with pytest.raises(MissingChain):
        mail_sign_in(client, "ada@example.org")
    assert not is_signed_in(client)
    assert not models.SignIn.objects.exists()


def test_no_passkey_is_stored_without_evidence(code_in: Any) -> None:
    Head.objects.all().delete()
    with pytest.raises(MissingChain):
        sign_up(browser(), code_in, SoftPasskey())
    assert not Authenticator.objects.exists()
