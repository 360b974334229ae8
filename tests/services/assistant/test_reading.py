"""What a page is read into, also where it was written to be hard to read."""

from __future__ import annotations

from time import process_time

import pytest

from commonweal.services.assistant.engine.passages import Page, passages_of
from commonweal.services.assistant.publishing import html_page

MANY = 20_000
HARD = {
    "links that never close": "[" * MANY,
    "emphasis that never closes": "**a " * MANY,
    "a heading of hash signs": "#" * MANY + "a",
    "a heading with a gap": "# a" + " " * MANY + "b",
    "liquid that never closes": "{%" * MANY + "{{" * MANY,
    "front matter of empty lines": "---" + "\n" * MANY + "a",
    "dots without a space": "a" + "." * MANY + "b",
    "tags that never close": "<a " * MANY,
    "attributes that never close": '<a x="' * MANY,
    "comments that never close": "<!-- a>" * MANY,
    "sections that never close": "<![CDATA[ a>" * MANY,
    "navigation closed as a form": "<nav>" * MANY + "</form>" * MANY,
}


@pytest.mark.parametrize("source", HARD.values(), ids=HARD)
def test_no_page_takes_long_to_read(source: str) -> None:
    begun = process_time()
    for format in ("markdown", "html"):
        passages_of(Page("page", "Page", source, format=format))
    html_page.read(source)
    assert process_time() - begun < 2


def test_headings_are_without_their_signs() -> None:
    source = "# One #\n## Two ## {#second}\n### C# and F#s\n#### {#mine}\n#Five"
    found = [(one.level, one.anchor) for one in Page("page", "Page", source).readable().blocks]
    assert Page("page", "Page", source).readable().text == "One\nTwo\nC# and F#s\n{#mine}\nFive"
    assert found == [(1, "one"), (2, "second"), (3, "c-and-f-s"), (4, "mine"), (1, "five")]


@pytest.mark.parametrize("section", ["<![x]>", "<![ if]>", "<![", "<![endif]>"])
def test_a_section_that_nobody_knows_is_no_reason_to_fail(section: str) -> None:
    for format in ("markdown", "html"):
        text = Page("page", "Page", f"Bring this {section} form.", format=format).readable().text
        assert (text.split()[0], text.split()[-1]) == ("Bring", "form.")
    assert html_page.read(f"<main>Bring {section} it</main>").main.startswith("Bring")
