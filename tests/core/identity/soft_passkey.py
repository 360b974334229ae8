"""An authenticator in software that can also misbehave, for what no browser can be made to do."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

ORIGIN = "http://localhost"
USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One ES256 credential. Web Authentication Level 3, sections 5.8.1 and 6.1."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.counter = 0
        self.handle = b""

    def register(self, options: dict[str, Any], **twist: Any) -> dict[str, Any]:
        public = options["publicKey"]
        self.handle = websafe_decode(public["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor.encode(cose)
        data = self._authenticator_data(public["rp"]["id"], ATTESTED, **twist) + attested
        client = self._client_data("webauthn.create", public["challenge"], **twist)
        response = {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def answer(self, options: dict[str, Any], **twist: Any) -> dict[str, Any]:
        public = options["publicKey"]
        data = self._authenticator_data(public["rpId"], 0, **twist)
        client = self._client_data("webauthn.get", public["challenge"], **twist)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(_with_a_bit_turned(signature) if twist.get("forged") else signature),
                "userHandle": websafe_encode(self.handle),
            }
        )

    def _authenticator_data(self, rp: str, flags: int, **twist: Any) -> bytes:
        self.counter += 1
        counter = twist.get("counter", self.counter)
        flags |= USER_PRESENT | (USER_VERIFIED if twist.get("verified", True) else 0)
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + struct.pack(">I", counter)

    def _client_data(self, kind: str, challenge: str, **twist: Any) -> bytes:
        body = {
            "type": kind,
            "challenge": twist.get("other_challenge", challenge),
            "origin": twist.get("origin", ORIGIN),
            "crossOrigin": twist.get("cross_origin", False),
        }
        return json.dumps(body).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _with_a_bit_turned(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


def browser() -> Client:
    return Client(SERVER_NAME="localhost", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/140.0")


def challenge(client: Client) -> dict[str, Any]:
    return client.get("/account/sign-in/passkey/", HTTP_ACCEPT="application/json").json()["request_options"]


def send(client: Client, credential: Any) -> Any:
    return client.post("/account/sign-in/passkey/", {"credential": json.dumps(credential)})


def sign_in(client: Client, passkey: SoftPasskey, **twist: Any) -> Any:
    return send(client, passkey.answer(challenge(client), **twist))


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200
