"""The peer of `benchmarks/gateway.py`: the same exchange as a plain Django view with `http-message-signatures`."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import IntegrityError, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from http_message_signatures import (  # noqa: E402
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from commonweal.core.exchange import member_keys  # noqa: E402
from commonweal.core.exchange.membership import key_path  # noqa: E402
from commonweal.core.identity.people import identify  # noqa: E402
from commonweal.core.ledger.models import Once, Record  # noqa: E402
from commonweal.core.policy.models import ConsentRecord  # noqa: E402

ASKER = member_keys.load(key_path(settings.COMMONWEAL, "asker"))
GIVER = member_keys.load(key_path(settings.COMMONWEAL, "giver"))
local = threading.local()


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Any:
        return ASKER.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return GIVER


VERIFIER = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
SIGNER = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Keys())


def read(request: HttpRequest) -> HttpResponse:
    """Verify, look up person and consent, read, write evidence and nonce in one transaction, sign."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    message = SimpleNamespace(
        method=request.method, url=request.build_absolute_uri(), headers=headers, body=request.body
    )
    found = VERIFIER.verify(message, max_age=timedelta(seconds=300), body=request.body)
    value = json.loads(request.body)["subject"]["value"]
    person = identify("bench", value)
    if person is None:
        return HttpResponse(status=404)
    if not ConsentRecord.objects.filter(id=headers["commonweal-consent"], person_id=person.id, withdrawn=None).exists():
        return HttpResponse(status=403)
    with transaction.atomic():
        try:
            Once.objects.create(
                key=secrets.token_bytes(32), act=bytes(16), answer=found[0].label, created=timezone.now()
            )
        except IntegrityError:
            return HttpResponse(status=409)
        Record.objects.create(
            act=secrets.token_bytes(16), chain=secrets.token_bytes(16), n=1, body=request.body, key=b""
        )
    body = json.dumps(address(value)).encode()
    answer = SimpleNamespace(status_code=200, headers={"Content-Type": "application/json"}, request=message, url="")
    SIGNER.sign(
        answer, key_id="giver", body=body,
        covered_component_ids=("@status", "content-type", '"signature";req', '"content-digest";req'),
    )  # fmt: skip
    return HttpResponse(body, headers=answer.headers | {"Content-Length": str(len(body))})


def address(value: str) -> dict[str, Any]:
    """The same row of the same database."""
    if not hasattr(local, "database"):
        local.database = sqlite3.connect(settings.COMMONWEAL.home / "addresses.sqlite3")
    row = local.database.execute("SELECT street, town FROM address WHERE person = ?", [value]).fetchone()
    return {"rows": [{"street": row[0], "town": row[1]}]}


settings.ALLOWED_HOSTS = ["*"]
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.gateway_peer"
urlpatterns = [path("read", read)]
application = WSGIHandler()
