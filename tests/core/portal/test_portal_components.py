"""Our components against the 725 examples that GOV.UK Frontend publishes with its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from commonweal.core.portal.components import UnknownComponent, render

PACKAGE = Path(__file__).parents[3] / "node_modules/govuk-frontend/dist/govuk/components"
FIXTURES = 725
MATCHED = 725

INLINE = {"a", "b", "em", "option", "span", "strong", "textarea"}

Fixture = dict[str, Any]


def fixtures() -> list[tuple[str, Fixture]]:
    return [
        (path.parent.name, fixture)
        for path in sorted(PACKAGE.glob("*/fixtures.json"))
        for fixture in json.loads(path.read_text())["fixtures"]
    ]


def trusted(value: Any, name: str = "") -> Any:
    """The options with their HTML marked as safe, which our components ask of whoever passes HTML."""
    if isinstance(value, dict):
        return {key: trusted(item, key if name != "slots" else "html") for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    raw = name.lower().endswith("html") or name == "attributes"
    return SafeString(value) if raw and isinstance(value, str) else value


def canonical(html: str) -> str:
    """Parsed HTML, one node a line: attributes sorted, white space collapsed, and dropped at the edges of blocks."""
    lines: list[str] = []

    def walk(element: Any, depth: int) -> None:
        attributes = sorted((key, " ".join(value.split())) for key, value in element.attrib.items())
        lines.append("  " * depth + " ".join([element.tag, *(f'{key}="{value}"' for key, value in attributes)]))
        inside = element.tag in INLINE
        children = [child for child in element if isinstance(child.tag, str)]
        before = inside
        write(element.text, depth + 1, before, children[0].tag in INLINE if children else inside)
        for child, following in zip(children, [*children, None][1:], strict=True):
            walk(child, depth + 1)
            after = following.tag in INLINE if following is not None else inside
            write(child.tail, depth + 1, child.tag in INLINE, after)

    def write(text: str | None, depth: int, inline_before: bool, inline_after: bool) -> None:
        words = re.sub(r"\s+", " ", text or "")
        words = words if inline_before else words.lstrip()
        words = words if inline_after else words.rstrip()
        if words:
            lines.append("  " * depth + repr(words))

    for element in html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False):
        walk(element, 0)
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def ours(component: str, fixture: Fixture) -> str:
    options = trusted(fixture["options"])
    if component in ("header", "footer"):
        options = with_emblems(component, options, fixture["html"])
    return render(component, options)


def with_emblems(component: str, options: Fixture, html: str) -> Fixture:
    """Our header and footer carry no emblem, licence or owner by themselves: the test hands them those of gov.uk."""
    emblem, *licence = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    given = {"logo_html": SafeString(emblem), **options}
    if component == "header":
        return {"homepage_url": "//gov.uk", **given}
    if licence:
        given["licence_logo_html"] = SafeString(licence[0])
        if not (options.get("contentLicence") or {}):
            text = re.search(r"licence-description\">(.*?)</span>", html, re.DOTALL)
            given["content_licence"] = {"html": SafeString(text[1])}
            given.pop("contentLicence", None)
    owner = re.search(r"copyright-logo\"\s+href=\"([^\"]*)\"\s*>(.*?)</a>", html, re.DOTALL)
    given["copyright"] = {"html": SafeString(owner[2]), "href": owner[1]}
    return given


@pytest.mark.skipif(not PACKAGE.exists(), reason="npm's govuk-frontend is not installed")
def test_components_match_the_published_fixtures(capsys: pytest.CaptureFixture[str]) -> None:
    mismatches = []
    examples = fixtures()
    for component, fixture in examples:
        try:
            same = canonical(ours(component, fixture)) == canonical(fixture["html"])
        except UnknownComponent:
            same = False
        if not same:
            mismatches.append(f"{component}: {fixture['name']}")
    matched = len(examples) - len(mismatches)
    with capsys.disabled():
        print(f"\nGOV.UK Frontend fixtures matched: {matched} of {len(examples)} ({matched / len(examples):.1%})")
        for name in mismatches:
            print("  differs:", name)
    assert len(examples) == FIXTURES
    assert matched >= MATCHED
