"""A SOAP service is offered by TOML alone (zeep is an optional package)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import ACCESS, HEAD, Federation
from tests.core.exchange.federation import SUBJECT as ABOUT

pytest.importorskip("zeep", reason="zeep is not installed: pip install 'commonweal[soap]'")
NAMESPACE = "urn:pensions"
WSDL = f"""<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
             xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}">
 <types><xsd:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
  <xsd:element name="GetPension"><xsd:complexType><xsd:sequence>
   <xsd:element name="subject" type="xsd:string"/><xsd:element name="year" type="xsd:int" minOccurs="0"/>
  </xsd:sequence></xsd:complexType></xsd:element>
  <xsd:element name="GetPensionAnswer"><xsd:complexType><xsd:sequence>
   <xsd:element name="amount" type="xsd:decimal"/><xsd:element name="since" type="xsd:date"/>
  </xsd:sequence></xsd:complexType></xsd:element>
 </xsd:schema></types>
 <message name="In"><part name="parameters" element="t:GetPension"/></message>
 <message name="Out"><part name="parameters" element="t:GetPensionAnswer"/></message>
 <portType name="Port"><operation name="GetPension">
  <input message="t:In"/><output message="t:Out"/></operation></portType>
 <binding name="Binding" type="t:Port">
  <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="GetPension"><soap:operation soapAction=""/>
   <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
 </binding>
 <service name="Pensions"><port name="Port" binding="t:Binding"><soap:address location="http://127.0.0.1:9/"/></port></service>
</definitions>"""
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'


class Pensions(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = 200
        if ">2001<" in body:
            time.sleep(2)
        if ">2002<" in body:
            status, answer = (
                500,
                "<s:Fault><faultcode>s:Server</faultcode><faultstring>closed today</faultstring></s:Fault>",
            )
        else:
            amount = "812.50" if "70010100001" in body else "0"
            answer = (
                f'<a:GetPensionAnswer xmlns:a="{NAMESPACE}"><a:amount>{amount}</a:amount>'
                "<a:since>2020-01-01</a:since></a:GetPensionAnswer>"
            )
        sent = ENVELOPE.format(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who was too slow is not listened to any more
            self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def pensions(town: Federation) -> Iterator[Federation]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pensions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (town.register.home / "offers/pensions.wsdl").write_text(WSDL)
    endpoint = '[[endpoint]]\nmethod = "POST"\npath = "/pension"\n'
    source = f'[soap]\nwsdl = "pensions.wsdl"\naddress = "http://127.0.0.1:{server.server_port}/"\ntimeout = 1\n'
    operation = '[[soap.operation]]\nendpoint = "POST /pension"\nname = "GetPension"\n'
    town.offer("pensions", HEAD.format(code="pensions") + endpoint + ABOUT + ACCESS + source + operation)
    yield town
    server.shutdown()


def ask(town: Federation, **parameters: Any) -> Any:
    return town.ask("pensions", "/pension", body=json.dumps(SUBJECT | parameters).encode())


def test_an_operation_answers_in_json(pensions: Federation) -> None:
    assert ask(pensions, year=2020).json == {"answer": {"amount": "812.50", "since": "2020-01-01"}}
    assert pensions.register.records()[-1]["action"] == "exchange.provide"


def test_faults_slowness_and_wrong_parameters(pensions: Federation) -> None:
    answer = ask(pensions, year=2002)
    assert (answer.error, "closed today" in answer.json["message"]) == ("Server.ServerProxy.ServiceFailed", True)
    assert ask(pensions, year=2001).error == "Server.ServerProxy.ServiceTimeout"
    assert ask(pensions, colour="red").error == "Server.ServerProxy.BadRequest"
