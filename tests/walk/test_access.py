"""Every address, tried by every role, aimed at another person's objects: what the table allows, and no more."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase

from commonweal.core import clock
from commonweal.core.cases.models import Case, Notice
from commonweal.core.identity import people
from commonweal.core.identity.models import Account, Post, SignIn
from commonweal.core.ledger.models import Record
from commonweal.core.policy.models import ConsentRecord
from commonweal.core.portal.models import Question
from tests.walk.access import EVERYONE, SIGNED_IN
from tests.walk.addresses import routes
from tests.walk.cast import SECRETS, Cast, browser
from tests.walk.rows import AGAINST_THE_TABLE, TABLE

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
SIGN_IN = "/account/sign-in/"
WORDS = {"key": "walk", "text": "Words", "do": "claim", "reason": "Because", "field": "given", "proposed": "Other",
         "explanation": "So"}  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One role at one address, naming Zephyrine's objects wherever the address, the query or the form names any."""

    cast: Cast
    role: str
    route: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} /{self.route} as {self.role}"

    def send(self) -> HttpResponseBase:
        client, machine = browser(), self.route.startswith("api/")
        client.raise_request_exception = False
        client.cookies = copy.deepcopy(self.cast.clients[self.role].cookies) if self.role in self.cast.clients else {}
        token = self.cast.tokens.get(self.role)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if self.method == "GET":
            query = {"name": "quillfea", "purpose": "tax.assessment"}
            return client.get(self.path(), query, headers=headers)
        if machine:
            body = {"name": "quillfea", "purpose": "benefits.assessment", "case": "B-9"}
            return client.post(self.path(), body, content_type="application/json", headers=headers)
        return client.post(self.path(), self.form(), headers=headers)

    def path(self) -> str:
        hers = self.cast.zephyrine
        path = "/" + self.route
        for placeholder, name in {
            "<int:n>": str(hers.n),
            "<uuid:question_id>": hers.question,
            "<uuid:person_id>": str(hers.person.id),
            "<slug:kind>": "move",
            "<uuid:case_id>": hers.case,
            "<uuid:notice_id>": hers.notice,
            "<int:pk>": str(hers.passkey),
            "<str:token>": hers.session,
            "<uuid:talk_id>": hers.talk,
            "<slug:language>": "en",
            "<slug:slug>": "parking-permit",
            "<slug:version>": "0" * 64,
            "<language>": "en",
            "<slug>": "parking-permit",
            "<hash>": "0" * 64,
            "<path:name>": "../keys/django",
            "<person_id>": people.pairwise(hers.person, "benefits"),
        }.items():
            path = path.replace(placeholder, name)
        return path

    def form(self) -> dict[str, str]:
        hers = self.cast.zephyrine
        ids = {"post": str(self.cast.posts["school-officer"]), "session": hers.session, "withdraw": hers.consent,
               "email": hers.account.email,
               "action_remove": "", "scheme": "national", "value": hers.national}  # fmt: skip
        return WORDS | ids


@pytest.fixture
def cast(passing_town: Cast) -> Cast:
    cache.clear()
    stay_signed_in(passing_town)
    return passing_town


def stay_signed_in(cast: Cast) -> None:
    """As if everybody had signed in just now, however slow the machine is; whoever was away too long still is."""
    for client in cast.clients.values():
        session = client.session
        methods = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        if methods:
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [one | {"at": time.time()} for one in methods]
            session.save()
    idle = cast.accounts["idle registrar"].id
    SignIn.objects.exclude(account_id=idle).update(seen=clock.now(), began=clock.now())


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(TABLE) == sorted(routes())


def test_nobody_in_a_row_is_unknown(cast: Cast) -> None:
    assert set(EVERYONE) == {*cast.clients, *cast.tokens}


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_role_gets_through_where_the_table_says_so_and_nowhere_else(cast: Cast, role: str) -> None:
    faults, things = [], her_things(cast)
    for route in (known for known in routes() if known in TABLE):
        for method in METHODS:
            before = transaction.savepoint()
            faults += faults_of(Attempt(cast, role, route, method), things)
            transaction.savepoint_rollback(before)
    assert not faults, "\n".join(faults)


def faults_of(attempt: Attempt, things: list[object]) -> list[str]:
    """What was answered or done against the table, in words; `things` are hers as they were before."""
    row, role, hers = TABLE[attempt.route], attempt.role, attempt.cast.zephyrine
    through = row.lets_through(attempt.method) - AGAINST_THE_TABLE.get((attempt.method, attempt.route), frozenset())
    entries = Record.objects.filter(chain=hers.person.chain).count()
    answer = attempt.send()
    text = b"".join(answer).decode(errors="replace")  # type: ignore[arg-type]
    told = [secret for secret in SECRETS if secret in text]
    faults = []
    if answer.status_code >= 500:
        faults.append(f"answered {answer.status_code}")
    if refused(answer) and role in through and answer.status_code != 405:
        faults.append(f"refused with {answer.status_code}, but the table lets them through")
    if not refused(answer) and role not in through:
        faults.append(f"answered {answer.status_code}, but the table refuses them")
    shows = row.shows | (row.shows_by_post if attempt.method == "POST" else frozenset())
    if told and role not in shows:
        faults.append(f"shows {told}")
    if not told and role in row.shows and attempt.method == "GET":
        faults.append("shows nothing, although the table says that it does: the test proves nothing here")
    if her_things(attempt.cast) != things and not (role in row.changes and attempt.method == "POST"):
        faults.append("changed something of hers")
    if row.about_her and refused(answer) and role in SIGNED_IN:
        faults += evidence_faults(attempt, entries)
    return [f"{attempt}: {fault}" for fault in faults]


def refused(answer: HttpResponseBase) -> bool:
    """Whether somebody was turned away."""
    if answer.status_code == 302:
        return urlsplit(answer["Location"]).path == SIGN_IN
    return answer.status_code in {401, 403, 404, 405}


def evidence_faults(attempt: Attempt, entries: int) -> list[str]:
    """Whether the refusal stands in her chain, with who was refused."""
    added = list(Record.objects.filter(chain=attempt.cast.zephyrine.person.chain).order_by("n"))[entries:]
    bodies: list[dict[str, Any]] = [json.loads(bytes(row.body)) for row in added]
    account = attempt.cast.accounts.get(attempt.role)
    who = f"account:{account.id.hex}" if account else ""
    if [(body["decision"], body["actor"]["id"]) for body in bodies] == [("refused", who)]:
        return []
    return [f"left {bodies} in her chain instead of one refusal"]


def her_things(cast: Cast) -> list[object]:
    """Everything of hers that somebody might change, and the colleague's post."""
    hers = cast.zephyrine
    from commonweal.services.assistant.models import Conversation
    from commonweal.services.registry.models import Correction

    return [
        list(Correction.objects.filter(person_id=hers.person.id).values()),
        list(Case.objects.filter(person_id=hers.person.id).values()),
        list(Notice.objects.filter(person_id=hers.person.id).values()),
        list(Question.objects.filter(person_id=hers.person.id).values()),
        list(Authenticator.objects.filter(user_id=hers.account.id).values("id", "type", "data")),
        list(SignIn.objects.filter(account_id=hers.account.id).values("id", "device", "demo")),
        list(Account.objects.filter(id=hers.account.id).values("email", "name", "person_id")),
        list(ConsentRecord.objects.filter(person_id=hers.person.id).values()),
        list(Conversation.objects.filter(person_id=hers.person.id).values()),
        list(Post.objects.order_by("id").values("id", "account_id", "agency_id", "role", "ended")),
    ]
