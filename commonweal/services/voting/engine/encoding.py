"""JSON as the protocol writes it: compact, fields in a fixed order, text not escaped beyond need (guide 3.1, 3.2).

Every object has one spelling. `read` parses an object, writes it again and compares, so that nothing unknown, doubled,
reordered or oddly escaped passes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from commonweal.services.voting.engine.refusal import Reason, Refused

JSON = Any
LARGEST_NUMBER = 2**30 - 1  # larger amounts are decimal strings


class Written(Protocol):
    """Something with one JSON form."""

    def as_json(self) -> JSON:
        """The value whose canonical encoding stands in the record."""


Object = TypeVar("Object", bound=Written)


def canonical(value: JSON) -> bytes:
    """The one spelling of a JSON value, UTF-8. Raises Refused(MALFORMED) for what JSON or UTF-8 cannot carry."""
    try:
        words = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return words.replace("\x7f", "\\u007f").encode()
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.MALFORMED, "", "numbers, and text without lone surrogates", error) from None


def parse(content: bytes) -> JSON:
    """The JSON value of these bytes. Raises Refused(MALFORMED)."""
    try:
        return json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.MALFORMED, "", "JSON in UTF-8", error) from None


def read(from_json: Callable[[JSON], Object], content: bytes) -> Object:
    """The object written in these bytes. Raises Refused if it is not written in the one canonical way."""
    result = from_json(parse(content))
    require_canonical(result.as_json(), content)
    return result


def require_canonical(value: JSON, content: bytes) -> None:
    """Raises Refused(NOT_CANONICAL) with the first difference unless the bytes are the value's one spelling."""
    expected = canonical(value)
    if expected == content:
        return
    same = next((i for i, (a, b) in enumerate(zip(expected, content, strict=False)) if a != b), len(expected))
    window = slice(max(0, same - 20), same + 40)
    raise Refused(Reason.NOT_CANONICAL, f"byte {same}", expected[window], content[window])


def fields(value: JSON, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, JSON]:
    """The object's fields: all the required, none but the optional besides. Raises Refused(MALFORMED)."""
    if not isinstance(value, dict):
        raise Refused(Reason.MALFORMED, "", f"an object with {', '.join(required)}", value)
    for name in required:
        if name not in value:
            raise Refused(Reason.MALFORMED, "", f"field {name}", sorted(value))
    if len(value) > len(required):
        for name in value:
            if name not in required and name not in optional:
                raise Refused(Reason.MALFORMED, "", f"only {', '.join(required + optional)}", name)
    return value


def members(value: JSON) -> dict[str, JSON]:
    """The object, whatever its fields. Raises Refused(MALFORMED)."""
    if not isinstance(value, dict):
        raise Refused(Reason.MALFORMED, "", "an object", value)
    return value


def boolean(value: JSON) -> bool:
    """True or false. Raises Refused(MALFORMED)."""
    if not isinstance(value, bool):
        raise Refused(Reason.MALFORMED, "", "true or false", value)
    return value


def items(value: JSON, length: int | None = None) -> list[JSON]:
    """The list, of the length if one is given. Raises Refused(MALFORMED)."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        wanted = "a list" if length is None else f"a list of {length}"
        raise Refused(Reason.MALFORMED, "", wanted, value if not isinstance(value, list) else f"{len(value)} items")
    return value


def string(value: JSON) -> str:
    """The text. Raises Refused(MALFORMED)."""
    if not isinstance(value, str):
        raise Refused(Reason.MALFORMED, "", "a string", value)
    return value


def encoded(value: JSON) -> bytes:
    """The text as UTF-8. Raises Refused(MALFORMED) for what is no text, or one that UTF-8 cannot carry."""
    try:
        return string(value).encode()
    except UnicodeEncodeError:
        raise Refused(Reason.MALFORMED, "", "text without lone surrogates", "another") from None


def number(value: JSON) -> int:
    """A small whole number from 0. Raises Refused(MALFORMED)."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_NUMBER:
        raise Refused(Reason.MALFORMED, "", f"a whole number from 0 to {LARGEST_NUMBER}", value)
    return value


def amount(value: JSON) -> int:
    """A weight or count from 0: a number up to 2**30 - 1, a decimal string above. Raises Refused."""
    if isinstance(value, str):
        return decimal(value)
    return number(value)


def decimal(words: str) -> int:
    """A decimal text without leading zero, at most 30 digits. Raises Refused(MALFORMED)."""
    if not (words.isascii() and words.isdigit() and len(words) <= 30) or (words[0] == "0" and words != "0"):
        raise Refused(Reason.MALFORMED, "", "decimal digits without leading zero, at most 30", words)
    return int(words)


def amount_json(value: int) -> JSON:
    """How an amount is written: as a number, or as a decimal string above 2**30 - 1."""
    return value if value <= LARGEST_NUMBER else str(value)


def without_absent(value: dict[str, JSON]) -> dict[str, JSON]:
    """The object with its absent optional fields left out: null is never written."""
    return {name: item for name, item in value.items() if item is not None}
