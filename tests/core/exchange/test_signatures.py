"""Signatures between nodes: RFC 9421's own vector, an independent implementation in both directions, digests."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from commonweal.core.exchange import digests, signatures

KEY = SigningKey(bytes(range(32)))
THEIRS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # the same, for the other implementation
PLACE = {"@method": "POST", "@authority": "b.example", "@path": "/exchange/r1/A/B/C/D/E/x", "@query": "?b=1&a=2"}
HEADERS = {"content-digest": digests.content_digest(digests.EMPTY), "x-road-client": "A/B/C/D", "x-road-id": "1"}


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Any:
        return THEIRS.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return THEIRS


def message(headers: dict[str, str], **more: Any) -> SimpleNamespace:
    url = f"http://{PLACE['@authority']}{PLACE['@path']}{PLACE['@query']}"
    return SimpleNamespace(method="POST", url=url, headers=dict(headers), body=b"", **more)


def sign(headers: dict[str, str] = HEADERS, **place: str) -> dict[str, str]:
    now = int(time.time())
    target = PLACE | {f"@{name}": value for name, value in place.items()}
    return signatures.sign_request(KEY, "A/B/C+1", target, headers, nonce="n" * 16, created=now, expires=now + 60)


def verify(headers: dict[str, str], place: dict[str, str] = PLACE) -> signatures.Signed:
    signed = signatures.read(headers)
    signatures.verify_request(signed, KEY.verify_key, place, headers, required=HEADERS)
    return signed


def test_rfc_9421_b_2_6() -> None:
    key = load_der_private_key(
        base64.b64decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"), None
    )
    assert isinstance(key, Ed25519PrivateKey)
    items = ['"date"', '"@method"', '"@path"', '"@authority"', '"content-type"', '"content-length"']
    values = ["Tue, 20 Apr 2021 02:07:55 GMT", "POST", "/foo", "example.com", "application/json", "18"]
    ours = SigningKey(key.private_bytes_raw())
    made = signatures._signed(ours, items, values, f'({" ".join(items)});created=1618884473;keyid="test-key-ed25519"')
    expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert made["signature"] == f"commonweal=:{expected}:"


def test_another_implementation_verifies_our_request() -> None:
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
    results = verifier.verify(message(HEADERS | sign()), max_age=None, body=b"", expect_tag=signatures.TAG)  # type: ignore[arg-type]
    assert results[0].label == signatures.LABEL


def test_we_verify_another_implementations_request() -> None:
    sent = message(HEADERS)
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Keys()).sign(
        sent,
        key_id="A/B/C+1",
        created=datetime.now(UTC),
        expires=datetime.fromtimestamp(time.time() + 60, UTC),
        nonce="another-nonce-16",
        tag=signatures.TAG,
        use_existing_digest=True,
        covered_component_ids=(*signatures.TARGET, *HEADERS),
    )
    signed = verify({name.lower(): value for name, value in sent.headers.items()})
    signatures.check_time(signed, time.time())
    assert signed.nonce == "another-nonce-16"


def test_another_implementation_verifies_our_answer() -> None:
    request = HEADERS | sign()
    headers = {"content-digest": digests.content_digest(digests.EMPTY), "commonweal-leaf": "00"}
    made = signatures.sign_answer(KEY, "A/B/C+1", 200, headers, request, created=int(time.time()))
    answer = SimpleNamespace(status_code=200, headers=headers | made, request=message(request), body=b"", url="")
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
    assert verifier.verify(answer, max_age=None, body=b"")
    signed = signatures.read(headers | made)
    signatures.verify_answer(signed, KEY.verify_key, 200, headers, request=request, required=headers)
    other = HEADERS | sign(method="DELETE")
    with pytest.raises(signatures.BadSignature):
        signatures.verify_answer(signed, KEY.verify_key, 200, headers, request=other, required=headers)


@pytest.mark.parametrize("name", [*PLACE, *HEADERS])
def test_whatever_is_covered_cannot_be_changed(name: str) -> None:
    headers = HEADERS | sign()
    place = dict(PLACE)
    changed = place if name in place else headers
    changed[name] += "x"
    with pytest.raises(signatures.BadSignature, match="changed after"):
        verify(headers, place)


def test_a_query_in_another_order_is_another_request() -> None:
    with pytest.raises(signatures.BadSignature):
        verify(HEADERS | sign(), PLACE | {"@query": "?a=2&b=1"})


@pytest.mark.parametrize("missing", ["@query", "x-road-id"])
def test_a_signature_that_covers_too_little_is_refused(missing: str) -> None:
    headers = HEADERS | sign()
    headers["signature-input"] = headers["signature-input"].replace(f' "{missing}"', "")
    with pytest.raises(signatures.BadSignature, match="does not cover"):
        verify(headers)


@pytest.mark.parametrize(
    "text", ["", "a=()", "a=();created=x", "commonweal", 'commonweal=("@method" "@method")', "x" * 9_000]
)
def test_malformed_signature_headers_are_refused(text: str) -> None:
    with pytest.raises(signatures.BadSignature):
        signatures.read({"signature-input": text, "signature": sign()["signature"]})


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for headers in ({"signature-input": text, "signature": "a=:AA==:"}, {"signature-input": "a=()", "signature": text}):
        with pytest.raises(signatures.BadSignature):
            signatures.read(headers)


@pytest.mark.parametrize(("after", "good"), [(-31, False), (-29, True), (0, True), (59, True), (61, False)])
def test_a_request_is_valid_for_its_time(after: int, good: bool) -> None:
    signed = signatures.read(sign())
    if good:
        signatures.check_time(signed, signed.created + after)
    else:
        with pytest.raises(signatures.NotNow):
            signatures.check_time(signed, signed.created + after)


@given(st.binary(max_size=200))
def test_digests_agree_with_another_implementation(body: bytes) -> None:
    from hashlib import sha256

    header = digests.content_digest(sha256(body).digest())
    assert digests.digest_in(header) == sha256(body).digest()
    assert digests.digest_in(f"sha-512=:AAAA:, {header}") == sha256(body).digest()


@pytest.mark.parametrize(
    "header",
    ["", "sha-256=AAAA", "md5=:AAAA:", "sha-256=::", "sha-256=:" + "A" * 43 + "=:, sha-256=:" + "B" * 43 + "=:"],
)
def test_unreadable_digests_are_refused(header: str) -> None:
    with pytest.raises(digests.BadDigest):
        digests.digest_in(header)
