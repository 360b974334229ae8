"""Every word that a template says to people passes through gettext."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import commonweal

UPSTREAM = "portal/components/"  # GOV.UK Frontend's own components: their words come in as parameters
HOUSE = Path(commonweal.__file__).parent
TEMPLATES = [path for path in sorted(HOUSE.glob("**/templates/**/*.html")) if UPSTREAM not in str(path)]
SAYS_NOTHING = re.compile(
    r"\{% (?P<block>blocktranslate|blocktrans|comment|verbatim)\b.*?%\}.*?\{% end(?P=block) %\}"
    r"|\{% block main_classes %\}.*?\{% endblock %\}"
    r"|<(?P<raw>script|style|svg|code)\b.*?</(?P=raw)>"  # for machines, or the same in every language
    r"|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<!--.*?-->",
    re.DOTALL,
)
SAID_BY_ATTRIBUTES = re.compile(r"\b(?:alt|title|placeholder|aria-label|content)=\"([^\"]*)\"")
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SAME_IN_EVERY_LANGUAGE = {"verify.py", "checkpoint", "vkeys", "history.json", "Commonweal"}
META = re.compile(r"<meta\b[^>]*>")


def untranslated(source: str) -> list[str]:
    """The literal words of a template that no translation can reach."""
    bare = META.sub("", SAYS_NOTHING.sub("", source))
    said = [*SAID_BY_ATTRIBUTES.findall(bare), *TAG.sub("\n", bare).splitlines()]
    words = [text.strip(" \t·:,.–()") for text in said]
    return [text for text in words if re.search(r"[^\W\d_]", text) and text not in SAME_IN_EVERY_LANGUAGE]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.as_posix().split("/templates/")[1])
def test_template_says_nothing_that_cannot_be_translated(template: Path) -> None:
    assert untranslated(template.read_text("utf-8")) == []


def test_words_outside_gettext_are_found() -> None:
    assert untranslated('<p class="a">{{ n }} people</p>') == ["people"]
    assert untranslated('<img alt="A tree"><p>{% translate "Hello" %}</p>') == ["A tree"]
    assert untranslated('{% blocktranslate trimmed %}Hello <a href="/">you</a>{% endblocktranslate %} · 3') == []
