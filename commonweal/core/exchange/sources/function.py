"""A function of a room's `service.py` as a service. It opens the door itself, so its own rules and evidence hold."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any

from commonweal.core.exchange.sources.call import Answer, Call, as_json
from commonweal.core.exchange.spool import IN_MEMORY
from commonweal.core.exchange.threads import with_database
from commonweal.core.identity.actors import Person


class NotOffered(ValueError):
    """The name leads to no function of a service.py."""


@dataclass(frozen=True)
class FunctionSource:
    """`module:name`, called as function(actor, person, purpose, consent=..., case=...).

    One that has a parameter `content` gets the JSON object that was sent.
    """

    name: str
    function: Callable[..., Any]
    opens_door: bool = True

    @property
    def takes_content(self) -> bool:
        """Whether the function wants what was sent."""
        return "content" in inspect.signature(self.function).parameters

    async def fetch(self, call: Call) -> Answer:
        """What the function returns, as JSON. Raises whatever it raises: Refused among others."""
        return await with_database(self.run, call)

    def run(self, call: Call) -> Answer:
        """Call the function in this thread."""
        if call.subject is None:
            return as_json(404, {"error": "nobody of this name"}, ())
        given = {"consent": call.consent, "case": call.case}
        try:
            content = {"content": _sent(call)} if self.takes_content else {}
            found = self.function(call.actor, call.subject, call.purpose, **given, **content)
        except ValueError as error:
            return as_json(400, {"error": str(error)}, ())
        except LookupError:
            return as_json(404, {"error": "nothing is kept about this person"}, ())
        return as_json(200, plain(found))


def named(name: str) -> FunctionSource:
    """The function `package.service:name`. Raises NotOffered."""
    module, _, function = name.partition(":")
    if not module.endswith(".service"):
        raise NotOffered(f"{name!r}: only functions of a service.py are offered, as package.service:name")
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError):
        raise NotOffered(f"there is no function {name!r}") from None
    return FunctionSource(name, found)


def _sent(call: Call) -> dict[str, Any]:
    """Raises ValueError."""
    if call.body.small() is None:
        raise ValueError(f"send at most {IN_MEMORY:,} bytes")
    found = call.body.json
    if not isinstance(found, dict):
        raise ValueError("send a JSON object")
    return found


def plain(value: Any) -> Any:
    """A frozen dataclass as JSON says it; people and secrets inside are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.repr}
        return {name: plain(one) for name, one in shown.items() if not isinstance(one, Person)}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value if not isinstance(one, Person)]
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    return value
