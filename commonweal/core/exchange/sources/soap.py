"""A SOAP service behind the node, through zeep (an optional package): JSON in, JSON out.

The parameters of the query and of a JSON body become the operation's arguments, `subject` the person's identifier.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.sources.call import Answer, Call, SourceFailed, as_json, matching
from commonweal.core.exchange.sources.files import parameters


class NoSoap(ValueError):
    """The package for SOAP is not installed, or the service's description cannot be read."""


@dataclass
class SoapSource:
    """Operations of the service that `wsdl` describes; `address` replaces the one in it; `timeout` in seconds."""

    wsdl: str
    operations: Mapping[Endpoint, str]
    address: str
    timeout: float
    opens_door: bool = False
    _client: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def fetch(self, call: Call) -> Answer:
        """The operation's answer as JSON. Raises SourceFailed."""
        operation = self.operations[_one(matching(tuple(self.operations), call.method, call.path))]
        stated = parameters(call) | ({"subject": call.identifier} if call.identifier else {})
        return as_json(200, await asyncio.to_thread(self._ask, operation, stated))

    def client(self) -> Any:
        """zeep's client; reads the description once. Raises NoSoap."""
        with self._lock:
            if self._client is None:
                zeep, transports = import_module("zeep"), import_module("zeep.transports")
                transport = transports.Transport(timeout=self.timeout, operation_timeout=self.timeout)
                transport.session.trust_env = False
                try:
                    self._client = zeep.Client(self.wsdl, transport=transport)
                except Exception as error:
                    raise NoSoap(f"the description {self.wsdl} cannot be read: {error}") from error
            return self._client

    def _ask(self, operation: str, stated: Mapping[str, Any]) -> Any:
        exceptions, helpers = import_module("zeep.exceptions"), import_module("zeep.helpers")
        requests = import_module("requests.exceptions")
        try:
            client = self.client()
            service = client.service
            if self.address:
                binding = next(iter(client.wsdl.bindings))
                service = client.create_service(binding, self.address)
            answer = service[operation](**stated)
        except exceptions.Fault as error:
            raise SourceFailed("ServiceFailed", f"The service answers a fault: {error.message}") from error
        except requests.Timeout as error:
            raise SourceFailed("ServiceTimeout", f"The service did not answer within {self.timeout:g} s") from error
        except (requests.RequestException, NoSoap) as error:
            raise SourceFailed("NetworkError", f"The service cannot be reached: {type(error).__name__}") from error
        except (exceptions.Error, TypeError) as error:
            raise SourceFailed("BadRequest", f"The operation does not take these parameters: {error}") from error
        return {"answer": helpers.serialize_object(answer, dict)}


def source(wsdl: str, operations: Mapping[Endpoint, str], address: str, timeout: float) -> SoapSource:
    """Raises NoSoap when zeep is not installed."""
    if not find_spec("zeep"):
        raise NoSoap("[soap] needs the package zeep: pip install 'commonweal[soap]'")
    return SoapSource(wsdl, operations, address, timeout)


def _one(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise SourceFailed("UnknownEndpoint", "The service has no such endpoint")
    return endpoint
