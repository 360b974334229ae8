"""X-Road's addresses, headers and hash."""

from __future__ import annotations

import base64
from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.exchange import xroad
from commonweal.core.exchange.xroad import Fault, MemberId, ServiceId, SubsystemId

PARTS = st.text(
    st.characters(exclude_characters="/\\%", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20
).filter(lambda part: part not in {".", ".."})


@given(st.lists(PARTS, min_size=5, max_size=5), st.text("abc/", max_size=5))
def test_an_address_is_read_as_it_was_written(parts: list[str], path: str) -> None:
    service = ServiceId(SubsystemId(MemberId(*parts[:3]), parts[3]), parts[4])
    if len(f"/r1/{service}") > 1_900:
        return
    found = xroad.target(f"/r1/{service}/{path}", "b=1&a=2")
    assert (found.service, found.path, found.query) == (service, f"/{path}", "b=1&a=2")
    assert xroad.service_id(str(service)) == service


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/r1/A/B/C/D", "Client.BadRequest"),
        ("/r2/A/B/C/D/E", "Client.BadRequest"),
        ("/r1/A//C/D/E", "Client.BadRequest"),
        ("/r1/A/B/C%2FX/D/E", "Client.EncodedSlash"),
        ("/r1/A/B/C/D/E/x%2fy", "Client.EncodedSlash"),
        ("/r1/A/B/C/D/E/../x", "Client.BadRequest"),
        ("/r1/A/B/C/D/E/%2e%2e/x", "Client.BadRequest"),
        ("/r1/A/B/C/D/%ff", "Client.BadRequest"),
        ("/r1/A/B/C/D/E/" + "x" * 2_000, "Client.BadRequest"),
    ],
)
def test_what_is_no_address_is_refused(path: str, error: str) -> None:
    with pytest.raises(Fault) as refused:
        xroad.target(path, "")
    assert refused.value.type == error


def test_headers_sent_twice_or_folded_are_refused() -> None:
    for name in (b"X-Road-Client", b"x-road-whatever", b"Commonweal-Purpose", b"Signature"):
        with pytest.raises(Fault, match=r"Client\.DuplicateHeader"):
            xroad.single_headers([(name, b"a"), (name.lower(), b"a")])
    with pytest.raises(Fault, match=r"Client\.FoldedHeader"):
        xroad.single_headers([(b"X-Road-Client", b"a\r\n b")])
    assert xroad.single_headers([(b"Accept", b"a"), (b"accept", b" b")]) == {"accept": "a, b"}


def test_hop_by_hop_headers_stay_behind() -> None:
    headers = {"connection": "close, X-Mine", "x-mine": "1", "te": "x", "host": "h", "user-agent": "u", "x-yours": "2"}
    assert xroad.passed_on(headers) == {"x-yours": "2"}


def test_the_request_hash() -> None:
    head = sha512(b"GET\r\n/r1/A/B/C/D/E\r\na:1\r\nb:2\r\n").digest()
    assert xroad.request_hash("GET", "/r1/A/B/C/D/E", {"b": "2", "a": "1"}, None) == base64.b64encode(head).decode()
    body = sha512(b"x").digest()
    assert (
        xroad.request_hash("GET", "/r1/A/B/C/D/E", {"b": "2", "a": "1"}, body)
        == base64.b64encode(sha512(head + body).digest()).decode()
    )


def test_faults_have_x_roads_shape() -> None:
    assert Fault("Client.BadRequest", "m").status == 400
    assert Fault("Server.ServerProxy.ServiceFailed", "m").status == 500
    assert (
        Fault("Client.BadRequest", "m", "d").body() == b'{"type": "Client.BadRequest", "message": "m", "detail": "d"}'
    )
