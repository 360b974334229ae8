"""Acceptance 1: a client made with `http-message-signatures` and our gateway agree in both directions."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from commonweal.core.exchange import member_keys, signatures
from tests.core.exchange.envelope import envelope, key_of
from tests.core.exchange.federation import Federation


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, town: Federation) -> None:
        self.asker, self.giver = key_of(town.benefits, "benefits"), key_of(town.register, "register")

    def resolve_public_key(self, key_id: str) -> Any:
        return self.giver.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return self.asker


def test_another_client_asks_and_believes_the_answer(town: Federation) -> None:
    request, keys = envelope(town, query="b=1&a=2"), Keys(town)
    unsigned = {name: value for name, value in request.headers if not name.startswith("signature")}
    message = SimpleNamespace(
        method="POST", url=f"{town.register.address}{request.path}?{request.query}", headers=dict(unsigned),
        body=request.body,
    )  # fmt: skip
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys).sign(
        message,
        key_id=member_keys.key_id(member_keys.vkey("ALD/GOV/benefits", keys.asker)),
        created=datetime.now(UTC),
        expires=datetime.fromtimestamp(time.time() + 60, UTC),
        nonce="a-nonce-of-another-client",
        tag=signatures.TAG,
        body=request.body,
        use_existing_digest=True,
        covered_component_ids=(*signatures.TARGET, *unsigned),
    )
    request.headers = [(name.lower(), value) for name, value in message.headers.items()]
    answer = request.send()
    assert answer.status == 200, answer.body
    received = SimpleNamespace(
        status_code=answer.status, headers=answer.headers, body=answer.body, url="",
        request=SimpleNamespace(method="POST", url=message.url, headers=dict(request.headers), body=request.body),
    )  # fmt: skip
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    (found,) = verifier.verify(received, max_age=None, body=answer.body, expect_tag=signatures.TAG)  # type: ignore[arg-type]
    assert {'"signature";req', '"@status"', '"commonweal-leaf"'} <= set(found.covered_components)
