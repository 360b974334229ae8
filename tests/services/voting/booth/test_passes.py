"""Voting passes: blinded in the browser, signed here, and valid to a library that knows nothing of blindness."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from playwright.sync_api import Page

from tests.services.voting.booth.box import (
    PASS_KEY,
    base64url,
    from_base64url,
    integer,
    public_jwk,
    sign_blindly,
    verify_pass,
)

pytestmark = pytest.mark.browser
FINISH = "([key, drawn, blind]) => import('/crypto/pass.js').then(({ finishPass }) => finishPass(key, drawn, blind))"


def draw(page: Page, key: rsa.RSAPrivateKey = PASS_KEY) -> dict[str, str]:
    drawn: dict[str, str] = page.evaluate(
        "key => import('/crypto/pass.js').then(({ drawPass }) => drawPass(key))", public_jwk(key)
    )
    return drawn


def finish(page: Page, drawn: dict[str, str], blind: bytes, key: rsa.RSAPrivateKey = PASS_KEY) -> bytes:
    script = (
        "([key, drawn, blind]) => import('/crypto/pass.js').then(({ finishPass }) => finishPass(key, drawn, blind))"
    )
    return from_base64url(page.evaluate(script, [public_jwk(key), drawn, base64url(blind)]))


@pytest.mark.parametrize("bits", [2048, 2049, 3072])
def test_a_pass_is_valid_to_whoever_knows_only_rsa_pss(workbench: Page, bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    drawn = draw(workbench, key)
    signature = finish(workbench, drawn, sign_blindly(from_base64url(drawn["blinded"]), key), key)
    verify_pass(from_base64url(drawn["message"]), signature, key)


def test_the_signer_sees_neither_message_nor_signature(workbench: Page) -> None:
    """Two drawings have nothing in common, and what is signed is neither the message nor what the pass carries."""
    first, second = draw(workbench), draw(workbench)
    assert len(from_base64url(first["message"])) == 32
    assert not set(first.values()) & set(second.values())
    blind = sign_blindly(from_base64url(first["blinded"]))
    assert finish(workbench, first, blind) != blind


def test_what_another_key_signed_is_refused(workbench: Page) -> None:
    other = rsa.generate_private_key(65537, 2048)
    drawn = draw(workbench)
    blinded = int.from_bytes(from_base64url(drawn["blinded"]), "big") % other.public_key().public_numbers().n
    with pytest.raises(Exception, match="invalid signature"):
        finish(workbench, drawn, sign_blindly(blinded.to_bytes(256, "big"), other))


def test_the_vectors_of_rfc_9474(workbench: Page) -> None:
    vector = json.loads((Path(__file__).parent / "rfc9474.json").read_text())
    number = {name: int(vector[name], 16) for name in ("n", "e", "d", "blinded_msg", "blind_sig")}
    assert pow(number["blinded_msg"], number["d"], number["n"]) == number["blind_sig"]
    words = {name: base64url(bytes.fromhex(vector[name])) for name in ("msg", "inv", "blind_sig", "sig")}
    key = {"kty": "RSA", "n": integer(number["n"]), "e": integer(number["e"])}
    drawn = {"message": words["msg"], "inverse": words["inv"]}
    assert workbench.evaluate(FINISH, [key, drawn, words["blind_sig"]]) == words["sig"]
