"""Codes and tokens: what is made can be read back, however it is typed, and nothing else can."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.identity import codes

CODES = st.text(alphabet=codes.ALPHABET, min_size=10, max_size=10)


@given(CODES)
def test_a_printed_code_reads_back(code: str) -> None:
    assert codes.read(codes.shown(code)) == code
    assert codes.read(f"  {code.lower()} ") == code


@given(CODES)
def test_misread_letters_are_put_right(code: str) -> None:
    typed = code.replace("0", "O").replace("1", "l")
    assert codes.read(typed) == code


@given(st.text(max_size=14))
def test_whatever_is_read_is_a_code(typed: str) -> None:
    code = codes.read(typed)
    assert code is None or (len(code) == 10 and set(code) <= set(codes.ALPHABET))


@given(CODES, CODES)
def test_hashes_differ_as_codes_do(one: str, other: str) -> None:
    assert (codes.code_hash(one) == codes.code_hash(other)) == (one == other)
    assert len(codes.code_hash(one)) == 32


def test_codes_and_tokens_do_not_repeat() -> None:
    assert len({codes.new_code() for _ in range(5_000)}) == 5_000
    tokens = {codes.new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(token.startswith("commonweal_") and len(token) == len("commonweal_") + 43 for token in tokens)
