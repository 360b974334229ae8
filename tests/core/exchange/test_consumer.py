"""Acceptance 1: an X-Road client gets what X-Road's documents promise it; there is evidence on both sides."""

from __future__ import annotations

import base64
import json
import subprocess
from hashlib import sha256, sha512

from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import PEOPLE_OFFER, Federation, fetch

BODY = json.dumps(SUBJECT).encode()


def test_curl_gets_an_answer_with_x_roads_headers(town: Federation) -> None:
    """By changing the base address and nothing else; the case travels in X-Road's own header."""
    command = [
        "curl", "-s", "-i", "-H", f"X-Road-Client: {town.CLIENT}", "-H", "X-Road-Issue: B-1",
        "-H", "X-Road-Id: my-own-id",
        "-H", "Content-Type: application/json", "--data", BODY.decode(),
        f"{town.benefits.address}/r1/{town.SERVICE}/people/read",
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200")
    headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:])
    assert headers["x-road-id"] == "my-own-id"
    assert headers["x-road-client"] == town.CLIENT.lower()
    assert headers["x-road-service"] == f"{town.SERVICE}/people".lower()
    assert headers["x-road-request-id"]
    assert "signature" not in headers
    assert json.loads(body)["name"]["given"] == "Mara1"


def test_the_request_hash_binds_the_answer_to_the_request(town: Federation) -> None:
    answer = town.ask("people", "/read", body=BODY, X_Road_Issue="B-1")
    assert len(base64.b64decode(answer.headers["x-road-request-hash"])) == sha512().digest_size


def test_both_sides_hold_the_others_signature_and_leaf(town: Federation) -> None:
    answer = town.ask("people", "/read", body=BODY, X_Road_Issue="B-2", X_Road_UserId="EE60001019906")
    message = answer.headers["x-road-id"]
    mine = [one for one in town.benefits.records() if one.get("counterpart", {}).get("message") == message]
    theirs = [one for one in town.register.records() if one.get("counterpart", {}).get("message") == message]
    asked, received = mine
    given = next(one for one in theirs if one["disclosed"] != ["act/mention"])
    assert [asked["action"], received["action"], given["action"]] == [
        "exchange.ask",
        "exchange.receive",
        "registry.person.read",
    ]
    assert received["counterpart"]["leaf"] == answer.headers["commonweal-leaf"]
    sides = {kind: (leaf, peer) for kind, leaf, peer in [
        *town.benefits.rows(f"SELECT kind, leaf, peer_leaf FROM exchange_side WHERE message = '{message}'"),
        *town.register.rows(f"SELECT kind, leaf, peer_leaf FROM exchange_side WHERE message = '{message}'"),
    ]}  # fmt: skip
    assert sides["received"][1] == sides["provided"][0] == received["counterpart"]["leaf"]
    assert sides["provided"][1] == sides["asked"][0] == given["counterpart"]["leaf"]
    assert given["counterpart"]["signature"] in base64.b64decode(received["counterpart"]["request"].split(":")[1]).hex()
    assert {one["case"] for one in (asked, received, given)} == {"B-2"}
    assert asked["actor"]["name"] == "EE60001019906"
    assert "EE60001019906" not in json.dumps(theirs), "who sat at the screen is the asking agency's to know"
    assert asked["automatic"] is False
    assert asked["subject"] == received["subject"] != "node"


def test_a_person_whom_the_asking_node_does_not_know(town: Federation) -> None:
    body = json.dumps({"subject": {"scheme": "national", "value": "70010100004"}}).encode()
    assert town.ask("people", "/read", body=body, X_Road_Issue="B-3").status == 200
    assert [one["subject"] for one in town.benefits.records()[-2:]] == ["node", "node"]


def test_nobody_of_this_name(town: Federation) -> None:
    body = json.dumps({"subject": {"scheme": "national", "value": "99999999999"}}).encode()
    answer = town.ask("people", "/read", body=body, X_Road_Issue="B-3")
    assert (answer.status, answer.error) == (404, "")
    assert town.register.records()[-1]["subject"] == "node"
    assert "99999999999" not in json.dumps(town.register.records()[-1]) + json.dumps(town.benefits.records()[-1])


def test_what_the_provider_refuses_is_told_and_kept_on_both_sides(town: Federation) -> None:
    answer = town.ask("people", "/read", body=BODY)  # no case
    assert (answer.status, answer.error) == (500, "Server.ServerProxy.AccessDenied")
    received = town.benefits.records()[-1]
    assert received["counterpart"]["fault"] == "Server.ServerProxy.AccessDenied"
    assert "disclosed" not in received
    assert town.register.records()[-1]["decision"] == "refused"


def test_faults_of_the_asking_side(town: Federation) -> None:
    address = f"{town.benefits.address}/r1/{town.SERVICE}/people/read"

    def error(at: str = address, **headers: str) -> tuple[int, str]:
        answer = fetch(at, "POST", BODY, **headers)
        assert answer.headers["content-type"].startswith("application/json")
        assert set(answer.json) == {"type", "message", "detail"}
        assert answer.json["type"] == answer.error
        return answer.status, answer.error

    own = {"X_Road_Client": town.CLIENT}
    assert error() == (400, "Client.BadRequest")
    assert error(X_Road_Client="nobody") == (400, "Client.BadRequest")
    assert error(X_Road_Client="ALD/GOV/register/population") == (500, "Server.ClientProxy.UnknownMember")
    assert error(address.replace("people", "nothing"), **own) == (500, "Server.ClientProxy.UnknownService")
    assert error(address.replace("register", "reg%2Fister"), **own) == (400, "Client.EncodedSlash")
    assert error(f"{town.benefits.address}/r1/ALD/GOV", **own) == (400, "Client.BadRequest")
    assert error(**own, Commonweal_Purpose="curiosity") == (400, "Client.UnknownPurpose")
    assert error(**own, Commonweal_Basis="consent") == (400, "Client.WrongBasis")
    assert error(address + "x" * 2_000, **own) == (400, "Client.BadRequest")


def test_a_system_without_a_trusted_address_needs_its_agencys_token(town: Federation) -> None:
    settings = town.benefits.home / "exchange.toml"
    text = settings.read_text()
    settings.write_text(text + '\n[[client]]\nsystem = "ALD/GOV/benefits/portal"\npurpose = "benefits.assessment"\n')
    town.benefits.command("federation", "publish")
    access = '[[access]]\nclient = "ALD/GOV/benefits/portal"\nagency = "benefits"\nroles = ["benefit-officer"]\n'
    town.offer("people", PEOPLE_OFFER.replace("[function]", f"{access}[function]"))
    address = f"{town.benefits.address}/r1/{town.SERVICE}/people/read"
    headers = {"X_Road_Client": "ALD/GOV/benefits/portal", "X_Road_Issue": "B-1", "Content_Type": "application/json"}
    assert fetch(address, "POST", BODY, **headers).error == "Server.ClientProxy.AuthenticationFailed"
    token = town.benefits.command("token", "benefits", "Portal", "benefit-officer")
    assert fetch(address, "POST", BODY, **headers, Authorization=f"Bearer {token}").status == 200
    assert "authorization" not in json.dumps(town.register.records()[-1]).lower()


def test_metaservices(town: Federation) -> None:
    clients = fetch(f"{town.benefits.address}/listClients").json["member"]
    systems = {one["id"]["subsystem_code"] for one in clients if one["id"]["object_type"] == "SUBSYSTEM"}
    assert {"population", "casework"} <= systems
    methods = town.ask("listMethods", method="GET").json["service"]
    people = next(one for one in methods if one["service_code"] == "people")
    assert people == {
        "member_class": "GOV", "member_code": "register", "object_type": "SERVICE", "service_code": "people",
        "service_type": "OPENAPI", "subsystem_code": "population", "xroad_instance": "ALD",
        "endpoint_list": [{"method": "POST", "path": "/read"}],
    }  # fmt: skip
    assert "people" in {one["service_code"] for one in town.ask("allowedMethods", method="GET").json["service"]}
    described = town.ask("getOpenAPI", "?serviceCode=people", method="GET")
    assert described.json["openapi"] == "3.0.0"
    assert town.ask("getOpenAPI", "?serviceCode=none", method="GET").error == "Server.ServerProxy.UnknownService"


def test_the_catalogue_and_the_directory_are_public(town: Federation) -> None:
    catalogue = fetch(f"{town.benefits.address}/exchange/catalogue")
    assert catalogue.headers["content-type"] == "application/ld+json"
    assert catalogue.json["@type"] == "dcat:Catalog"
    assert any(one["@id"].endswith("/people") for one in catalogue.json["dcat:service"])
    note = fetch(f"{town.benefits.address}/exchange/directory").body
    assert note == fetch(f"{town.register.address}/exchange/directory").body
    hashes = {hash_ for (hash_,) in town.benefits.rows("SELECT hash FROM ledger_document WHERE kind = 6")}
    body = json.dumps({"version": 1, "kind": "directory", "note": note.decode()}, sort_keys=True, ensure_ascii=False)
    assert sha256(body.encode()).hexdigest() in hashes
