"""One spelling for everything: escapes, amounts, hashes, and what is not JSON at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.services.voting.engine.election import Election, RankedQuestion
from commonweal.services.voting.engine.encoding import amount, amount_json, canonical, parse
from commonweal.services.voting.engine.group import GENERATOR, ORDER
from commonweal.services.voting.engine.hashing import challenge, sha256_base64, sha256_hex
from commonweal.services.voting.engine.refusal import Reason, Refused


def test_only_what_must_be_is_escaped() -> None:
    assert canonical("é\u2028🌳/") == '"é\u2028🌳/"'.encode()
    assert canonical('"\\\b\f\n\r\t\x00\x1f\x7f') == rb'"\"\\\b\f\n\r\t\u0000\u001f\u007f"'


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf")])
def test_what_cannot_be_written(value: object) -> None:
    with pytest.raises(Refused) as refused:
        canonical(value)
    assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("extra", [b"NaN", b"1e5", b'"\\u0041"', b'"\\ud800"', b"[" * 3000 + b"]" * 3000])
def test_an_election_with_an_odd_hint_is_refused(extra: bytes) -> None:
    election = Election("A", "", GENERATOR, (RankedQuestion("Q", ("A",), "hint"),), "ABCDEFGHJKLMNP")
    with pytest.raises(Refused):
        Election.read(election.content().replace(b'"hint"', extra))


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[1,]", b"'a'", b"9" * 5000])
def test_what_is_no_json(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(content)
    assert refused.value.reason is Reason.MALFORMED


@given(st.integers(0, 2**60))
def test_amounts_are_numbers_up_to_30_bits_and_text_above(value: int) -> None:
    written = amount_json(value)
    assert isinstance(written, int) == (value < 2**30)
    assert amount(written) == value


@pytest.mark.parametrize("value", [-1, True, 1.0, None, 2**30, "", "-1", "01", "1 ", "٣", "9" * 31])
def test_other_spellings_of_amounts(value: object) -> None:
    with pytest.raises(Refused):
        amount(value)


def test_hashes() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_hex(b"") == empty
    assert challenge("") == int(empty, 16) % ORDER
    assert sha256_base64(b"") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
