"""What schema.org says about a page, in JSON-LD: a public service, questions with their answers, until when it holds.

https://schema.org/GovernmentService, https://schema.org/FAQPage, https://www.w3.org/TR/json-ld11/ (compacted, without
fetching any context).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.services.assistant.engine.reading import read_html

SERVICE, QUESTIONS = "GovernmentService", "FAQPage"
Node = dict[str, Any]


class BadLinkedData(ValueError):
    """It is not JSON-LD; the text says why."""


@dataclass(frozen=True)
class Described:
    """What the data say. `owners` are names and codes of who provides it, `review` is an ISO date."""

    title: str = ""
    description: str = ""
    owners: tuple[str, ...] = ()
    topic: str = ""
    address: str = ""
    review: str = ""
    area: str = ""
    telephone: str = ""
    questions: tuple[tuple[str, str], ...] = ()


def read(texts: Iterable[str]) -> Described:
    """What the scripts of a page, or one file, say together; the first service and the first list of questions count.

    Raises BadLinkedData.
    """
    nodes = [node for text in texts for node in _nodes(_parsed(text))]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    service, asked = _first(nodes, SERVICE), _first(nodes, QUESTIONS)
    about = [service, asked, _first(nodes, "WebPage")]
    return Described(
        title=_text(service, "name") or _text(asked, "name", "headline"),
        description=_plain(_text(service, "description") or _text(asked, "description")),
        owners=tuple(name for one in about for name in _owners(one, named)),
        topic=_text(service, "serviceType", "category"),
        address=next((url for url in _addresses(service, asked, named) if url.startswith(("https://", "http://"))), ""),
        review=next((day[:10] for one in about if (day := _text(one, "expires"))), ""),
        area=", ".join(filter(None, (_text(one, "name") for one in _things(service, "areaServed", named)))),
        telephone=next(filter(None, _telephones(service, named)), ""),
        questions=tuple(_questions(asked, named)),
    )


def missing_questions(described: Described, source: str) -> str:
    """The questions and answers, as HTML, that the page's words have not visibly already."""
    visible = _folded(read_html(source).text)
    return "".join(
        f"\n<h2>{escape(question)}</h2>\n{_paragraphs(answer)}"
        for question, answer in described.questions
        if _folded(read_html(answer).text) not in visible
    )


def page_of(described: Described, language: str) -> str:
    """A page, as HTML, of what the data alone say."""
    with override(language):
        facts = [
            _("Where it is offered: %(area)s") % {"area": described.area} if described.area else "",
            _("Telephone: %(number)s") % {"number": described.telephone} if described.telephone else "",
        ]
    said = "\n".join(f"<p>{escape(one)}</p>" for one in (described.description, *facts) if one)
    return f"<h1>{escape(described.title)}</h1>\n{said}{missing_questions(described, '')}"


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise BadLinkedData("is nested too deeply") from None
    except ValueError as error:
        raise BadLinkedData(f"is not JSON: {error}") from None


def _nodes(found: object) -> Iterator[Node]:
    """The things at the top, and those in a `@graph`."""
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from (each for each in graph if isinstance(each, dict)) if isinstance(graph, list) else ()


def _first(nodes: Iterable[Node], type_: str) -> Node:
    return next((node for node in nodes if type_ in _types(node)), {})


def _types(node: Node) -> set[str]:
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return {name.removeprefix("schema:").rpartition("/")[2] for name in names if isinstance(name, str)}


def _things(node: Node, name: str, named: dict[str, Node]) -> list[Node]:
    """What a property names: things, by reference or in place; a mere text is a thing of that name."""
    given = node.get(name)
    found = []
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, dict):
            found.append(named.get(str(one.get("@id")), one))
        elif isinstance(one, str):
            found.append({"name": one})
    return found


def _text(node: Node, *names: str) -> str:
    """The first of these properties that has words."""
    for name in names:
        given = node.get(name)
        for one in given if isinstance(given, list) else [given]:
            value = one.get("@value", one.get("name")) if isinstance(one, dict) else one
            if isinstance(value, str) and value.strip():
                return value.strip()
    return ""


def _owners(node: Node, named: dict[str, Node]) -> Iterator[str]:
    for property_ in ("provider", "serviceOperator", "publisher"):
        for one in _things(node, property_, named):
            yield from filter(None, (_text(one, name) for name in ("identifier", "name", "legalName")))


def _addresses(service: Node, asked: Node, named: dict[str, Node]) -> Iterator[str]:
    yield _text(service, "serviceUrl")
    yield from (_text(one, "serviceUrl") for one in _things(service, "availableChannel", named))
    yield _text(service, "url")
    yield _text(asked, "url")


def _telephones(service: Node, named: dict[str, Node]) -> Iterator[str]:
    for channel in _things(service, "availableChannel", named):
        yield from (_text(phone, "telephone", "name") for phone in _things(channel, "servicePhone", named))
    for provider in _things(service, "provider", named):
        yield _text(provider, "telephone")


def _questions(asked: Node, named: dict[str, Node]) -> Iterator[tuple[str, str]]:
    for question in _things(asked, "mainEntity", named):
        words = _plain(_text(question, "name", "text"))
        answers = _things(question, "acceptedAnswer", named)
        answer = next((said for one in answers if (said := _text(one, "text", "name"))), "")
        if words and _plain(answer):
            yield words, answer


def _plain(html: str) -> str:
    """Words without tags: schema.org lets texts be HTML."""
    return " ".join(read_html(html).text.split())


def _paragraphs(html: str) -> str:
    return "\n".join(f"<p>{escape(line)}</p>" for line in read_html(html).text.split("\n"))


def _folded(text: str) -> str:
    return "".join(text.casefold().split())
