"""The values in a COBOL record's bytes: characters, zoned and packed decimals, binary and hexadecimal floating numbers.

Sign codes and formats: z/Architecture Principles of Operation, "Decimal Instructions" and "Hexadecimal-Floating-Point";
Enterprise COBOL for z/OS Programming Guide, "Formats for numeric data". In files in ASCII an overpunched sign is read
as the letters that its EBCDIC form prints as, or as Micro Focus and GnuCOBOL write it (p to y for -0 to -9).
"""

from __future__ import annotations

from decimal import Decimal

from commonweal.services.registry.engine.copybook import Item

EBCDIC = frozenset({"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"})  # those that Python has
PLUS, MINUS = frozenset(b"\x0a\x0c\x0e\x0f"), frozenset(b"\x0b\x0d")
_OVERPUNCH = {ord(letter): (n, sign) for letters, sign in (("{ABCDEFGHI", 1), ("}JKLMNOPQR", -1), ("pqrstuvwxy", -1))
              for n, letter in enumerate(letters)}  # fmt: skip

Value = str | Decimal | None


class BadValue(ValueError):
    """These bytes are not what the copybook says they are; the text says what is wrong and the remedy."""


def value(item: Item, data: bytes, encoding: str) -> Value:
    """The value of an item's bytes: a number as Decimal, characters without the spaces after them.

    None for a number that is not filled in: spaces, LOW-VALUES or HIGH-VALUES. Raises BadValue.
    """
    picture = item.picture
    if item.usage in ("float", "double"):
        return _hexadecimal_float(data)
    if picture is None:
        raise TypeError(f"{item.name} is a group")
    if picture.kind != "number":
        return _characters(data, "utf-16-be" if picture.kind == "national" else encoding)
    if item.usage in ("binary", "native"):
        whole = _binary(item, data)
    elif not data.strip(b"\0") or (item.usage == "display" and _not_filled_in(data, encoding)):
        return None
    elif item.usage == "packed":
        whole = _packed(data, signed=picture.signed, even=picture.digits % 2 == 0)
    else:
        whole = _zoned(item, data, ebcdic=encoding in EBCDIC)
    return Decimal(f"{whole}E{-picture.scale}")  # exact, whatever the context's precision


def written(item: Item, found: Value) -> str:
    """A value as the text that a mapping's formats apply to: an unsigned whole number keeps all its digits.

    `PIC 9(8)` that holds 19840327 gives "19840327", and one that holds 42 gives "00000042".
    """
    if found is None:
        return ""
    if isinstance(found, str):
        return found
    picture = item.picture
    if picture and not picture.signed and picture.scale == 0:
        return str(int(found)).zfill(picture.digits)
    return f"{found:f}"


def _characters(data: bytes, encoding: str) -> str:
    if not data.strip(b"\0") or not data.strip(b"\xff"):
        return ""
    try:
        return data.decode(encoding).rstrip(" ")
    except UnicodeDecodeError as error:
        raise BadValue(
            f"byte 0x{data[error.start]:02x} cannot be read as {encoding}; "
            "set `encoding` in the mapping to the file's own"
        ) from None


def _not_filled_in(data: bytes, encoding: str) -> bool:
    return not data.strip(b"\x40" if encoding in EBCDIC else b" ") or not data.strip(b"\xff")


def _binary(item: Item, data: bytes) -> int:
    picture = item.picture
    assert picture is not None  # noqa: S101 - _whole() saw to it
    found = int.from_bytes(data, "big", signed=picture.signed)
    if item.usage == "binary" and abs(found) >= 10**picture.digits:
        raise BadValue(f"holds {found}, more than its {picture.digits} digits; the copybook does not fit")
    return found


def _packed(data: bytes, *, signed: bool, even: bool) -> int:
    digits, sign = data.hex()[:-1], data[-1] & 0x0F
    if not digits.isdecimal() or sign not in PLUS | MINUS or (even and digits[0] != "0"):
        raise BadValue(f"holds the bytes {data.hex()}, no packed decimal number; the copybook does not fit")
    if sign in MINUS and not signed:
        raise BadValue(f"holds the bytes {data.hex()}, a number below zero; the copybook says it has no sign")
    return -int(digits) if sign in MINUS else int(digits)


def _zoned(item: Item, data: bytes, *, ebcdic: bool) -> int:
    picture = item.picture
    assert picture is not None  # noqa: S101 - _whole() saw to it
    sign = 1
    digits = data
    if item.sign_apart:
        mark, digits = (data[:1], data[1:]) if item.sign_leads else (data[-1:], data[:-1])
        signs = {b"\x4e": 1, b"\x60": -1} if ebcdic else {b"+": 1, b"-": -1}
        if mark not in signs:
            raise _not_zoned(data)
        sign = signs[mark]
    elif picture.signed:
        place = 0 if item.sign_leads else len(data) - 1
        digit, sign = _overpunched(data, place, ebcdic=ebcdic)
        digits = data[:place] + bytes([digit | (0xF0 if ebcdic else 0x30)]) + data[place + 1 :]
    text = digits.decode("cp037" if ebcdic else "latin-1")
    if not (text.isascii() and text.isdecimal()):
        raise _not_zoned(data)
    return sign * int(text)


def _overpunched(data: bytes, place: int, *, ebcdic: bool) -> tuple[int, int]:
    """The digit and the sign of the byte that carries both."""
    byte = data[place]
    zone, digit = byte >> 4, byte & 0x0F
    if not ebcdic and zone != 3:
        if byte not in _OVERPUNCH:
            raise _not_zoned(data)
        return _OVERPUNCH[byte]
    if digit > 9 or (ebcdic and zone not in PLUS | MINUS):
        raise _not_zoned(data)
    return digit, -1 if ebcdic and zone in MINUS else 1


def _not_zoned(data: bytes) -> BadValue:
    return BadValue(
        f"holds the bytes {data[:16].hex()}, no number in digits; the copybook or the encoding does not fit"
    )


def _hexadecimal_float(data: bytes) -> Decimal:
    """Sign, seven bits of exponent to the base 16 with 64 added, and a fraction below 1; to 28 digits."""
    fraction = int.from_bytes(data[1:], "big") * (-1 if data[0] & 0x80 else 1)
    twos = 4 * ((data[0] & 0x7F) - 64) - 8 * (len(data) - 1)
    if twos >= 0:
        return Decimal(fraction * 2**twos)
    return Decimal(f"{fraction * 5**-twos}E{twos}").normalize()
