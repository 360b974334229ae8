"""Acceptance 2: every way to misuse a signed request is refused with its own error, gives no data, and is noted."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.core.exchange.envelope import Envelope, envelope, key_of
from tests.core.exchange.federation import Answer, Federation

Change = Callable[[Envelope], None]


def security_log(town: Federation) -> list[dict[str, str]]:
    lines = "".join(path.read_text() for path in sorted((town.register.home / "logs").glob("security-*.jsonl")))
    return [json.loads(line) for line in lines.splitlines()]


def refused(town: Federation, request: Envelope, error: str) -> Answer:
    """Send it: the fault, nothing of anybody in it, a line in the security log, no record of evidence."""
    before = town.register.rows("SELECT count(*) FROM ledger_record")
    answer = request.send()
    assert answer.error == f"{error}", (answer.status, answer.body)
    assert answer.status == (400 if error.startswith("Client.") else 500)
    assert answer.json["type"] == error
    assert answer.json["detail"]
    assert b"Okafor" not in answer.body
    assert town.register.rows("SELECT count(*) FROM ledger_record") == before
    last = security_log(town)[-1]
    assert error in json.dumps(last)
    assert "70010100001" not in json.dumps(last)
    return answer


def test_the_request_that_the_others_change_is_answered(town: Federation) -> None:
    answer = envelope(town).send()
    assert answer.status == 200
    assert answer.json["name"]["given"] == "Mara1"


def test_a_replay_within_the_window_and_after_a_restart(town: Federation) -> None:
    request = envelope(town)
    assert request.send().status == 200
    refused(town, request, "Server.ServerProxy.ReplayedRequest")
    town.register.stop("gateway")
    town.register.start("gateway")
    refused(town, request, "Server.ServerProxy.ReplayedRequest")


def test_a_replay_after_the_window(town: Federation) -> None:
    request = envelope(town, created=int(time.time()) - 58)
    assert request.send().status == 200
    time.sleep(3)
    refused(town, request, "Server.ServerProxy.ExpiredRequest")


@pytest.mark.parametrize("created", [-120, 120])
def test_another_time(town: Federation, created: int) -> None:
    refused(town, envelope(town, created=int(time.time()) + created), "Server.ServerProxy.ExpiredRequest")


def test_a_request_that_would_be_valid_for_long(town: Federation) -> None:
    refused(town, envelope(town, valid=301), "Server.ServerProxy.InvalidSignature")


def swap_the_body(request: Envelope) -> None:
    request.body = request.body.replace(b"70010100001", b"70010100002")


def send_a_header_twice(request: Envelope) -> None:
    request.extra.append(("X-Road-Client", request.header("x-road-client")))


def send_another_client_twice(request: Envelope) -> None:
    request.extra.append(("x-road-client", "ALD/GOV/register/population"))


def join_two_values(request: Envelope) -> None:
    request.change("x-road-client", f"{request.header('x-road-client')}, ALD/GOV/tax/x")


def reorder_the_query(request: Envelope) -> None:
    request.query = "a=2&b=1"


def encode_a_slash(request: Envelope) -> None:
    request.path = request.path.replace("/register/", "/register%2Fx/")


def encode_a_slash_in_the_path(request: Envelope) -> None:
    request.path = request.path.replace("/read", "/read%2fall")


def change_the_purpose(request: Envelope) -> None:
    request.change("commonweal-purpose", "tax.assessment")


def change_the_case(request: Envelope) -> None:
    request.change("commonweal-case", "B-8")


def add_a_header(request: Envelope) -> None:
    request.extra.append(("Commonweal-Consent", "01970000-0000-7000-8000-000000000000"))


def change_the_method(request: Envelope) -> None:
    request.method = "PUT"


def send_it_elsewhere(request: Envelope) -> None:
    request.host = "other.example"


def drop_the_signature(request: Envelope) -> None:
    request.headers = [(name, value) for name, value in request.headers if not name.startswith("signature")]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (swap_the_body, "Server.ServerProxy.BodyDigestMismatch"),
        (send_a_header_twice, "Client.DuplicateHeader"),
        (send_another_client_twice, "Client.DuplicateHeader"),
        (join_two_values, "Server.ServerProxy.InvalidSignature"),
        (reorder_the_query, "Server.ServerProxy.InvalidSignature"),
        (encode_a_slash, "Client.EncodedSlash"),
        (encode_a_slash_in_the_path, "Client.EncodedSlash"),
        (change_the_purpose, "Server.ServerProxy.InvalidSignature"),
        (change_the_case, "Server.ServerProxy.InvalidSignature"),
        (add_a_header, "Server.ServerProxy.InvalidSignature"),
        (change_the_method, "Server.ServerProxy.InvalidSignature"),
        (send_it_elsewhere, "Server.ServerProxy.WrongAudience"),
        (drop_the_signature, "Server.ServerProxy.InvalidSignature"),
    ],
)
def test_what_is_changed_after_signing(town: Federation, change: Change, error: str) -> None:
    request = envelope(town, query="b=1&a=2")
    change(request)
    refused(town, request, error)


def test_a_folded_header(town: Federation) -> None:
    """HTTP forbids folding (RFC 9112 section 5.2); the server's parser refuses it before the gateway sees anything."""
    request = envelope(town)
    lines = [f"POST {request.path} HTTP/1.1", f"Host: 127.0.0.1:{town.register.port}"]
    lines += [f"{name}: {value}" for name, value in request.headers if name != "x-road-client"]
    lines += ["X-Road-Client: ALD/GOV/benefits/", " casework", f"Content-Length: {len(request.body)}", "", ""]
    with socket.create_connection(("127.0.0.1", town.register.port), timeout=10) as wire:
        wire.sendall("\r\n".join(lines).encode() + request.body)
        answer = wire.recv(65536)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"Okafor" not in answer


def test_a_request_for_another_node(town: Federation) -> None:
    request = envelope(town, host=f"127.0.0.1:{town.benefits.port}")
    refused(town, request, "Server.ServerProxy.WrongAudience")
    request.host = ""
    refused(town, request, "Server.ServerProxy.InvalidSignature")


def test_a_service_of_a_member_that_is_elsewhere(town: Federation) -> None:
    request = envelope(town)
    request.path = request.path.replace("GOV/register", "GOV/benefits")
    refused(town, request, "Server.ServerProxy.WrongAudience")


def test_unknown_services_and_endpoints(town: Federation) -> None:
    refused(town, envelope(town, code="nothing"), "Server.ServerProxy.UnknownService")
    refused(town, envelope(town, path="/write"), "Server.ServerProxy.UnknownEndpoint")


def test_an_unknown_purpose_and_a_wrong_basis(town: Federation) -> None:
    refused(town, envelope(town, commonweal_purpose="curiosity"), "Server.ServerProxy.UnknownPurpose")
    refused(town, envelope(town, commonweal_basis="consent"), "Server.ServerProxy.WrongBasis")


def test_a_stale_directory(town: Federation) -> None:
    refused(town, envelope(town, directory="1:" + "0" * 64), "Server.ServerProxy.OutdatedGlobalConf")
    refused(town, envelope(town, directory="9999:" + "0" * 64), "Server.ServerProxy.OutdatedGlobalConf")


def test_an_unknown_key_and_anothers_name(town: Federation) -> None:
    strange = Ed25519PrivateKey.generate()
    refused(town, envelope(town, key=strange), "Server.ServerProxy.UnknownKey")
    own = key_of(town.register, "register")
    from commonweal.core.exchange import member_keys

    keyid = member_keys.key_id(member_keys.vkey("ALD/GOV/register", own))
    refused(town, envelope(town, key=own, keyid=keyid), "Server.ServerProxy.WrongSigner")


def test_a_key_that_was_rotated_away(town: Federation) -> None:
    old = key_of(town.benefits, "benefits")
    town.benefits.command("federation", "rotate", "ALD/GOV/benefits")
    time.sleep(1.5)
    refused(town, envelope(town, key=old), "Server.ServerProxy.RevokedKey")
    assert envelope(town).send().status == 200
    assert town.ask("people", "/read", body=b'{"subject": {"scheme": "national", "value": "70010100001"}}',
                    X_Road_Issue="B-9").status == 200  # fmt: skip


def test_what_the_rules_refuse_is_evidence_for_the_person_and_signed(town: Federation) -> None:
    request = envelope(town, commonweal_case="")
    answer = request.send()
    assert answer.error == "Server.ServerProxy.AccessDenied"
    record = town.register.records()[-1]
    assert (record["decision"], record["action"]) == ("refused", "registry.person.read")
    assert record["counterpart"]["message"] == request.header("x-road-id")
    assert record["subject"] != "node"
    assert answer.headers["signature"]
    assert town.register.rows("SELECT leaf FROM exchange_side ORDER BY at DESC LIMIT 1") == [
        [answer.headers["commonweal-leaf"]]
    ]
    refused(town, request, "Server.ServerProxy.ReplayedRequest")
