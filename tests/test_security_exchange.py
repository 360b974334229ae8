"""What the signatures between nodes do not accept (ASVS V9)."""

from __future__ import annotations

import pytest

from commonweal.core.exchange import signatures
from tests.core.exchange.test_signatures import HEADERS, sign, verify


@pytest.mark.parametrize(
    ("written", "instead"),
    [('alg="ed25519"', 'alg="none"'), ('alg="ed25519"', 'alg="hmac-sha256"'),
     ('alg="ed25519"', 'alg="rsa-v1_5-sha256"'), ('tag="commonweal-exchange"', 'tag="something-else"')],
)  # fmt: skip
def test_another_algorithm_or_purpose_is_refused(written: str, instead: str) -> None:
    headers = HEADERS | sign()
    verify(headers)
    assert written in headers["signature-input"]
    headers["signature-input"] = headers["signature-input"].replace(written, instead)
    with pytest.raises(signatures.BadSignature, match="must say"):
        verify(headers)
