"""Personal details are masked, ordinary numbers are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.services.assistant.engine.masking import details, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail a.b+c@example.org please", "Mail [mail] please"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [iban] please"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("appelez le 06 12 34 56 78", "appelez le [phone]"),
        ("هاتفي ٠٥٠١٢٣٤٥٦٧", "هاتفي [phone]"),
        ("my number is AB 12 34 56 C", "my number is [identifier]"),
        ("DNI 12345678Z", "DNI [identifier]"),
        ("I was born on 3 May 1980", "I was born on [date of birth]"),
        ("née le 12/03/1975", "née le [date of birth]"),
        ("I live at 12 Old Mill Road", "I live at [address]"),
        ("j'habite 12 rue de la Paix", "j'habite [address]"),
        ("vivo en la calle Mayor 12", "vivo en la [address]"),
        ("My name is Anna Berg and I ask", "My name is [name] and I ask"),
        ("اسمي أحمد", "اسمي [name]"),
    ],
)
def test_detail_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    ["I pay 1,200 euros since 2019", "form 20-0995, by 10 May 2024", "open 9-17, Monday to Friday", "from 2019-2020"],
)
def test_ordinary_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_a_wrong_check_digit_is_no_iban() -> None:
    assert all(detail.kind != "iban" for detail in details("DE88 3704 0044 0532 0130 00"))


def test_a_name_without_announcement_stays() -> None:
    assert mask("Anna Berg asks") == "Anna Berg asks"


@given(st.text(max_size=200))
def test_details_lie_in_the_text_and_apart(text: str) -> None:
    at = 0
    for detail in details(text):
        assert at <= detail.start < detail.end <= len(text)
        at = detail.end
